using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>
/// What the vault asks of a token host, one structure per frame. A host has at most one token and one key open; the questions about a key
/// are about that one. There is nothing to read a key with, to wrap one or to change one.
/// </summary>
public abstract record TokenCall : ITlsStruct<TokenCall>
{
    /// <inheritdoc/>
    public static TokenCall Decode(ref TlsReader reader) => reader.ReadUInt8() switch
    {
        DescribeHost.Tag => new DescribeHost(),
        ListTokens.Tag => new ListTokens(),
        OpenToken.Tag => OpenToken.DecodeBody(ref reader),
        ListKeys.Tag => new ListKeys(),
        GenerateKey.Tag => GenerateKey.DecodeBody(ref reader),
        OpenKey.Tag => OpenKey.DecodeBody(ref reader),
        TryToAlter.Tag => new TryToAlter(),
        Ecdh.Tag => Ecdh.DecodeBody(ref reader),
        SignHash.Tag => SignHash.DecodeBody(ref reader),
        _ => throw new CodecException("unknown question to a token host"),
    };

    /// <inheritdoc/>
    public abstract void Encode(TlsWriter writer);
}

/// <summary>Answered by <see cref="HostDescribed"/>, before a module is loaded.</summary>
public sealed record DescribeHost : TokenCall
{
    internal const byte Tag = 1;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer) => writer.WriteUInt8(Tag);
}

/// <summary>Answered by <see cref="TokensListed"/>. The first time, it loads the module.</summary>
public sealed record ListTokens : TokenCall
{
    internal const byte Tag = 2;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer) => writer.WriteUInt8(Tag);
}

/// <summary>Opens a token with its token PIN; a TPM tells only when a key is opened whether that was right.</summary>
/// <param name="Token">Its id.</param>
/// <param name="TokenPin">The token PIN. Where it was decoded the garbage collector makes no copies of it; wiping it is the receiver's.</param>
public sealed record OpenToken(ReadOnlyMemory<byte> Token, ReadOnlyMemory<byte> TokenPin) : TokenCall
{
    internal const byte Tag = 3;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteBytes(Token.Span);
        writer.WriteOpaque(TokenPin.Span);
    }

    internal static OpenToken DecodeBody(ref TlsReader reader) => new(
        reader.ReadBytes(TokenLimits.TokenIdBytes).ToArray(), Wire.ReadSecret(ref reader, TokenLimits.TokenPinBytes));
}

/// <summary>Answered by <see cref="KeysListed"/>, of the open token.</summary>
public sealed record ListKeys : TokenCall
{
    internal const byte Tag = 4;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer) => writer.WriteUInt8(Tag);
}

/// <summary>Makes a P-256 key on the open token, which never leaves it, and opens it. Answered by <see cref="KeyOpened"/>.</summary>
/// <param name="Purpose">What it is for.</param>
/// <param name="Name">What it is called there: random bytes.</param>
public sealed record GenerateKey(KeyPurpose Purpose, ReadOnlyMemory<byte> Name) : TokenCall
{
    internal const byte Tag = 5;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteUInt8((byte)Purpose);
        writer.WriteBytes(Name.Span);
    }

    internal static GenerateKey DecodeBody(ref TlsReader reader) => new(
        Wire.ReadEnum<KeyPurpose>(ref reader), reader.ReadBytes(TokenLimits.KeyNameBytes).ToArray());
}

/// <summary>Opens a key. Answered by <see cref="KeyOpened"/>, which has its public point.</summary>
/// <param name="Handle">As <see cref="TokenKey"/> had it.</param>
public sealed record OpenKey(ReadOnlyMemory<byte> Handle) : TokenCall
{
    internal const byte Tag = 6;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteOpaque(Handle.Span);
    }

    internal static OpenKey DecodeBody(ref TlsReader reader) => new(reader.ReadOpaque(TokenLimits.KeyHandleBytes).ToArray());
}

/// <summary>Tries to make the open key weaker: each trait turned round, and a copy. Answered by <see cref="KeyAltered"/>; nothing should have worked.</summary>
public sealed record TryToAlter : TokenCall
{
    internal const byte Tag = 7;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer) => writer.WriteUInt8(Tag);
}

/// <summary>ECDH with the open key (SP 800-56A §5.7.1.2). Answered by <see cref="Agreed"/>.</summary>
/// <param name="Point">The other's point, uncompressed.</param>
public sealed record Ecdh(ReadOnlyMemory<byte> Point) : TokenCall
{
    internal const byte Tag = 8;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteBytes(Point.Span);
    }

    internal static Ecdh DecodeBody(ref TlsReader reader) => new(reader.ReadBytes(TokenLimits.PointBytes).ToArray());
}

/// <summary>ECDSA with the open key (FIPS 186-5 §6.4.1). Answered by <see cref="HashSigned"/>.</summary>
/// <param name="Hash">A SHA-256 hash.</param>
public sealed record SignHash(ReadOnlyMemory<byte> Hash) : TokenCall
{
    internal const byte Tag = 9;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteBytes(Hash.Span);
    }

    internal static SignHash DecodeBody(ref TlsReader reader) => new(reader.ReadBytes(TokenLimits.HashBytes).ToArray());
}
