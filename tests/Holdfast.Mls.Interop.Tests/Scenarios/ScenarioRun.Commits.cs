using Google.Protobuf;
using Holdfast.Mls.Interop.Wire;

namespace Holdfast.Mls.Interop.Tests;

/// <summary>Commits and application messages.</summary>
internal sealed partial class ScenarioRun
{
    /// <summary>A commit that its committer, all named members and all named joiners follow.</summary>
    private async Task FullCommitAsync(int index, Step step)
    {
        var proposals = References(step);
        var commit = await CommitAsync(index, step);
        var authenticator = await HandlePendingCommitAsync(step.Actor);
        foreach (string member in step.Texts("members")) await FollowAsync(member, proposals, commit.Commit, authenticator);
        foreach (string joiner in step.Texts("joiners")) await JoinAsync(joiner, commit.Welcome, commit.RatchetTree, authenticator);
    }

    private async Task<CommitResponse> CommitAsync(int index, Step step)
    {
        bool treeBeside = step.Flag("externalTree");
        var request = new CommitRequest { StateId = _states[step.Actor], ForcePath = step.Flag("forcePath"), ExternalTree = treeBeside };
        request.ByReference.AddRange(References(step));
        request.ByValue.AddRange(step.Steps("byValue").Select(Describe));
        var commit = await clients[step.Actor].CommitAsync(request);
        if (treeBeside == commit.RatchetTree.IsEmpty) throw new ScenarioException("the ratchet tree is beside the commit where it should not be, or the reverse");
        Keep(index, "commit", commit.Commit);
        Keep(index, "welcome", commit.Welcome);
        return commit;
    }

    private async Task HandleCommitAsync(Step step) =>
        await FollowAsync(step.Actor, References(step), Message(step.Number("commit"), "commit"), null);

    private async Task<ByteString> HandlePendingCommitAsync(string actor)
    {
        var handled = await clients[actor].HandlePendingCommitAsync(new HandlePendingCommitRequest { StateId = _states[actor] });
        _states[actor] = handled.StateId;
        return handled.EpochAuthenticator;
    }

    private async Task FollowAsync(string member, IReadOnlyList<ByteString> proposals, ByteString commit, ByteString? authenticator)
    {
        var request = new HandleCommitRequest { StateId = _states[member], Commit = commit };
        request.Proposal.AddRange(proposals);
        var handled = await clients[member].HandleCommitAsync(request);
        if (authenticator is not null) Agree(member, authenticator, handled.EpochAuthenticator);
        _states[member] = handled.StateId;
    }

    private async Task ProtectAsync(int index, Step step)
    {
        var data = ByteString.CopyFromUtf8(step.Text("authenticatedData"));
        var plaintext = ByteString.CopyFromUtf8(step.Text("plaintext"));
        var sealedMessage = await clients[step.Actor].ProtectAsync(
            new ProtectRequest { StateId = _states[step.Actor], AuthenticatedData = data, Plaintext = plaintext });
        Keep(index, "authenticatedData", data);
        Keep(index, "plaintext", plaintext);
        Keep(index, "ciphertext", sealedMessage.Ciphertext);
    }

    private async Task UnprotectAsync(Step step)
    {
        int sent = step.Number("ciphertext");
        var opened = await clients[step.Actor].UnprotectAsync(
            new UnprotectRequest { StateId = _states[step.Actor], Ciphertext = Message(sent, "ciphertext") });
        if (!opened.Plaintext.Equals(Message(sent, "plaintext"))) throw new ScenarioException("another plaintext");
        if (!opened.AuthenticatedData.Equals(Message(sent, "authenticatedData"))) throw new ScenarioException("other authenticated data");
    }

    private List<ByteString> References(Step step) => [.. step.Numbers("byReference").Select(at => Message(at, "proposal"))];
}
