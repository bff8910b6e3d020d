using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// draft-ietf-mls-extensions, Safe Application Interface: MLS keys used by components of an application. Every operation is bound to
/// the component's id, so that no component can stand in for another, nor for MLS.
/// </summary>
public static class ComponentLabel
{
    private static ReadOnlySpan<byte> BaseLabel => "MLS Component"u8;

    /// <summary>SafeSignWithLabel: a component's signature.</summary>
    public static byte[] SafeSign(
        this SignatureKey key, ushort component, ReadOnlySpan<byte> label, ReadOnlySpan<byte> content)
    {
        using var signed = WithContext(component, label, content);
        return key.Sign(signed.Written);
    }

    /// <summary>SafeVerifyWithLabel: whether it is that component's signature.</summary>
    public static bool SafeVerify(
        this CipherSuite suite,
        ReadOnlySpan<byte> publicKey,
        ushort component,
        ReadOnlySpan<byte> label,
        ReadOnlySpan<byte> content,
        ReadOnlySpan<byte> signature)
    {
        using var signed = WithContext(component, label, content);
        return suite.Signature.Verify(publicKey, signed.Written, signature);
    }

    /// <summary>
    /// SafeEncryptWithLabel: for that component of whoever has the private key; null for a public key that contributes nothing.
    /// </summary>
    public static HpkeMessage? SafeEncrypt(
        this CipherSuite suite,
        ReadOnlySpan<byte> publicKey,
        ushort component,
        ReadOnlySpan<byte> label,
        ReadOnlySpan<byte> context,
        ReadOnlySpan<byte> plaintext,
        RandomSource random)
    {
        using var info = WithContext(component, label, context);
        return suite.Hpke.Seal(publicKey, info.Written, [], plaintext, random);
    }

    /// <summary>SafeDecryptWithLabel: null for anything but the genuine ciphertext for that component.</summary>
    public static Secret? SafeDecrypt(
        this CipherSuite suite,
        KemKey key,
        ushort component,
        ReadOnlySpan<byte> label,
        ReadOnlySpan<byte> context,
        ReadOnlySpan<byte> kemOutput,
        ReadOnlySpan<byte> ciphertext)
    {
        using var info = WithContext(component, label, context);
        return suite.Hpke.Open(key, kemOutput, info.Written, [], ciphertext);
    }

    /// <summary>ComponentOperationLabel.</summary>
    internal static byte[] Encode(ushort component, ReadOnlySpan<byte> label)
    {
        var writer = new TlsWriter(label.Length + 24);
        writer.WriteOpaque(BaseLabel);
        writer.WriteUInt16(component);
        writer.WriteOpaque(label);
        return writer.ToArray();
    }

    /// <summary>RFC 9420 §5.1.2 SignContent and §5.1.3 EncryptContext, with the component's label.</summary>
    private static TlsWriter WithContext(ushort component, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context)
    {
        var writer = new TlsWriter(label.Length + context.Length + 48);
        writer.WriteOpaque([.. Labels.Prefix, .. Encode(component, label)]);
        writer.WriteOpaque(context);
        return writer;
    }
}
