using Grpc.Core;
using Holdfast.Mls.Interop.Wire;

namespace Holdfast.Mls.Interop;

/// <summary>Commits, our own and those of others.</summary>
internal sealed partial class MlsClientService
{
    public override Task<CommitResponse> Commit(CommitRequest request, ServerCallContext context)
    {
        var member = states.Member(request.StateId);
        member.HandleProposals(request.ByReference.Select(message => message.Memory));
        var proposals = request.ByValue.Select(description =>
            description.ToProposal(member.Group.Suite, member.Group.GroupId, identity => member.Find(identity.Span)));
        var commit = member.Commit([.. proposals], request.ForcePath, request.ExternalTree);
        return Task.FromResult(new CommitResponse
        {
            Commit = commit.Message.ToWire(),
            Welcome = commit.Welcome.ToWire(),
            RatchetTree = (request.ExternalTree ? commit.RatchetTree : null).ToWire(),
        });
    }

    public override Task<HandleCommitResponse> HandleCommit(HandleCommitRequest request, ServerCallContext context)
    {
        var member = states.Member(request.StateId);
        member.HandleProposals(request.Proposal.Select(message => message.Memory));
        member.HandleCommit(request.Commit.Span);
        return Followed(request.StateId, member);
    }

    public override Task<HandleCommitResponse> HandlePendingCommit(HandlePendingCommitRequest request, ServerCallContext context)
    {
        var member = states.Member(request.StateId);
        member.AdoptPending();
        return Followed(request.StateId, member);
    }

    private static Task<HandleCommitResponse> Followed(uint id, MemberState member) =>
        Task.FromResult(new HandleCommitResponse { StateId = id, EpochAuthenticator = Authenticator(member) });
}
