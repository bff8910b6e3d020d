using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>draft-ietf-mimi-content §4.1: what one message between people says.</summary>
/// <param name="Salt">Sixteen random bytes, new for each message.</param>
/// <param name="Replaces">The message this one edits or deletes.</param>
/// <param name="TopicId">Empty, or what all messages of one topic share.</param>
/// <param name="Expires">When receivers are asked to forget it.</param>
/// <param name="InReplyTo">The message this one answers or reacts to.</param>
/// <param name="Extensions">What else it says, in any order; no key twice.</param>
/// <param name="Body">The body.</param>
public sealed record MimiContent(
    ReadOnlyMemory<byte> Salt, MimiMessageId? Replaces, ReadOnlyMemory<byte> TopicId, Expiration? Expires, MimiMessageId? InReplyTo,
    IReadOnlyList<ContentExtension> Extensions, NestedPart Body)
{
    /// <summary>The salt's size in bytes.</summary>
    public const int SaltBytes = 16;

    /// <summary>Who says to have sent it, or null. Believe the group, not this.</summary>
    public string? SenderUri => Find(ExtensionKey.SenderUri)?.AsText();

    /// <summary>Where it says to have been sent, or null. Believe the group, not this.</summary>
    public string? RoomUri => Find(ExtensionKey.RoomUri)?.AsText();

    /// <summary>Content that holds <paramref name="body"/> and says who sends it where.</summary>
    public static MimiContent Of(ReadOnlyMemory<byte> salt, string senderUri, string roomUri, NestedPart body) => new(
        salt, null, default, null, null,
        [ContentExtension.OfText(ExtensionKey.SenderUri, senderUri), ContentExtension.OfText(ExtensionKey.RoomUri, roomUri)], body);

    /// <summary>A text message.</summary>
    public static MimiContent Text(ReadOnlyMemory<byte> salt, string senderUri, string roomUri, string markdown) =>
        Of(salt, senderUri, roomUri, SinglePart.OfText(Disposition.Render, SinglePart.Markdown, markdown));

    /// <summary>A file that lies elsewhere, encrypted.</summary>
    /// <param name="salt">Sixteen random bytes.</param>
    /// <param name="senderUri">Who sends it.</param>
    /// <param name="roomUri">Where.</param>
    /// <param name="url">Where the file lies.</param>
    /// <param name="size">The file's size in bytes.</param>
    /// <param name="algorithm">How it is encrypted.</param>
    /// <param name="key">The key.</param>
    /// <param name="nonce">The nonce; empty where the algorithm makes its own.</param>
    /// <param name="aad">The additional authenticated data.</param>
    /// <param name="sha256">SHA-256 of what lies at <paramref name="url"/>.</param>
    /// <param name="description">Empty, or words about it.</param>
    /// <param name="fileName">The file's name, without a path.</param>
    /// <param name="mediaType">The file's media type.</param>
    public static MimiContent Attachment(
        ReadOnlyMemory<byte> salt, string senderUri, string roomUri, string url, ulong size, AeadAlgorithm algorithm,
        ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> nonce, ReadOnlyMemory<byte> aad, ReadOnlyMemory<byte> sha256,
        string description, string fileName, string mediaType) =>
        Of(salt, senderUri, roomUri, new ExternalPart(
            Disposition.Attachment, "", mediaType, url, 0, size, algorithm, key, nonce, aad, ExternalPart.Sha256, sha256, description, fileName));

    /// <summary>Reads content; only the one deterministic encoding is accepted.</summary>
    /// <exception cref="CodecException">The bytes are not content, or over a limit.</exception>
    public static MimiContent Decode(ReadOnlySpan<byte> input) => ContentDecoder.Decode(input);

    /// <summary>The one deterministic encoding.</summary>
    /// <exception cref="InvalidOperationException">No receiver would accept it; the message says why.</exception>
    public byte[] Encode() => ContentEncoder.Encode(this);

    /// <summary>The same and one thing more.</summary>
    public MimiContent With(ContentExtension extension) => this with { Extensions = [.. Extensions, extension] };

    /// <summary>The extension of a key, or null.</summary>
    public ContentExtension? Find(ExtensionKey key) => Extensions.FirstOrDefault(extension => extension.Key == key);

    /// <summary>The kind of body and nothing of what is in it.</summary>
    public override string ToString() => $"MimiContent({Body})";
}
