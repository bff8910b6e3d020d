using System.Text;
using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>draft-ietf-mimi-content §4.4: one part of a body.</summary>
/// <param name="Disposition">What the part is meant for.</param>
/// <param name="Language">Empty, or language tags separated by commas.</param>
public abstract record NestedPart(Disposition Disposition, string Language)
{
    /// <summary>The kind of part and nothing of what is in it.</summary>
    public sealed override string ToString() => GetType().Name;
}

/// <summary>Nothing: what a deleted message is replaced by.</summary>
/// <param name="Disposition">What the part is meant for.</param>
/// <param name="Language">Empty, or language tags separated by commas.</param>
public sealed record NullPart(Disposition Disposition, string Language) : NestedPart(Disposition, Language);

/// <summary>Content that travels in the message.</summary>
/// <param name="Disposition">What the part is meant for.</param>
/// <param name="Language">Empty, or language tags separated by commas.</param>
/// <param name="ContentType">Its media type, with parameters.</param>
/// <param name="Content">The content.</param>
public sealed record SinglePart(
    Disposition Disposition, string Language, string ContentType, ReadOnlyMemory<byte> Content) : NestedPart(Disposition, Language)
{
    /// <summary>draft-ietf-mimi-content §7.1: what every client can show.</summary>
    public const string Markdown = "text/markdown;variant=GFM-MIMI";

    /// <summary>draft-ietf-mimi-content §7.1: text without markup, and what a reaction is.</summary>
    public const string PlainText = "text/plain;charset=utf-8";

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A part that holds words.</summary>
    /// <exception cref="ArgumentException">The words are not well-formed Unicode.</exception>
    public static SinglePart OfText(Disposition disposition, string contentType, string text) =>
        new(disposition, "", contentType, StrictUtf8.GetBytes(text));

    /// <summary>The words of a part that holds words.</summary>
    /// <exception cref="CodecException">The content is not well-formed UTF-8.</exception>
    public string ReadText()
    {
        try { return StrictUtf8.GetString(Content.Span); }
        catch (DecoderFallbackException) { throw new CodecException("text is not well-formed UTF-8"); }
    }
}

/// <summary>draft-ietf-mimi-content §4.5: content that lies elsewhere. Sizes and names are the sender's word: check what is fetched.</summary>
/// <param name="Disposition">What the part is meant for.</param>
/// <param name="Language">Empty, or language tags separated by commas.</param>
/// <param name="ContentType">Its media type, with parameters.</param>
/// <param name="Url">Where it lies.</param>
/// <param name="Expires">Until when: seconds since 1970, or zero.</param>
/// <param name="Size">Its size in bytes, or zero where it is not told.</param>
/// <param name="EncAlg">How it is encrypted.</param>
/// <param name="Key">The key, for this content alone.</param>
/// <param name="Nonce">The nonce.</param>
/// <param name="Aad">The additional authenticated data.</param>
/// <param name="HashAlg">The hash: 1 is SHA-256, 0 is none.</param>
/// <param name="ContentHash">The hash of what lies at <paramref name="Url"/>.</param>
/// <param name="Description">Empty, or words about it.</param>
/// <param name="FileName">Empty, or a suggested name, which may be a hostile one.</param>
public sealed record ExternalPart(
    Disposition Disposition, string Language, string ContentType, string Url, uint Expires, ulong Size,
    AeadAlgorithm EncAlg, ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Nonce, ReadOnlyMemory<byte> Aad,
    byte HashAlg, ReadOnlyMemory<byte> ContentHash, string Description, string FileName) : NestedPart(Disposition, Language)
{
    /// <summary>SHA-256 in the IANA registry of named information hash algorithms.</summary>
    public const byte Sha256 = 1;
}

/// <summary>Parts that belong together.</summary>
/// <param name="Disposition">What the parts are meant for.</param>
/// <param name="Language">Empty, or language tags separated by commas.</param>
/// <param name="Semantics">How they belong together.</param>
/// <param name="Parts">Two or more.</param>
public sealed record MultiPart(
    Disposition Disposition, string Language, PartSemantics Semantics, IReadOnlyList<NestedPart> Parts) : NestedPart(Disposition, Language);
