using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §6.1: what authenticates a message's content.</summary>
/// <param name="Signature">The sender's signature over FramedContentTBS.</param>
/// <param name="ConfirmationTag">The MAC that confirms the next epoch: there in a commit, and nowhere else.</param>
public sealed record FramedContentAuthData(ReadOnlyMemory<byte> Signature, ReadOnlyMemory<byte>? ConfirmationTag = null)
{
    internal void Encode(TlsWriter writer, ContentType type)
    {
        writer.WriteOpaque(Signature.Span);
        if (type != ContentType.Commit) return;
        var tag = ConfirmationTag ?? throw new InvalidOperationException("RFC 9420 §6.1: a commit has a confirmation tag");
        writer.WriteOpaque(tag.Span);
    }

    internal static FramedContentAuthData Decode(ref TlsReader reader, ContentType type) => new(
        reader.ReadOpaque(MlsLimits.MaxSignatureSize).ToArray(),
        type == ContentType.Commit ? reader.ReadOpaque(MlsLimits.MaxHashSize).ToArray() : (ReadOnlyMemory<byte>?)null);
}
