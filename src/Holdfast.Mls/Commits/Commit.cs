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
    public static Commit Decode(ref TlsReader reader) =>
        new(reader.ReadVector<ProposalOrRef>(MlsLimits.MaxProposals), reader.ReadOptional<UpdatePath>());
}
