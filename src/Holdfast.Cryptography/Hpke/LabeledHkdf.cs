using System.Buffers.Binary;

namespace Holdfast.Cryptography;

/// <summary>RFC 9180 §4: LabeledExtract and LabeledExpand, bound to one suite.</summary>
internal sealed class LabeledHkdf
{
    private readonly Hkdf _hkdf;
    private readonly byte[] _suite;

    /// <param name="hkdf">The hash underneath.</param>
    /// <param name="purpose">"KEM" or "HPKE".</param>
    /// <param name="ids">The ids that name the suite (RFC 9180 §4.1, §5.1).</param>
    internal LabeledHkdf(Hkdf hkdf, ReadOnlySpan<byte> purpose, ReadOnlySpan<ushort> ids)
    {
        _hkdf = hkdf;
        _suite = new byte[purpose.Length + (2 * ids.Length)];
        purpose.CopyTo(_suite);
        for (int i = 0; i < ids.Length; i++)
            BinaryPrimitives.WriteUInt16BigEndian(_suite.AsSpan(purpose.Length + (2 * i)), ids[i]);
    }

    internal Secret Extract(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> label, ReadOnlySpan<byte> inputKey)
    {
        using var labeled = Join("HPKE-v1"u8, _suite, label, inputKey);
        return _hkdf.Extract(salt, labeled.Reveal());
    }

    internal Secret Expand(ReadOnlySpan<byte> pseudorandomKey, ReadOnlySpan<byte> label, ReadOnlySpan<byte> info, int length) =>
        _hkdf.Expand(pseudorandomKey, [(byte)(length >> 8), (byte)(length & 0xff), .. "HPKE-v1"u8, .. _suite, .. label, .. info], length);

    /// <summary>The concatenation, as a secret because its last part may be one.</summary>
    private static Secret Join(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c, ReadOnlySpan<byte> d)
    {
        var joined = new Secret(a.Length + b.Length + c.Length + d.Length);
        var target = joined.Fill();
        a.CopyTo(target);
        b.CopyTo(target[a.Length..]);
        c.CopyTo(target[(a.Length + b.Length)..]);
        d.CopyTo(target[(a.Length + b.Length + c.Length)..]);
        return joined;
    }
}
