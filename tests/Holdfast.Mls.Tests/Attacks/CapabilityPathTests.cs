using Holdfast.Codec;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>RFC 9420 §7.3, §11.1: what a group requires, lacking in a leaf, on each way a leaf comes into a group.</summary>
public sealed class CapabilityPathTests : IDisposable
{
    private const ushort KnownProposal = 0xF00D;

    private static readonly Capabilities Whole = new(
        [1], [1], [Client.KnownExtension], [KnownProposal], [CredentialType.Basic, CredentialType.X509]);

    private static readonly RequiredCapabilities Required = new([Client.KnownExtension], [KnownProposal], [CredentialType.X509]);

    private static readonly Dictionary<string, Capabilities> Lacking = new()
    {
        ["extension"] = Whole with { Extensions = [] },
        ["proposal"] = Whole with { Proposals = [] },
        ["credential"] = Whole with { Credentials = [CredentialType.Basic] },
    };

    private readonly Room _room = Room.Of(4, prepare: client => client.Capabilities = Whole);

    public static TheoryData<string> Kinds => [.. Lacking.Keys];

    private static Extension Requirement => new(ExtensionType.RequiredCapabilities, Tls.Encode(Required));

    private Client Rogue => _room[1];

    private Client Victim => _room[0];

    public void Dispose() => _room.Dispose();

    [Theory, MemberData(nameof(Kinds))]
    public void AnAddIsRefused(string kind)
    {
        Require();
        var client = _room.NewClient("new");
        client.Capabilities = Lacking[kind];
        using var self = client.NewKeyPackage();
        var add = new AddProposal(self.KeyPackage);
        Refused(RogueCommit.Propose(Rogue, add));
        Refused(RogueCommit.Of(Rogue, add));
        Assert.Throws<MlsException>(() => Rogue.Group.Commit(new CommitOptions { Proposals = [add] }, _room.Random));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void AnUpdateIsRefused(string kind)
    {
        Require();
        var state = Rogue.Group.State;
        using var key = state.Suite.Hpke.Kem.Generate(_room.Random);
        var leaf = (state.OwnLeafNode with
        {
            Source = LeafNodeSource.Update,
            EncryptionKey = key.PublicKey,
            ParentHash = default,
            Lifetime = null,
            Capabilities = Lacking[kind],
        }).Sign(state.Suite, Rogue.SignatureKey, state.Context.GroupId.Span, state.OwnLeaf);
        Refused(RogueCommit.Propose(Rogue, new UpdateProposal(leaf)));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void APathIsRefused(string kind)
    {
        Require();
        Refused(RogueCommit.Of(Rogue, [], RogueCommit.Path(Rogue, leaf => leaf with { Capabilities = Lacking[kind] })));
        var own = new CommitOptions { LeafChanges = new LeafChanges { Capabilities = Lacking[kind] } };
        Assert.Throws<MlsException>(() => Rogue.Group.Commit(own, _room.Random));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void ARequirementThatAMemberDoesNotMeetIsRefused(string kind)
    {
        _room.Commit(_room[2], new CommitOptions { LeafChanges = new LeafChanges { Capabilities = Lacking[kind] } });
        var replacing = new GroupContextExtensionsProposal([Requirement]);
        Refused(RogueCommit.Of(Rogue, [new ProposalByValue(replacing)], RogueCommit.Path(Rogue)));
        Assert.Throws<MlsException>(() => Rogue.Group.Commit(new CommitOptions { Proposals = [replacing] }, _room.Random));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void AGroupThatAMemberDoesNotFitIsNotJoined(string kind)
    {
        _room.Commit(_room[2], new CommitOptions { LeafChanges = new LeafChanges { Capabilities = Lacking[kind] } });
        var newcomer = _room.NewClient("new");
        newcomer.Capabilities = Whole;
        using var self = newcomer.NewKeyPackage();
        using var pending = new DroppedCommit(
            Rogue.Group.Commit(new CommitOptions { Proposals = [new AddProposal(self.KeyPackage)] }, _room.Random));
        byte[] welcome = Forgery.Welcome(pending.Commit.Welcome!, self, Rogue.SignatureKey, info => info with
        {
            GroupContext = info.GroupContext with { Extensions = [Requirement] },
        });
        Assert.Equal(MlsError.InvalidLeafNode, Assert.IsType<JoinOutcome.Rejected>(newcomer.TryJoin(welcome, self)).Error);
        newcomer.Join(pending.Commit.Welcome!, self);
    }

    /// <summary>RFC 9420 §7.3: also where the group requires nothing.</summary>
    [Fact]
    public void AGroupWithACredentialThatAMemberDoesNotSupportIsNotJoined()
    {
        var group = TreeGroup.Full(4);
        var last = new LeafIndex(3);   // whose leaf no later parent hash covers
        var leaf = group.Tree.Leaf(last)!;
        var foreign = leaf with
        {
            Credential = new UnknownCredential(0xF00C, default),
            Capabilities = leaf.Capabilities with { Credentials = [CredentialType.Basic, 0xF00C] },
        };
        group.Tree.With(last, foreign.Sign(TreeGroup.Suite, group.SignerOf(last), TreeGroup.GroupId, last))
            .RefusesToValidate(MlsError.InvalidLeafNode, "a credential type in use");
    }

    [Theory, MemberData(nameof(Kinds))]
    public void AGroupIsNotFoundedByWhoDoesNotFitIt(string kind)
    {
        var founder = _room.NewClient("founder");
        founder.Capabilities = Lacking[kind];
        Assert.Equal(MlsError.InvalidLeafNode, Assert.Throws<MlsException>(() => founder.Found(Requirement)).Error);
    }

    private void Require() =>
        _room.Commit(Victim, new CommitOptions { Proposals = [new GroupContextExtensionsProposal([Requirement])] });

    private void Refused(byte[] message)
    {
        var rejected = Victim.Refuse(message, MlsError.InvalidLeafNode);
        Assert.Contains("a required capability", rejected.Rule, StringComparison.Ordinal);
        _room.Commit(_room[3], new CommitOptions());
    }
}
