using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §6: what a message carries, one of three.</summary>
public abstract record Content
{
    private protected Content() { }

    /// <summary>Which of the three.</summary>
    public abstract ContentType Type { get; }

    /// <summary>Writes the content without its type.</summary>
    internal abstract void Encode(TlsWriter writer);

    /// <summary>Reads content of that type.</summary>
    internal static Content Decode(ContentType type, ref TlsReader reader) => type switch
    {
        ContentType.Application => new ApplicationContent(reader.ReadOpaque().ToArray()),
        ContentType.Proposal => new ProposalContent(Proposal.Decode(ref reader)),
        ContentType.Commit => new CommitContent(Commit.Decode(ref reader)),
        _ => throw new CodecException("RFC 9420 §6: unknown content type"),
    };

    /// <summary>Reads a content type, which must be a known one.</summary>
    internal static ContentType DecodeType(ref TlsReader reader) => (ContentType)reader.ReadUInt8() switch
    {
        var type and (ContentType.Application or ContentType.Proposal or ContentType.Commit) => type,
        _ => throw new CodecException("RFC 9420 §6: unknown content type"),
    };
}

/// <summary>The application's own bytes.</summary>
public sealed record ApplicationContent(ReadOnlyMemory<byte> Data) : Content
{
    /// <inheritdoc/>
    public override ContentType Type => ContentType.Application;

    internal override void Encode(TlsWriter writer) => writer.WriteOpaque(Data.Span);
}

/// <summary>A proposal.</summary>
public sealed record ProposalContent(Proposal Proposal) : Content
{
    /// <inheritdoc/>
    public override ContentType Type => ContentType.Proposal;

    internal override void Encode(TlsWriter writer) => writer.Write(Proposal);
}

/// <summary>A commit.</summary>
public sealed record CommitContent(Commit Commit) : Content
{
    /// <inheritdoc/>
    public override ContentType Type => ContentType.Commit;

    internal override void Encode(TlsWriter writer) => writer.Write(Commit);
}
