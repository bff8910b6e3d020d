using Google.Protobuf;
using Holdfast.Mls.Interop.Wire;

namespace Holdfast.Mls.Interop.Tests;

/// <summary>Proposals, by members and from outside.</summary>
internal sealed partial class ScenarioRun
{
    private async Task AddProposalAsync(int index, Step step) => Proposed(index, await clients[step.Actor].AddProposalAsync(
        new AddProposalRequest { StateId = _states[step.Actor], KeyPackage = Message(step.Number("keyPackage"), "key_package") }));

    private async Task UpdateProposalAsync(int index, Step step) => Proposed(index, await clients[step.Actor].UpdateProposalAsync(
        new UpdateProposalRequest { StateId = _states[step.Actor] }));

    private async Task RemoveProposalAsync(int index, Step step) => Proposed(index, await clients[step.Actor].RemoveProposalAsync(
        new RemoveProposalRequest { StateId = _states[step.Actor], RemovedId = Identity(step.Text("removed")) }));

    private async Task ExternalPskProposalAsync(int index, Step step) => Proposed(index, await clients[step.Actor].ExternalPSKProposalAsync(
        new ExternalPSKProposalRequest { StateId = _states[step.Actor], PskId = Message(step.Number("pskID"), "psk_id") }));

    private async Task ResumptionPskProposalAsync(int index, Step step) => Proposed(index, await clients[step.Actor].ResumptionPSKProposalAsync(
        new ResumptionPSKProposalRequest { StateId = _states[step.Actor], EpochId = (ulong)step.Number("epochID") }));

    private async Task GroupContextExtensionsProposalAsync(int index, Step step)
    {
        var request = new GroupContextExtensionsProposalRequest { StateId = _states[step.Actor] };
        request.Extensions.AddRange(step.Extensions());
        Proposed(index, await clients[step.Actor].GroupContextExtensionsProposalAsync(request));
    }

    private async Task NewMemberAddProposalAsync(int index, Step step)
    {
        string joiner = step.Text("joiner");
        var info = await GroupInfoOfAsync(step.Actor, treeBeside: false);
        var proposed = await clients[joiner].NewMemberAddProposalAsync(
            new NewMemberAddProposalRequest { GroupInfo = info.GroupInfo, Identity = Identity(joiner) });
        _transactions[joiner] = proposed.TransactionId;
        Keep(index, "proposal", proposed.Proposal);
    }

    private async Task AddExternalSignerAsync(int index, Step step)
    {
        string signer = step.Text("signer");
        var created = await clients[signer].CreateExternalSignerAsync(
            new CreateExternalSignerRequest { CipherSuite = _suite, Identity = Identity(signer) });
        _signers[signer] = created.SignerId;
        Proposed(index, await clients[step.Actor].AddExternalSignerAsync(
            new AddExternalSignerRequest { StateId = _states[step.Actor], ExternalSender = created.ExternalSender }));
    }

    private async Task ExternalSignerProposalAsync(int index, Step step)
    {
        var info = await GroupInfoOfAsync(step.Text("member"), treeBeside: true);
        Proposed(index, await clients[step.Actor].ExternalSignerProposalAsync(new ExternalSignerProposalRequest
        {
            SignerId = _signers[step.Actor],
            GroupInfo = info.GroupInfo,
            RatchetTree = info.RatchetTree,
            Description = Describe(step.Inner("description")),
        }));
    }

    private void Proposed(int index, ProposalResponse response) => Keep(index, "proposal", response.Proposal);

    /// <summary>A proposal that a commit carries by value, or that an external signer makes.</summary>
    private ProposalDescription Describe(Step proposal)
    {
        string type = proposal.Text("proposalType");
        var description = new ProposalDescription { ProposalType = ByteString.CopyFromUtf8(type) };
        switch (type)
        {
            case "add": description.KeyPackage = Message(proposal.Number("keyPackage"), "key_package"); break;
            case "remove": description.RemovedId = Identity(proposal.Text("removed")); break;
            case "externalPSK": description.PskId = Message(proposal.Number("pskID"), "psk_id"); break;
            case "resumptionPSK": description.EpochId = (ulong)proposal.Number("epochID"); break;
            case "groupContextExtensions": description.Extensions.AddRange(proposal.Extensions()); break;
            case "reinit":
                description.Extensions.AddRange(proposal.Extensions());
                (description.GroupId, description.CipherSuite) = ChangeGroup(proposal);
                break;
            default: throw new ScenarioException($"the proposal type {type} is not known");
        }
        return description;
    }

    /// <summary>What a reinitialized group is to be called, and in which suite; from then on that is the run's suite.</summary>
    private (ByteString GroupId, uint CipherSuite) ChangeGroup(Step step)
    {
        var groupId = Message(0, "group_id");
        if (step.Flag("changeGroupID")) groupId = ByteString.CopyFrom([.. groupId.Span, .. "++"u8]);
        if (step.Flag("changeCipherSuite")) _suite = (_suite % 7) + 1;
        return (groupId, _suite);
    }
}
