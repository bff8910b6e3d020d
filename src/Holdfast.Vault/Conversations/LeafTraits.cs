using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>What Holdfast adds to MLS leaves and groups: private extension types (RFC 9420 §17.3) and how they are read.</summary>
internal static class LeafTraits
{
    /// <summary>In a leaf: the device's inbox key, so that fellow members can reach it outside the log.</summary>
    internal const ushort InboxKeyType = 0xF101;

    /// <summary>In the group context: title and kind of the conversation.</summary>
    internal const ushort ConversationType = 0xF100;

    /// <summary>In a key package: may be used more than once (draft-ietf-mls-extensions).</summary>
    internal const ushort LastResortType = 0x000A;

    internal static Extension InboxKey(KemKey inbox) => new(InboxKeyType, inbox.PublicKey);

    internal static Extension LastResort { get; } = new(LastResortType, ReadOnlyMemory<byte>.Empty);

    /// <summary>The inbox key of a leaf, or null where it has none that can be used.</summary>
    internal static ReadOnlyMemory<byte>? InboxKeyOf(LeafNode leaf)
    {
        foreach (var extension in leaf.Extensions)
        {
            if (extension.Type == InboxKeyType && ConversationSuite.Suite.Hpke.Kem.IsValidPublicKey(extension.Data.Span)) return extension.Data;
        }
        return null;
    }

    internal static Extension Describe(string? title)
    {
        var writer = new TlsWriter();
        FormatVersion.Write(writer);
        writer.WritePresence(title is not null);
        writer.WriteText(title ?? "");
        return new Extension(ConversationType, writer.ToArray());
    }

    /// <summary>The title in a group's context; null for a conversation of two.</summary>
    /// <exception cref="CodecException">The group says nothing of the kind: it is not one of ours.</exception>
    internal static string? TitleOf(Group group)
    {
        foreach (var extension in group.ContextExtensions)
        {
            if (extension.Type != ConversationType) continue;
            var reader = new TlsReader(extension.Data.Span);
            FormatVersion.Read(ref reader);
            bool titled = reader.ReadPresence();
            string title = reader.ReadText(ProtocolLimits.NameBytes);
            reader.ExpectEnd();
            if (titled && DisplayName.Problem(title) is { } problem) throw new CodecException(problem);
            return titled ? title : null;
        }
        throw new CodecException("the group is not a conversation");
    }
}
