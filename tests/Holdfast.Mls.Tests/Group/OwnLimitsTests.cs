using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>What the others could not read is never sent: who adopts such a commit of its own is alone in the next epoch.</summary>
public sealed class OwnLimitsTests : IDisposable
{
    private readonly Room _room = Room.Of(2);

    private Client One => _room[0];

    public void Dispose() => _room.Dispose();

    [Theory, InlineData(WireFormat.PublicMessage), InlineData(WireFormat.PrivateMessage)]
    public void ACommitIsOneThatOthersCanRead(WireFormat format)
    {
        using var room = Room.Of(2, prepare: client => client.Policy = client.Policy with { HandshakeFormat = format });
        ushort[] credentials = [.. Enumerable.Range(1, MlsLimits.MaxCapabilities + 1).Select(type => (ushort)type)];
        var named = PreSharedKeyId.External(One.Suite, new byte[MlsLimits.MaxIdentitySize + 1], room.Random);
        var many = new LeafChanges { Capabilities = One.Capabilities with { Credentials = credentials } };
        var extension = new Extension(Client.KnownExtension, default);
        foreach (var options in (CommitOptions[])
        [
            new() { AuthenticatedData = new byte[MlsLimits.MaxAuthenticatedDataSize + 1] },
            new() { LeafChanges = many },
            new() { Proposals = [new GroupContextExtensionsProposal([extension, extension])] },
            new() { Proposals = [new PreSharedKeyProposal(named)] },
        ])
        {
            using var psk = Secret.Random(32, room.Random);
            room[0].Policy = room[0].Policy with { Psks = _ => psk };
            room[0].Restart();
            Assert.Equal(MlsError.Malformed, Assert.Throws<MlsException>(() => room[0].Group.Commit(options, room.Random)).Error);
        }
        room.Commit(room[0], new CommitOptions { AuthenticatedData = new byte[MlsLimits.MaxAuthenticatedDataSize] });
    }

    [Fact]
    public void AProposalIsOneThatOthersCanRead()
    {
        var before = One.State();
        var named = PreSharedKeyId.External(One.Suite, new byte[MlsLimits.MaxIdentitySize + 1], _room.Random);
        TreeEdit.Refuses(MlsError.Malformed, "over its limit", () => One.Propose(new PreSharedKeyProposal(named)));
        TreeEdit.Refuses(MlsError.Malformed, "over its limit", () => One.Group.Propose(
            new RemoveProposal(_room[1].Group.OwnLeaf), _room.Random, new byte[MlsLimits.MaxAuthenticatedDataSize + 1]));
        TreeEdit.Refuses(MlsError.Malformed, "over its limit", () => One.Group.ProposeUpdate(
            new LeafChanges(), _room.Random, new byte[MlsLimits.MaxAuthenticatedDataSize + 1]));
        Assert.Equal(before, One.State());
    }

    [Fact]
    public void AMessageIsOneThatOthersCanRead()
    {
        Assert.Throws<ArgumentOutOfRangeException>(
            () => One.Group.Protect([], new byte[MlsLimits.MaxAuthenticatedDataSize + 1], _room.Random));
        Assert.Throws<ArgumentOutOfRangeException>(() => One.Group.Protect(new byte[MlsLimits.MaxMessageSize], [], _room.Random));
        var most = One.Group.Protect("text"u8, new byte[MlsLimits.MaxAuthenticatedDataSize], _room.Random);
        One.Adopt(most.Next);
        Assert.Equal("text", _room[1].HearText(most.Message));
    }

    [Fact]
    public void AGroupIsOneThatCanBeStored()
    {
        var client = _room.NewClient("founder");
        using var self = client.NewKeyPackage();
        TreeEdit.Refuses(MlsError.Malformed, "over its limit", () => Group.Create(
            client.Suite, new byte[MlsLimits.MaxGroupIdSize + 1], self, client.SignatureKey, [], client.Policy, _room.Random));
    }
}
