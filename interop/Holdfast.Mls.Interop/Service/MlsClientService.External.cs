using Google.Protobuf;
using Grpc.Core;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Mls.Interop.Wire;

namespace Holdfast.Mls.Interop;

/// <summary>Joining and proposing from outside.</summary>
internal sealed partial class MlsClientService
{
    public override Task<ExternalJoinResponse> ExternalJoin(ExternalJoinRequest request, ServerCallContext context)
    {
        var (member, commit) = Newcomer.JoinExternally(request);
        return Task.FromResult(new ExternalJoinResponse
        {
            StateId = states.Keep(member),
            Commit = commit.ToWire(),
            EpochAuthenticator = Authenticator(member),
        });
    }

    public override Task<NewMemberAddProposalResponse> NewMemberAddProposal(NewMemberAddProposalRequest request, ServerCallContext context)
    {
        var group = request.GroupInfo.ToGroupInfo().GroupContext;
        var newcomer = Newcomer.Create(group.CipherSuite, request.Identity.ToByteArray());
        byte[] proposal = ExternalProposal.AddOfSelf(newcomer.Bundle, group.GroupId, group.Epoch, newcomer.SignatureKey);
        return Task.FromResult(new NewMemberAddProposalResponse
        {
            TransactionId = states.Keep(newcomer),
            Proposal = proposal.ToWire(),
            InitPriv = newcomer.Bundle.InitKey.RevealPrivateKey().ToArray().ToWire(),
            EncryptionPriv = newcomer.Bundle.LeafKey.RevealPrivateKey().ToArray().ToWire(),
            SignaturePriv = newcomer.SignatureKey.RevealPrivateKey().ToArray().ToWire(),
        });
    }

    public override Task<CreateExternalSignerResponse> CreateExternalSigner(CreateExternalSignerRequest request, ServerCallContext context)
    {
        var signer = new ExternalSigner(Newcomer.SuiteOf(request.CipherSuite), request.Identity.ToByteArray());
        return Task.FromResult(
            new CreateExternalSignerResponse { SignerId = states.Keep(signer), ExternalSender = signer.Sender.ToWire() });
    }

    /// <summary>Proposes the group's extensions with one external sender more.</summary>
    public override Task<ProposalResponse> AddExternalSigner(AddExternalSignerRequest request, ServerCallContext context)
    {
        var member = states.Member(request.StateId);
        var before = member.Group.ContextExtensions;
        var senders = ExternalSender.ToExtension([.. ExternalSender.In(before), Tls.Decode<ExternalSender>(request.ExternalSender.Span)]);
        return Proposed(member.Propose(new GroupContextExtensionsProposal(
            [.. before.Where(extension => extension.Type != ExtensionType.ExternalSenders), senders])));
    }

    public override Task<ProposalResponse> ExternalSignerProposal(ExternalSignerProposalRequest request, ServerCallContext context)
    {
        var signer = states.Find<ExternalSigner>(request.SignerId);
        var info = request.GroupInfo.ToGroupInfo();
        var group = info.GroupContext;
        var suite = Newcomer.SuiteOf(group.CipherSuite);
        var proposal = request.Description.ToProposal(suite, group.GroupId, identity => Find(info, request.RatchetTree, suite, identity));
        return Proposed(ExternalProposal.Create(proposal, suite, group.GroupId, group.Epoch, request.SignerIndex, signer.SignatureKey));
    }

    /// <summary>The leaf with that identity, in the tree inside or beside a GroupInfo.</summary>
    private static LeafIndex Find(GroupInfo info, ByteString treeBeside, CipherSuite suite, ByteString identity)
    {
        var inside = Extension.Find(info.Extensions, ExtensionType.RatchetTree);
        var tree = RatchetTree.Decode(suite, inside is null ? treeBeside.Span : inside.Data.Span);
        return WireForms.LeafOf(tree.Leaves.Select(entry => new Member(entry.Index, entry.Leaf)), identity.Span);
    }
}
