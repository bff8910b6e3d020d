using System.Security.Cryptography;
using Google.Protobuf;
using Holdfast.Mls.Interop.Wire;

namespace Holdfast.Mls.Interop.Tests;

/// <summary>Becoming a member.</summary>
internal sealed partial class ScenarioRun
{
    /// <summary>A new group; members that the step names are added by its creator at once.</summary>
    private async Task CreateGroupAsync(int index, Step step)
    {
        var groupId = ByteString.CopyFromUtf8(Guid.NewGuid().ToString());
        var created = await clients[step.Actor].CreateGroupAsync(new CreateGroupRequest
        {
            GroupId = groupId,
            CipherSuite = _suite,
            EncryptHandshake = encryptHandshake,
            Identity = Identity(step.Actor),
        });
        _states[step.Actor] = created.StateId;
        Keep(index, "group_id", groupId);
        var members = step.Texts("members");
        if (members.Count == 0) return;

        var request = new CommitRequest { StateId = created.StateId };
        foreach (string member in members)
        {
            var package = await CreateKeyPackageAsync(member);
            request.ByValue.Add(new ProposalDescription { ProposalType = ByteString.CopyFromUtf8("add"), KeyPackage = package });
        }
        var commit = await clients[step.Actor].CommitAsync(request);
        var authenticator = await HandlePendingCommitAsync(step.Actor);
        foreach (string member in members) await JoinAsync(member, commit.Welcome, ByteString.Empty, authenticator);
    }

    private async Task CreateKeyPackageAsync(int index, Step step) =>
        Keep(index, "key_package", await CreateKeyPackageAsync(step.Actor));

    private async Task<ByteString> CreateKeyPackageAsync(string actor)
    {
        var created = await clients[actor].CreateKeyPackageAsync(new CreateKeyPackageRequest { CipherSuite = _suite, Identity = Identity(actor) });
        _transactions[actor] = created.TransactionId;
        return created.KeyPackage;
    }

    private Task JoinGroupAsync(Step step) =>
        JoinAsync(step.Actor, Message(step.Number("welcome"), "welcome"), ByteString.Empty, null);

    private async Task JoinAsync(string joiner, ByteString welcome, ByteString ratchetTree, ByteString? authenticator)
    {
        var joined = await clients[joiner].JoinGroupAsync(new JoinGroupRequest
        {
            TransactionId = _transactions.TryGetValue(joiner, out uint transaction) ? transaction : throw new ScenarioException($"{joiner} has no key package"),
            Welcome = welcome,
            EncryptHandshake = encryptHandshake,
            Identity = Identity(joiner),
            RatchetTree = ratchetTree,
        });
        if (authenticator is not null) Agree(joiner, authenticator, joined.EpochAuthenticator);
        _states[joiner] = joined.StateId;
    }

    private async Task ExternalJoinAsync(int index, Step step)
    {
        var info = await GroupInfoOfAsync(step.Actor, step.Flag("externalTree"));
        Keep(index, "group_info", info.GroupInfo);
        string joiner = step.Text("joiner");
        var request = new ExternalJoinRequest
        {
            GroupInfo = info.GroupInfo,
            RatchetTree = info.RatchetTree,
            EncryptHandshake = encryptHandshake,
            Identity = Identity(joiner),
            RemovePrior = step.Flag("removePrior"),
        };
        request.Psks.AddRange(step.Numbers("psks").Select(at => new PreSharedKey { PskId = Message(at, "psk_id"), PskSecret = Message(at, "psk_secret") }));
        var joined = await clients[joiner].ExternalJoinAsync(request);
        _states[joiner] = joined.StateId;
        Keep(index, "commit", joined.Commit);
        foreach (string member in step.Texts("members").Append(step.Actor))
            await FollowAsync(member, [], joined.Commit, joined.EpochAuthenticator);
    }

    private async Task InstallExternalPskAsync(int index, Step step)
    {
        Keep(index, "psk_id", ByteString.CopyFrom(RandomNumberGenerator.GetBytes(32)));
        Keep(index, "psk_secret", ByteString.CopyFrom(RandomNumberGenerator.GetBytes(32)));
        foreach (string actor in step.Texts("clients"))
        {
            await clients[actor].StorePSKAsync(new StorePSKRequest
            {
                StateOrTransactionId = _states.TryGetValue(actor, out uint state) ? state : _transactions[actor],
                PskId = Message(index, "psk_id"),
                PskSecret = Message(index, "psk_secret"),
            });
        }
    }

    private async Task GroupInfoAsync(int index, Step step)
    {
        var info = await GroupInfoOfAsync(step.Actor, step.Flag("externalTree"));
        Keep(index, "group_info", info.GroupInfo);
        Keep(index, "ratchet_tree", info.RatchetTree);
    }

    private async Task<GroupInfoResponse> GroupInfoOfAsync(string actor, bool treeBeside) =>
        await clients[actor].GroupInfoAsync(new GroupInfoRequest { StateId = _states[actor], ExternalTree = treeBeside });
}
