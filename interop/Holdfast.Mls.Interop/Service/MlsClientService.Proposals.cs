using Grpc.Core;
using Holdfast.Mls.Interop.Wire;

namespace Holdfast.Mls.Interop;

/// <summary>Proposals of a member.</summary>
internal sealed partial class MlsClientService
{
    public override Task<ProposalResponse> AddProposal(AddProposalRequest request, ServerCallContext context) =>
        Proposed(states.Member(request.StateId).Propose(new AddProposal(request.KeyPackage.ToKeyPackage())));

    public override Task<ProposalResponse> UpdateProposal(UpdateProposalRequest request, ServerCallContext context) =>
        Proposed(states.Member(request.StateId).ProposeUpdate());

    public override Task<ProposalResponse> RemoveProposal(RemoveProposalRequest request, ServerCallContext context)
    {
        var member = states.Member(request.StateId);
        return Proposed(member.Propose(new RemoveProposal(member.Find(request.RemovedId.Span))));
    }

    public override Task<ProposalResponse> ExternalPSKProposal(ExternalPSKProposalRequest request, ServerCallContext context)
    {
        var member = states.Member(request.StateId);
        return Proposed(member.Propose(WireForms.ExternalPsk(member.Group.Suite, request.PskId)));
    }

    public override Task<ProposalResponse> ResumptionPSKProposal(ResumptionPSKProposalRequest request, ServerCallContext context)
    {
        var member = states.Member(request.StateId);
        return Proposed(member.Propose(WireForms.ResumptionPsk(member.Group.Suite, member.Group.GroupId, request.EpochId)));
    }

    public override Task<ProposalResponse> GroupContextExtensionsProposal(
        GroupContextExtensionsProposalRequest request, ServerCallContext context) =>
        Proposed(states.Member(request.StateId).Propose(new GroupContextExtensionsProposal(request.Extensions.ToExtensions())));

    private static Task<ProposalResponse> Proposed(byte[] message) =>
        Task.FromResult(new ProposalResponse { Proposal = message.ToWire() });
}
