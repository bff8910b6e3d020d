using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>What is kept of an enrolled token: how to find it and its key, and a secret sealed to that key. Nothing in it is secret.</summary>
/// <param name="Token">The token's id.</param>
/// <param name="Module">The digest of its module's file; empty of a TPM.</param>
/// <param name="Handle">What finds the key.</param>
/// <param name="Point">The key's public point.</param>
/// <param name="Encapsulation">RFC 9180's enc.</param>
/// <param name="Sealed">The secret, and its tag.</param>
internal sealed record TokenRecord(
    ReadOnlyMemory<byte> Token, ReadOnlyMemory<byte> Module, ReadOnlyMemory<byte> Handle, ReadOnlyMemory<byte> Point,
    ReadOnlyMemory<byte> Encapsulation, ReadOnlyMemory<byte> Sealed) : ITlsStruct<TokenRecord>
{
    internal const byte Version = 1;

    /// <summary>The most bytes of a whole record.</summary>
    internal const int MostBytes = TokenLimits.KeyHandleBytes + 512;

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        EncodePlace(writer);
        writer.WriteBytes(Encapsulation.Span);
        writer.WriteBytes(Sealed.Span);
    }

    /// <inheritdoc/>
    public static TokenRecord Decode(ref TlsReader reader)
    {
        if (reader.ReadUInt8() != Version) throw new CodecException("the record of a token is of another version");
        return new(
            reader.ReadBytes(TokenLimits.TokenIdBytes).ToArray(), reader.ReadOpaque(TokenLimits.DigestBytes).ToArray(),
            reader.ReadOpaque(TokenLimits.KeyHandleBytes).ToArray(), reader.ReadBytes(TokenLimits.PointBytes).ToArray(),
            reader.ReadBytes(TokenLimits.PointBytes).ToArray(), reader.ReadBytes(TokenEnvelope.SecretBytes + Aead.TagSize).ToArray());
    }

    /// <summary>All but what was sealed: it is authenticated with it.</summary>
    internal void EncodePlace(TlsWriter writer)
    {
        writer.WriteUInt8(Version);
        writer.WriteBytes(Token.Span);
        writer.WriteOpaque(Module.Span);
        writer.WriteOpaque(Handle.Span);
        writer.WriteBytes(Point.Span);
    }
}
