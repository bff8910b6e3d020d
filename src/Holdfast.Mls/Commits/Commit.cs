using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §12.4: the proposals that take effect, and the committer's new path where there is one.</summary>
public sealed record Commit(IReadOnlyList<ProposalOrRef> Proposals, UpdatePath? Path) : ITlsStruct<Commit>
{
    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteVector(Proposals);
        writer.WriteOptional(Path);
    }

    /// <inheritdoc/>
    public static Commit Decode(ref TlsReader reader) => new(DecodeProposals(ref reader), reader.ReadOptional<UpdatePath>());

    /// <summary>Of removals and updates of data, which are short, a commit can need many; of hollow references and lists it needs none.</summary>
    private static IReadOnlyList<ProposalOrRef> DecodeProposals(ref TlsReader reader)
    {
        int lists = 0;
        return reader.ReadVector(
            (ref TlsReader list) =>
            {
                var entry = ProposalOrRef.Decode(ref list);
                bool isList = entry is ProposalReference or ProposalByValue { Proposal: GroupContextExtensionsProposal };
                if (isList && ++lists > TlsReader.Many + (list.Position / ProposalOrRef.LeastSizeOfLists))
                    throw new CodecException("a commit has more proposals than its bytes can hold");
                return entry;
            },
            MlsLimits.MaxProposals,
            ProposalOrRef.LeastSize);
    }
}
