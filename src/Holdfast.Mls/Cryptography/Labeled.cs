using System.Buffers.Binary;
using System.Text;
using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>The suite's functions with a label, so that no value made for one purpose serves another (RFC 9420 §5.1.2–§5.2, §8).</summary>
public static class Labeled
{
    /// <summary>RFC 9420 §2.1.2: vectors shorter than this have a length of one byte.</summary>
    private const int ShortVector = 64;

    private const int ShortKdfLabelSize = 2 + (2 * ShortVector);   // the output's length, and two vectors of at most 63 bytes after theirs

    /// <summary>RFC 9420 §5.2 RefHash: the label is used as it is.</summary>
    public static byte[] RefHash(this CipherSuite suite, string label, ReadOnlySpan<byte> value)
    {
        using var input = new TlsWriter(label.Length + value.Length + 8);
        input.WriteText(label);
        input.WriteOpaque(value);
        return suite.Hkdf.Hash(input.Written);
    }

    /// <summary>RFC 9420 §5.1.2 SignWithLabel; the key is one of <paramref name="suite"/>.</summary>
    public static byte[] SignWithLabel(this CipherSuite suite, SignatureKey key, string label, ReadOnlySpan<byte> content)
    {
        using var signed = WithContext(label, content);
        return key.Sign(signed.Written);
    }

    /// <summary>RFC 9420 §5.1.2 VerifyWithLabel.</summary>
    public static bool VerifyWithLabel(
        this CipherSuite suite, ReadOnlySpan<byte> publicKey, string label, ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature)
    {
        using var signed = WithContext(label, content);
        return suite.Signature.Verify(publicKey, signed.Written, signature);
    }

    /// <summary>RFC 9420 §5.1.3 EncryptWithLabel; null for a public key that contributes nothing.</summary>
    public static HpkeMessage? EncryptWithLabel(
        this CipherSuite suite,
        ReadOnlySpan<byte> publicKey,
        string label,
        ReadOnlySpan<byte> context,
        ReadOnlySpan<byte> plaintext,
        RandomSource random)
    {
        using var info = WithContext(label, context);
        return suite.Hpke.Seal(publicKey, info.Written, [], plaintext, random);
    }

    /// <summary>RFC 9420 §5.1.3 EncryptContext, for many messages that have it in common.</summary>
    public static HpkeInfo PrepareLabel(this CipherSuite suite, string label, ReadOnlySpan<byte> context)
    {
        using var info = WithContext(label, context);
        return suite.Hpke.Prepare(info.Written);
    }

    /// <summary>RFC 9420 §5.1.3 DecryptWithLabel; null for anything but the genuine ciphertext.</summary>
    public static Secret? DecryptWithLabel(
        this CipherSuite suite,
        KemKey key,
        string label,
        ReadOnlySpan<byte> context,
        ReadOnlySpan<byte> kemOutput,
        ReadOnlySpan<byte> ciphertext)
    {
        using var info = WithContext(label, context);
        return suite.Hpke.Open(key, kemOutput, info.Written, [], ciphertext);
    }

    /// <summary>RFC 9420 §8 ExpandWithLabel.</summary>
    public static Secret ExpandWithLabel(this CipherSuite suite, Secret secret, string label, ReadOnlySpan<byte> context, int length) =>
        suite.ExpandWithLabel(secret.Reveal(), label, context, length);

    /// <summary>RFC 9420 §8 ExpandWithLabel of a secret in the caller's buffer, which the caller wipes.</summary>
    internal static Secret ExpandWithLabel(
        this CipherSuite suite, ReadOnlySpan<byte> secret, string label, ReadOnlySpan<byte> context, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, ushort.MaxValue);
        var expanded = new Secret(length);
        suite.ExpandWithLabel(secret, label, context, expanded.Fill());
        return expanded;
    }

    /// <summary>
    /// RFC 9420 §8 ExpandWithLabel into <paramref name="output"/>, which is the caller's to wipe and may be the secret itself.
    /// </summary>
    internal static void ExpandWithLabel(
        this CipherSuite suite, ReadOnlySpan<byte> secret, string label, ReadOnlySpan<byte> context, Span<byte> output)
    {
        if (Labels.Prefix.Length + Encoding.UTF8.GetByteCount(label) < ShortVector && context.Length < ShortVector)
        {
            suite.Hkdf.Expand(secret, ShortKdfLabel(stackalloc byte[ShortKdfLabelSize], label, context, (ushort)output.Length), output);
            return;
        }
        using var info = new TlsWriter(label.Length + context.Length + 24);
        info.WriteUInt16((ushort)output.Length);
        WriteLabel(info, label);
        info.WriteOpaque(context);
        suite.Hkdf.Expand(secret, info.Written, output);
    }

    /// <summary>RFC 9420 §8 KDFLabel where label and context have a length of one byte each, as nearly always.</summary>
    private static ReadOnlySpan<byte> ShortKdfLabel(Span<byte> room, string label, ReadOnlySpan<byte> context, ushort length)
    {
        BinaryPrimitives.WriteUInt16BigEndian(room, length);
        Labels.Prefix.CopyTo(room[3..]);
        int end = 3 + Labels.Prefix.Length;
        end += Encoding.UTF8.GetBytes(label, room[end..]);
        room[2] = (byte)(end - 3);
        room[end++] = (byte)context.Length;
        context.CopyTo(room[end..]);
        return room[..(end + context.Length)];
    }

    /// <summary>RFC 9420 §8 DeriveSecret: no context, and the hash's size.</summary>
    public static Secret DeriveSecret(this CipherSuite suite, Secret secret, string label) =>
        suite.ExpandWithLabel(secret, label, [], suite.Hkdf.HashSize);

    /// <summary>RFC 9420 §9.1 DeriveTreeSecret: the generation is the context.</summary>
    public static Secret DeriveTreeSecret(this CipherSuite suite, Secret secret, string label, uint generation, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, ushort.MaxValue);
        var derived = new Secret(length);
        suite.DeriveTreeSecret(secret.Reveal(), label, generation, derived.Fill());
        return derived;
    }

    /// <summary>
    /// RFC 9420 §9.1 DeriveTreeSecret into <paramref name="output"/>, which is the caller's to wipe and may be the secret itself.
    /// </summary>
    internal static void DeriveTreeSecret(
        this CipherSuite suite, ReadOnlySpan<byte> secret, string label, uint generation, Span<byte> output)
    {
        Span<byte> context = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(context, generation);
        suite.ExpandWithLabel(secret, label, context, output);
    }

    /// <summary>RFC 9420 §5.1.2 SignContent and §5.1.3 EncryptContext, which have the same form.</summary>
    private static TlsWriter WithContext(string label, ReadOnlySpan<byte> context)
    {
        var writer = new TlsWriter(label.Length + context.Length + 24);
        WriteLabel(writer, label);
        writer.WriteOpaque(context);
        return writer;
    }

    internal static void WriteLabel(TlsWriter writer, string label)
    {
        int start = writer.Length;
        writer.WriteBytes(Labels.Prefix);
        Encoding.UTF8.GetBytes(label, writer.Reserve(Encoding.UTF8.GetByteCount(label)));
        writer.PrefixLength(start);
    }
}
