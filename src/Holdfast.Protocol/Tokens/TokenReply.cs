using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>What a token host answers. The vault believes none of it unchecked.</summary>
public abstract record TokenReply : ITlsStruct<TokenReply>
{
    /// <inheritdoc/>
    public static TokenReply Decode(ref TlsReader reader) => reader.ReadUInt8() switch
    {
        TokenFailed.Tag => TokenFailed.DecodeBody(ref reader),
        HostDescribed.Tag => HostDescribed.DecodeBody(ref reader),
        TokensListed.Tag => TokensListed.DecodeBody(ref reader),
        TokenOpened.Tag => new TokenOpened(),
        KeysListed.Tag => KeysListed.DecodeBody(ref reader),
        KeyOpened.Tag => KeyOpened.DecodeBody(ref reader),
        KeyAltered.Tag => KeyAltered.DecodeBody(ref reader),
        Agreed.Tag => Agreed.DecodeBody(ref reader),
        HashSigned.Tag => HashSigned.DecodeBody(ref reader),
        _ => throw new CodecException("unknown answer of a token host"),
    };

    /// <inheritdoc/>
    public abstract void Encode(TlsWriter writer);
}

/// <summary>It was not done.</summary>
/// <param name="Error">Why.</param>
/// <param name="Code">What the token said: a CK_RV or a TPM_RC; 0 where it was not asked.</param>
public sealed record TokenFailed(TokenError Error, uint Code) : TokenReply
{
    internal const byte Tag = 1;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteUInt8((byte)Error);
        writer.WriteUInt32(Code);
    }

    internal static TokenFailed DecodeBody(ref TlsReader reader) => new(Wire.ReadEnum<TokenError>(ref reader), reader.ReadUInt32());
}

/// <summary>How the host stands.</summary>
/// <param name="Walls">What stands around it.</param>
/// <param name="Module">The SHA-256 digest of the module it is to load; empty where there is none, as with a TPM.</param>
public sealed record HostDescribed(HostWalls Walls, ReadOnlyMemory<byte> Module) : TokenReply
{
    internal const byte Tag = 2;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteUInt16((ushort)Walls);
        writer.WriteOpaque(Module.Span);
    }

    internal static HostDescribed DecodeBody(ref TlsReader reader) => new(
        (HostWalls)reader.ReadUInt16(), reader.ReadOpaque(TokenLimits.DigestBytes).ToArray());
}

/// <summary>The tokens there are.</summary>
/// <param name="Tokens">Each once.</param>
public sealed record TokensListed(IReadOnlyList<TokenInfo> Tokens) : TokenReply
{
    internal const byte Tag = 3;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteVector(Tokens);
    }

    internal static TokensListed DecodeBody(ref TlsReader reader) => new(reader.ReadVector<TokenInfo>(TokenLimits.Tokens));
}

/// <summary>The token is open.</summary>
public sealed record TokenOpened : TokenReply
{
    internal const byte Tag = 4;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer) => writer.WriteUInt8(Tag);
}

/// <summary>The P-256 keys of the open token.</summary>
/// <param name="Keys">Each once.</param>
public sealed record KeysListed(IReadOnlyList<TokenKey> Keys) : TokenReply
{
    internal const byte Tag = 5;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteVector(Keys);
    }

    internal static KeysListed DecodeBody(ref TlsReader reader) => new(reader.ReadVector<TokenKey>(TokenLimits.Keys));
}

/// <summary>The key is open.</summary>
/// <param name="Key">As the token speaks of it.</param>
public sealed record KeyOpened(TokenKey Key) : TokenReply
{
    internal const byte Tag = 6;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Key.Encode(writer);
    }

    internal static KeyOpened DecodeBody(ref TlsReader reader) => new(TokenKey.Decode(ref reader));
}

/// <summary>What could be altered.</summary>
/// <param name="Altered">The traits that the token let be changed.</param>
/// <param name="Copied">Whether it let the key be copied.</param>
public sealed record KeyAltered(KeyTraits Altered, bool Copied) : TokenReply
{
    internal const byte Tag = 7;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteUInt32((uint)Altered);
        writer.WritePresence(Copied);
    }

    internal static KeyAltered DecodeBody(ref TlsReader reader) => new((KeyTraits)reader.ReadUInt32(), reader.ReadPresence());
}

/// <summary>ECDH was done.</summary>
/// <param name="Shared">The x coordinate. Where it was decoded the garbage collector makes no copies of it; wiping it is the receiver's.</param>
public sealed record Agreed(ReadOnlyMemory<byte> Shared) : TokenReply
{
    internal const byte Tag = 8;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteBytes(Shared.Span);
    }

    internal static Agreed DecodeBody(ref TlsReader reader)
    {
        byte[] shared = GC.AllocateUninitializedArray<byte>(TokenLimits.SharedBytes, pinned: true);
        reader.ReadBytes(shared.Length).CopyTo(shared);
        return new(shared);
    }
}

/// <summary>The hash was signed.</summary>
/// <param name="Signature">r and s side by side.</param>
public sealed record HashSigned(ReadOnlyMemory<byte> Signature) : TokenReply
{
    internal const byte Tag = 9;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteBytes(Signature.Span);
    }

    internal static HashSigned DecodeBody(ref TlsReader reader) => new(reader.ReadBytes(TokenLimits.SignatureBytes).ToArray());
}
