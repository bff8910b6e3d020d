using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §12.4: a commit's proposal, by value or by reference.</summary>
public abstract record ProposalOrRef : ITlsStruct<ProposalOrRef>
{
    /// <summary>What removes a member, by value: the shortest of which a commit can need many.</summary>
    internal const int LeastSize = 7;

    /// <summary>Half a hash: a reference is one, and extensions are replaced once at most.</summary>
    internal const int LeastSizeOfLists = 16;

    private protected ProposalOrRef()
    {
    }

    /// <inheritdoc/>
    public abstract void Encode(TlsWriter writer);

    /// <inheritdoc/>
    public static ProposalOrRef Decode(ref TlsReader reader) => reader.ReadUInt8() switch
    {
        ProposalByValue.Tag => new ProposalByValue(Proposal.Decode(ref reader)),
        ProposalReference.Tag => new ProposalReference(reader.ReadOpaque(MlsLimits.MaxHashSize).ToArray()),
        _ => throw new CodecException("RFC 9420 §12.4: an unknown ProposalOrRefType"),
    };
}

/// <summary>A proposal of the committer, carried in the commit itself.</summary>
public sealed record ProposalByValue(Proposal Proposal) : ProposalOrRef
{
    internal const byte Tag = 1;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.Write(Proposal);
    }
}

/// <summary>A proposal sent before, by its hash (RFC 9420 §5.2 ProposalRef); two of the same hash are equal.</summary>
public sealed record ProposalReference(ReadOnlyMemory<byte> Hash) : ProposalOrRef
{
    internal const byte Tag = 2;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteOpaque(Hash.Span);
    }

    /// <summary>Compares the hashes.</summary>
    public bool Equals(ProposalReference? other) => other is not null && Hash.Span.SequenceEqual(other.Hash.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => Bytes.HashCode(Hash.Span);
}
