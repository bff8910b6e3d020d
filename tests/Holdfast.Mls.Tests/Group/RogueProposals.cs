using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>
/// A group of four in which one member, the rogue, sends and commits what it likes; what it sends is signed and framed as it should be.
/// Its commits' confirmation tags are wrong, so that without the rule in question they would end as something else than this refusal.
/// </summary>
public abstract class RogueProposals : IDisposable
{
    private protected Room Room { get; } = Room.Of(4);

    private protected Client Rogue => Room[1];

    private protected Client Victim => Room[0];

    private protected LeafIndex Other => Room[2].Group.OwnLeaf;

    public void Dispose()
    {
        Room.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static CommitOptions Replacing(Extension extension) =>
        new() { Proposals = [new GroupContextExtensionsProposal([extension])] };

    private protected static ReInitProposal ReInit() => new("next"u8.ToArray(), ProtocolVersion.Mls10, 1, []);

    /// <summary>An Update of a member's leaf, good in itself.</summary>
    private protected UpdateProposal Update(Client client)
    {
        var proposed = client.Group.ProposeUpdate(new LeafChanges(), Room.Random);
        using var next = proposed.Next;
        return (UpdateProposal)next.PendingProposals[^1].Proposal;
    }

    /// <summary>Of a client whose credential's type no member supports.</summary>
    private protected KeyPackageBundle NewKeyPackageOfUnknownCredential()
    {
        var stranger = Room.NewClient("stranger");
        var capabilities = stranger.Capabilities with { Credentials = [CredentialType.Basic, 0xF00D] };
        var credential = new UnknownCredential(0xF00D, new byte[] { 1 });
        return KeyPackageBundle.Create(
            CipherSuite.Mandatory, stranger.SignatureKey, credential, capabilities, stranger.Lifetime, [], [], Room.Random);
    }

    private protected ProposalReference Pending(int index) => Victim.Group.PendingProposals[index].Reference;

    private protected void Refused(string rule, params IReadOnlyList<Proposal> proposals) =>
        Refused(rule, MlsError.InvalidProposalList, proposals);

    private protected void Refused(string rule, MlsError error, params IReadOnlyList<Proposal> proposals) =>
        Refused(rule, [.. proposals.Select(proposal => (ProposalOrRef)new ProposalByValue(proposal))], error);

    private protected void Refused(string rule, IReadOnlyList<ProposalOrRef> proposals, MlsError error = MlsError.InvalidProposalList) =>
        Assert.Contains(rule, Refused(RogueCommit.Of(Rogue, proposals), error).Rule, StringComparison.Ordinal);

    /// <summary>Refused, nothing changed, and the next good message works.</summary>
    private protected Handled.Rejected Refused(byte[] message, MlsError error)
    {
        var rejected = Victim.Refuse(message, error);
        var dropped = Rogue.Group.Commit(new CommitOptions { IncludePending = false }, Room.Random);
        using var still = new DroppedCommit(dropped);
        using var next = Assert.IsType<Handled.CommitApplied>(Victim.Group.Handle(dropped.Message)).Next;
        return rejected;
    }
}
