using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Holdfast.Cryptography;

/// <summary>RFC 9180 §4: LabeledExtract and LabeledExpand, bound to one suite.</summary>
internal sealed class LabeledHkdf
{
    private const int OnStack = 256;

    private readonly Hkdf _hkdf;
    private readonly byte[] _suite;

    private static ReadOnlySpan<byte> Version => "HPKE-v1"u8;

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

    internal int HashSize => _hkdf.HashSize;

    internal Secret Extract(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> label, ReadOnlySpan<byte> inputKey)
    {
        var secret = new Secret(_hkdf.HashSize);
        Extract(salt, label, inputKey, secret.Fill());
        return secret;
    }

    internal Secret Expand(ReadOnlySpan<byte> pseudorandomKey, ReadOnlySpan<byte> label, ReadOnlySpan<byte> info, int length)
    {
        var secret = new Secret(length);
        Expand(pseudorandomKey, label, info, secret.Fill());
        return secret;
    }

    /// <summary>The same without an allocation; wiping the output is the caller's.</summary>
    internal void Extract(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> label, ReadOnlySpan<byte> inputKey, Span<byte> output)
    {
        int length = Version.Length + _suite.Length + label.Length + inputKey.Length;
        Span<byte> input = length > OnStack ? new byte[length] : stackalloc byte[OnStack];
        int written = Join(input, label, inputKey);
        _hkdf.Extract(salt, input[..written], output);
        CryptographicOperations.ZeroMemory(input[..written]);
    }

    /// <summary>The same without an allocation; wiping the output is the caller's.</summary>
    internal void Expand(ReadOnlySpan<byte> pseudorandomKey, ReadOnlySpan<byte> label, ReadOnlySpan<byte> info, Span<byte> output)
    {
        int length = sizeof(ushort) + Version.Length + _suite.Length + label.Length + info.Length;
        Span<byte> input = length > OnStack ? new byte[length] : stackalloc byte[OnStack];
        BinaryPrimitives.WriteUInt16BigEndian(input, (ushort)output.Length);
        int written = sizeof(ushort) + Join(input[sizeof(ushort)..], label, info);
        _hkdf.Expand(pseudorandomKey, input[..written], output);
    }

    private int Join(Span<byte> target, ReadOnlySpan<byte> label, ReadOnlySpan<byte> last)
    {
        Version.CopyTo(target);
        int length = Version.Length;
        _suite.CopyTo(target[length..]);
        length += _suite.Length;
        label.CopyTo(target[length..]);
        length += label.Length;
        last.CopyTo(target[length..]);
        return length + last.Length;
    }
}
