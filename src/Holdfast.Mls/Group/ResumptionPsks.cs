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

    /// <summary>The records that differ between two states, of which the older may be missing.</summary>
    internal static void Compare(ResumptionPsks? older, ResumptionPsks newer, RecordChanges changes)
    {
        foreach (var (epoch, psk) in newer._psks)
        {
            var before = older?.Find(epoch);
            if (before is null || !before.EqualsFixedTime(psk.Reveal()))
                changes.Change(NameOf(epoch), SecretRecord.Of(before), SecretRecord.Of(psk));
        }
        foreach (var (epoch, psk) in older?._psks ?? [])
        {
            if (newer.Find(epoch) is null) changes.Change(NameOf(epoch), SecretRecord.Of(psk), null);
        }
    }

    /// <summary>Reads the keys, which must be of epochs before <paramref name="epoch"/>.</summary>
    /// <exception cref="CodecException">A record is damaged.</exception>
    internal static ResumptionPsks Restore(StateReading records, CipherSuite suite, ulong epoch)
    {
        var psks = new ResumptionPsks();
        foreach (var name in records.Keys(RecordType.ResumptionPsk))
        {
            if (name.Epoch >= epoch) throw new CodecException("group state: a resumption key of an epoch that is not past");
            psks._psks.Add((name.Epoch, SecretRecord.Decode(records.Take(name), suite.Hkdf.HashSize)));
        }
        return psks;
    }

    public void Dispose()
    {
        foreach (var (_, psk) in _psks) psk.Dispose();
    }

    private static RecordKey NameOf(ulong epoch) => new(RecordType.ResumptionPsk, epoch);
}
