using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §8.4: the resumption keys of a group's past epochs, newest last; it owns them.</summary>
internal sealed class ResumptionPsks : IDisposable
{
    private readonly List<(ulong Epoch, Secret Psk)> _psks = [];

    /// <summary>The key of that epoch, borrowed, or null where it is not kept.</summary>
    internal Secret? Find(ulong epoch) => _psks.Find(entry => entry.Epoch == epoch).Psk;

    /// <summary>A copy that also has the key of the epoch that ends, and of the older ones only the newest.</summary>
    internal ResumptionPsks Next(ulong epoch, Secret psk, int keep)
    {
        var next = new ResumptionPsks();
        if (keep <= 0) return next;
        foreach (var (older, secret) in _psks.TakeLast(keep - 1)) next._psks.Add((older, Secret.CopyOf(secret.Reveal())));
        next._psks.Add((epoch, Secret.CopyOf(psk.Reveal())));
        return next;
    }

    internal void Encode(TlsWriter writer) => writer.WriteVector(_psks, static (output, entry) =>
    {
        output.WriteUInt64(entry.Epoch);
        output.WriteOpaque(entry.Psk.Reveal());
    });

    internal static ResumptionPsks Decode(ref TlsReader reader)
    {
        var psks = new ResumptionPsks();
        psks._psks.AddRange(reader.ReadVector(static (ref TlsReader input) =>
            (input.ReadUInt64(), Secret.CopyOf(input.ReadOpaque(MlsLimits.MaxHashSize)))));
        return psks;
    }

    public void Dispose()
    {
        foreach (var (_, psk) in _psks) psk.Dispose();
    }
}
