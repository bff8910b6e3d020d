using Grpc.Core;
using Holdfast.Cryptography;
using Holdfast.Mls.Interop.Wire;

namespace Holdfast.Mls.Interop;

/// <summary>Groups that take another's place, and groups that branch from another (RFC 9420 §11.2, §11.3).</summary>
internal sealed partial class MlsClientService
{
    public override Task<ProposalResponse> ReInitProposal(ReInitProposalRequest request, ServerCallContext context) =>
        Proposed(states.Member(request.StateId).Propose(WireForms.ReInit(request.GroupId, request.CipherSuite, request.Extensions)));

    public override Task<CommitResponse> ReInitCommit(CommitRequest request, ServerCallContext context) => Commit(request, context);

    public override Task<HandleReInitCommitResponse> HandlePendingReInitCommit(
        HandlePendingCommitRequest request, ServerCallContext context)
    {
        var member = states.Member(request.StateId);
        member.AdoptPending();
        return Closed(request.StateId, member);
    }

    public override Task<HandleReInitCommitResponse> HandleReInitCommit(HandleCommitRequest request, ServerCallContext context)
    {
        var member = states.Member(request.StateId);
        member.HandleProposals(request.Proposal.Select(message => message.Memory));
        member.HandleCommit(request.Commit.Span);
        return Closed(request.StateId, member);
    }

    public override Task<CreateSubgroupResponse> ReInitWelcome(ReInitWelcomeRequest request, ServerCallContext context)
    {
        var successor = states.Find<Successor>(request.ReinitId);
        var (member, linked) = successor.Welcome([.. request.KeyPackage.Select(WireForms.ToKeyPackage)], request.ExternalTree);
        Succeed(request.ReinitId, successor);
        return Created(member, linked, request.ExternalTree);
    }

    public override Task<JoinGroupResponse> HandleReInitWelcome(HandleReInitWelcomeRequest request, ServerCallContext context)
    {
        var successor = states.Find<Successor>(request.ReinitId);
        var member = successor.Join(request.Welcome.Span, request.RatchetTree.Memory);
        Succeed(request.ReinitId, successor);
        return Task.FromResult(new JoinGroupResponse { StateId = states.Keep(member), EpochAuthenticator = Authenticator(member) });
    }

    public override Task<CreateSubgroupResponse> CreateBranch(CreateBranchRequest request, ServerCallContext context)
    {
        var old = states.Member(request.StateId);
        using var self = Newcomer.Again(old.Group.Suite, old.Group);
        KeyPackage[] others = [.. request.KeyPackages.Select(WireForms.ToKeyPackage)];
        var (member, linked) = self.Begin(others, request.ExternalTree, old.EncryptHandshake, options =>
            old.Group.Branch(request.GroupId.ToByteArray(), request.Extensions.ToExtensions(), options, RandomSource.System));
        return Created(member, linked, request.ExternalTree);
    }

    public override Task<HandleBranchResponse> HandleBranch(HandleBranchRequest request, ServerCallContext context)
    {
        var old = states.Member(request.StateId);
        var member = states.Find<Newcomer>(request.TransactionId)
            .Join(request.Welcome.Span, request.RatchetTree.Memory, old.EncryptHandshake, old.Group);
        states.Free(request.TransactionId);
        return Task.FromResult(new HandleBranchResponse { StateId = states.Keep(member), EpochAuthenticator = Authenticator(member) });
    }

    private Task<HandleReInitCommitResponse> Closed(uint id, MemberState member)
    {
        var successor = Successor.Of(id, member);
        return Task.FromResult(new HandleReInitCommitResponse
        {
            ReinitId = states.Keep(successor),
            KeyPackage = successor.Self.KeyPackageMessage.ToWire(),
            EpochAuthenticator = Authenticator(member),
        });
    }

    /// <summary>Once the new group is there, nothing asks for the closed one: the runner has its number no more.</summary>
    private void Succeed(uint reinitId, Successor successor)
    {
        states.Free(successor.OldId);
        states.Free(reinitId);
    }

    private Task<CreateSubgroupResponse> Created(MemberState member, LinkedGroup linked, bool treeBeside) =>
        Task.FromResult(new CreateSubgroupResponse
        {
            StateId = states.Keep(member),
            Welcome = linked.Welcome.ToWire(),
            RatchetTree = (treeBeside ? linked.RatchetTree : null).ToWire(),
            EpochAuthenticator = Authenticator(member),
        });
}
