using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §7.6: one message to one public key.</summary>
public sealed record HpkeCiphertext(ReadOnlyMemory<byte> KemOutput, ReadOnlyMemory<byte> Ciphertext) : ITlsStruct<HpkeCiphertext>
{
    /// <summary>The shortest encapsulation there is, X25519's, and the tag of an AEAD.</summary>
    internal const int LeastSize = 32 + 16;

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteOpaque(KemOutput.Span);
        writer.WriteOpaque(Ciphertext.Span);
    }

    /// <inheritdoc/>
    public static HpkeCiphertext Decode(ref TlsReader reader) =>
        new(reader.ReadOpaque(MlsLimits.MaxKeySize).ToArray(), reader.ReadOpaque().ToArray());
}
