using Google.Protobuf;
using Holdfast.Mls.Interop.Wire;

namespace Holdfast.Mls.Interop.Tests;

/// <summary>One run of a script: which client plays whom, what everyone's numbers are, and what each step has brought forth.</summary>
/// <param name="clients">Who plays each actor.</param>
/// <param name="suite">The cipher suite to begin with.</param>
/// <param name="encryptHandshake">Whether proposals and commits are PrivateMessages.</param>
internal sealed partial class ScenarioRun(IReadOnlyDictionary<string, MLSClient.MLSClientClient> clients, uint suite, bool encryptHandshake)
{
    private readonly Dictionary<string, uint> _states = [], _transactions = [], _signers = [];
    private readonly Dictionary<(int Step, string Name), ByteString> _messages = [];
    private uint _suite = suite;

    /// <summary>Takes the steps; an exception names the one that fails.</summary>
    internal async Task RunAsync(Scenario scenario)
    {
        for (int index = 0; index < scenario.Steps.Count; index++)
        {
            var step = scenario.Steps[index];
            try
            {
                await TakeAsync(index, step);
            }
            catch (Exception broken)
            {
                throw new ScenarioException($"step {index}, {step.Action} of {step.Actor}: {broken.Message}", broken);
            }
        }
        foreach (var (actor, state) in _states) await clients[actor].FreeAsync(new FreeRequest { StateId = state });
    }

    private Task TakeAsync(int index, Step step) => step.Action switch
    {
        "createGroup" => CreateGroupAsync(index, step),
        "createKeyPackage" => CreateKeyPackageAsync(index, step),
        "joinGroup" => JoinGroupAsync(step),
        "externalJoin" => ExternalJoinAsync(index, step),
        "installExternalPSK" => InstallExternalPskAsync(index, step),
        "groupInfo" => GroupInfoAsync(index, step),
        "addProposal" => AddProposalAsync(index, step),
        "updateProposal" => UpdateProposalAsync(index, step),
        "removeProposal" => RemoveProposalAsync(index, step),
        "externalPSKProposal" => ExternalPskProposalAsync(index, step),
        "resumptionPSKProposal" => ResumptionPskProposalAsync(index, step),
        "groupContextExtensionsProposal" => GroupContextExtensionsProposalAsync(index, step),
        "fullCommit" => FullCommitAsync(index, step),
        "commit" => CommitAsync(index, step),
        "handleCommit" => HandleCommitAsync(step),
        "handlePendingCommit" => HandlePendingCommitAsync(step.Actor),
        "protect" => ProtectAsync(index, step),
        "unprotect" => UnprotectAsync(step),
        "reinit" => ReInitAsync(step),
        "branch" => BranchAsync(step),
        "newMemberAddProposal" => NewMemberAddProposalAsync(index, step),
        "addExternalSigner" => AddExternalSignerAsync(index, step),
        "externalSignerProposal" => ExternalSignerProposalAsync(index, step),
        var other => throw new ScenarioException($"the action {other} is not known"),
    };

    private ByteString Message(int step, string name) =>
        _messages.GetValueOrDefault((step, name)) ?? throw new ScenarioException($"step {step} has left no {name}");

    private void Keep(int step, string name, ByteString message) => _messages[(step, name)] = message;

    private static void Agree(string actor, ByteString expected, ByteString actual)
    {
        if (expected.IsEmpty || !expected.Equals(actual)) throw new ScenarioException($"{actor} does not agree on the epoch");
    }

    private static ByteString Identity(string actor) => ByteString.CopyFromUtf8(actor);
}

/// <summary>A scenario that did not go as it should.</summary>
internal sealed class ScenarioException(string what, Exception? inner = null) : Exception(what, inner);
