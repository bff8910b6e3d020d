using Google.Protobuf;
using Holdfast.Mls.Interop.Wire;

namespace Holdfast.Mls.Interop.Tests;

/// <summary>Groups that come out of a group: reinitialized ones and branches. The numbers then are those in the new group.</summary>
internal sealed partial class ScenarioRun
{
    private async Task ReInitAsync(Step step)
    {
        string proposer = step.Text("proposer"), committer = step.Text("committer"), welcomer = step.Text("welcomer");
        string[] all = [.. step.Texts("members").Concat([proposer, committer, welcomer]).Where(name => name.Length > 0).Distinct()];
        var proposal = await ReInitProposalAsync(step, proposer);

        var request = new CommitRequest { StateId = _states[committer] };
        request.ByReference.Add(proposal);
        var commit = await clients[committer].ReInitCommitAsync(request);
        var ended = new Dictionary<string, HandleReInitCommitResponse>
        {
            [committer] = await clients[committer].HandlePendingReInitCommitAsync(new HandlePendingCommitRequest { StateId = _states[committer] }),
        };
        foreach (string member in all.Where(name => name != committer))
        {
            var follow = new HandleCommitRequest { StateId = _states[member], Commit = commit.Commit };
            follow.Proposal.Add(proposal);
            ended[member] = await clients[member].HandleReInitCommitAsync(follow);
            Agree(member, ended[committer].EpochAuthenticator, ended[member].EpochAuthenticator);
        }
        await WelcomeAllAsync(step, welcomer, ended);
    }

    private async Task<ByteString> ReInitProposalAsync(Step step, string proposer)
    {
        var (groupId, suite) = ChangeGroup(step);
        if (proposer.Length == 0) return Message(step.Number("externalReinitProposal"), "proposal");
        var request = new ReInitProposalRequest { StateId = _states[proposer], CipherSuite = suite, GroupId = groupId };
        request.Extensions.AddRange(step.Extensions());
        return (await clients[proposer].ReInitProposalAsync(request)).Proposal;
    }

    private async Task WelcomeAllAsync(Step step, string welcomer, Dictionary<string, HandleReInitCommitResponse> ended)
    {
        var request = new ReInitWelcomeRequest
        {
            ReinitId = ended[welcomer].ReinitId,
            ForcePath = step.Flag("forcePath"),
            ExternalTree = step.Flag("externalTree"),
        };
        request.KeyPackage.AddRange(ended.Where(entry => entry.Key != welcomer).Select(entry => entry.Value.KeyPackage));
        var created = await clients[welcomer].ReInitWelcomeAsync(request);
        _states[welcomer] = created.StateId;
        foreach (string member in ended.Keys.Where(name => name != welcomer))
        {
            var joined = await clients[member].HandleReInitWelcomeAsync(new HandleReInitWelcomeRequest
            {
                ReinitId = ended[member].ReinitId,
                Welcome = created.Welcome,
                RatchetTree = created.RatchetTree,
            });
            Agree(member, created.EpochAuthenticator, joined.EpochAuthenticator);
            _states[member] = joined.StateId;
        }
    }

    private async Task BranchAsync(Step step)
    {
        var members = step.Texts("members");
        var request = new CreateBranchRequest
        {
            StateId = _states[step.Actor],
            GroupId = ByteString.CopyFromUtf8(Guid.NewGuid().ToString()),
            ForcePath = step.Flag("forcePath"),
            ExternalTree = step.Flag("externalTree"),
        };
        request.Extensions.AddRange(step.Extensions());
        foreach (string member in members) request.KeyPackages.Add(await CreateKeyPackageAsync(member));
        var created = await clients[step.Actor].CreateBranchAsync(request);
        foreach (string member in members)
        {
            uint before = _states[member];
            var joined = await clients[member].HandleBranchAsync(new HandleBranchRequest
            {
                StateId = before,
                TransactionId = _transactions[member],
                Welcome = created.Welcome,
                RatchetTree = created.RatchetTree,
            });
            Agree(member, created.EpochAuthenticator, joined.EpochAuthenticator);
            _states[member] = joined.StateId;
            await clients[member].FreeAsync(new FreeRequest { StateId = before });
        }
        _states[step.Actor] = created.StateId;
    }
}
