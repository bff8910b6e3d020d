using System.Text;
using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>What people say, as MIMI content, and what a history line is made of it.</summary>
internal static class Contents
{
    private const string CardsMediaType = "application/vnd.holdfast.cards";

    internal static MimiContent Text(OpenVault vault, LogId log, string text) =>
        Stamp(vault, MimiContent.Text(Salt(vault), MimiUri.Of(vault.Profile.RequirePin()), MimiUri.Of(log), text));

    internal static MimiContent Attachment(OpenVault vault, LogId log, AttachmentInfo info, AttachmentPointer pointer)
    {
        var content = MimiContent.Attachment(
            Salt(vault), MimiUri.Of(vault.Profile.RequirePin()), MimiUri.Of(log), MimiUri.Of(pointer.Blob), info.Size, AeadAlgorithm.HoldfastChunks,
            pointer.Key, ReadOnlyMemory<byte>.Empty, ReadOnlyMemory<byte>.Empty, pointer.Hash, "", info.FileName, info.MediaType);
        return Stamp(vault, content)
            .With(ContentExtension.OfBytes(ExtensionKey.DeleteToken, pointer.DeleteToken))
            .With(ContentExtension.OfNumber(ExtensionKey.BlobSize, pointer.BlobSize));
    }

    /// <summary>People's signed cards: no history shows them.</summary>
    internal static MimiContent Cards(OpenVault vault, LogId log, IReadOnlyList<Card> cards)
    {
        var writer = new TlsWriter();
        writer.WriteVector(cards);
        var part = new SinglePart(Disposition.Render, "", CardsMediaType, writer.ToArray());
        return Stamp(vault, MimiContent.Of(Salt(vault), MimiUri.Of(vault.Profile.RequirePin()), MimiUri.Of(log), part));
    }

    /// <summary>Cards in parts that fit a message, however long the names in them are.</summary>
    internal static IEnumerable<IReadOnlyList<Card>> PagesOf(IReadOnlyList<Card> cards)
    {
        var page = new List<Card>();
        int bytes = 0;
        foreach (var card in cards)
        {
            int size = Tls.Encode(card).Length;
            if (page.Count == ProtocolLimits.MembersPerCall || (page.Count > 0 && bytes + size > ProtocolLimits.CardsBytes))
            {
                yield return page;
                (page, bytes) = ([], 0);
            }
            page.Add(card);
            bytes += size;
        }
        if (page.Count > 0) yield return page;
    }

    /// <summary>The history line of received content, or null where there is nothing to show.</summary>
    /// <exception cref="CodecException">It is not content that we understand.</exception>
    internal static HistoryRecord? Read(OpenVault vault, MimiContent content)
    {
        var line = new HistoryRecord
        {
            Log = default, Id = default, From = default, Device = default, Kind = HistoryKind.Text, SentAt = SentAt(content),
        };
        switch (content.Body)
        {
            case SinglePart { ContentType: CardsMediaType } part:
                TakeCards(vault, part.Content.Span);
                return null;
            case SinglePart { ContentType: SinglePart.Markdown or SinglePart.PlainText } part:
                return line with { Text = Within(ProtocolLimits.TextBytes, part.Content.Length, part.ReadText()) };
            case ExternalPart { EncAlg: AeadAlgorithm.HoldfastChunks } part:
                return line with { Kind = HistoryKind.Attachment, Text = part.FileName, Attachment = Info(part), Pointer = Pointer(content, part) };
            default:
                throw new CodecException("content of a kind this version does not know");
        }
    }

    /// <summary>Whether this introduces people: then it is no line of history, and reading it keeps what it says.</summary>
    internal static bool AreCards(MimiContent content) => content.Body is SinglePart { ContentType: CardsMediaType };

    internal static ulong SentAt(MimiContent content) => content.Find(ExtensionKey.SentAt)?.AsNumber() ?? 0;

    private static void TakeCards(OpenVault vault, ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        foreach (var card in reader.ReadVector<Card>(ProtocolLimits.MembersPerCall)) vault.TakeOfMet(card);
    }

    private static AttachmentInfo Info(ExternalPart part)
    {
        if (DisplayName.Problem(part.FileName) is { } problem) throw new CodecException(problem);
        return new AttachmentInfo(part.FileName, Within(ProtocolLimits.NameBytes, Encoding.UTF8.GetByteCount(part.ContentType), part.ContentType), part.Size);
    }

    /// <summary>Text that a record of history can hold: what is written there must be readable for ever.</summary>
    private static string Within(int limit, int bytes, string text) =>
        bytes <= limit ? text : throw new CodecException("text over its limit");

    private static AttachmentPointer Pointer(MimiContent content, ExternalPart part)
    {
        var token = content.Find(ExtensionKey.DeleteToken)?.AsBytes();
        if (MimiUri.ReadBlob(part.Url) is not { } blob || part.Key.Length != ProtocolLimits.FileKeyBytes
            || part.ContentHash.Length != ProtocolLimits.DigestBytes || token is not { Length: ProtocolLimits.DeleteTokenBytes }
            || content.Find(ExtensionKey.BlobSize)?.AsNumber() is not { } size)
        {
            throw new CodecException("an attachment that does not say where it lies");
        }
        return new AttachmentPointer(blob, part.Key, part.ContentHash, size, token.Value);
    }

    private static MimiContent Stamp(OpenVault vault, MimiContent content) => content.With(ContentExtension.OfNumber(ExtensionKey.SentAt, vault.Now));

    private static byte[] Salt(OpenVault vault) => vault.Random.PublicBytes(MimiContent.SaltBytes);
}
