using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>RFC 9420 §12.4.3.2, §8.3, §12.2: joining from outside, and who is kept from it.</summary>
public sealed class ExternalCommitTests : IDisposable
{
    private readonly Room _room = Room.Of(4, prepare: Room.Open());

    private Client Victim => _room[0];

    private static Extension Known => new(Client.KnownExtension, default);

    public void Dispose() => _room.Dispose();

    [Theory, InlineData(true), InlineData(false)]
    public void SomebodyJoinsFromOutsideAndIsHeard(bool treeInside)
    {
        var joiner = Newcomer("from outside");
        var options = joiner.JoinOptions() with { RatchetTree = treeInside ? (ReadOnlyMemory<byte>?)null : Victim.Group.EncodeTree() };
        _room.JoinExternally(joiner, Victim, options);
        foreach (var member in _room.Members.ToList()) _room.Say(member, member.Name);
        _room.Commit(joiner, new CommitOptions());
        _room.Remove(joiner, _room[1]);
        joiner.Restart();
    }

    [Fact]
    public void MembersSeeWhoCameAndThatNobodyLetThemIn()
    {
        var joiner = Newcomer("seen");
        var data = "why I come"u8.ToArray();
        var prepared = Prepare(joiner, joiner.JoinOptions() with { AuthenticatedData = data });
        using var next = prepared.Next;
        var applied = _room[2].TakeCommit(prepared.Message);
        Assert.Equal(new LeafIndex(4), applied.Sender);
        Assert.Equal("seen", Client.NameOf(applied.SenderLeaf));
        Assert.Equal(data, applied.AuthenticatedData.ToArray());
        Assert.Equal(applied.SenderLeaf, Assert.Single(applied.Change.Added).Leaf);
        Assert.Equal(applied.Sender, applied.Change.ExternalJoiner?.Index);
        Assert.Empty(applied.Change.Updated);
        Assert.Empty(applied.Change.Removed);
    }

    [Fact]
    public void ByDefaultNobodyJoinsFromOutside()
    {
        using var closed = Room.Of(3);
        var joiner = closed.NewClient("stranger");
        using var next = Prepare(joiner, joiner.JoinOptions(), closed[0]).Next;
        foreach (var member in closed.Members)
            member.Refuse(Prepare(joiner, joiner.JoinOptions(), closed[0]).Message, MlsError.ForbiddenSender);
    }

    [Fact]
    public void AJoinerTakesTheLeftmostBlankLeaf()
    {
        _room.Remove(_room[3], _room[1]);
        var joiner = Newcomer("leftmost");
        _room.JoinExternally(joiner, Victim);
        Assert.Equal(new LeafIndex(1), joiner.Group.OwnLeaf);
        _room.Say(joiner, "here");
    }

    [Theory, InlineData(true), InlineData(false)]
    public void AMemberWhoLostItsStateComesBackInThePlaceOfItsFormerSelf(bool newSignatureKey)
    {
        var lost = _room[2];
        using var before = Restored(lost);
        lost.Leave();
        _room.Members.Remove(lost);
        if (newSignatureKey) lost.NewSignatureKey();
        var prepared = _room.JoinExternally(lost, Victim, lost.JoinOptions() with { Resync = true });
        Assert.Equal(new LeafIndex(2), prepared.Removed?.Index);
        Assert.IsType<Handled.RemovedFromGroup>(before.Handle(prepared.Message));
        _room.Say(lost, "back");
        Assert.Equal(4, Victim.Group.Members.Count);
    }

    [Fact]
    public void NobodyJoinsTwiceWithOneSignatureKey()
    {
        var outcome = _room[2].TryJoinExternally(Victim.Group.GroupInfoMessage(true, true));
        var rejected = Assert.IsType<ExternalJoinOutcome.Rejected>(outcome);
        Assert.Equal(MlsError.InvalidLeafNode, rejected.Error);
        Assert.EndsWith("; a former self is replaced with Resync", rejected.Rule, StringComparison.Ordinal);
        Victim.Refuse(RogueJoin.Of(_room[2], Victim, [Init()]), MlsError.InvalidLeafNode);
    }

    [Fact]
    public void NobodyPutsAnotherOutByComingBackAsThem()
    {
        var message = RogueJoin.Of(Newcomer("thief"), Victim, [Init(), Remove(2)]);
        var rejected = Victim.Refuse(message, MlsError.InvalidProposalList);
        Assert.Contains("nobody but their former self", rejected.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void TheApplicationJudgesTheNewLeafAgainstTheRemovedOne()
    {
        LeafNode? compared = null;
        Victim.Policy = Victim.Policy with { AcceptLeaf = (_, replaced) => (compared = replaced) is null };
        Victim.Restart();
        Victim.Refuse(RogueJoin.Of(_room[2], Victim, [Init(), Remove(2)]), MlsError.RefusedCredential);
        Assert.Equal("member 2", Client.NameOf(compared!));
    }

    [Fact]
    public void ResyncNeedsAFormerSelf()
    {
        var joiner = Newcomer("never was here");
        var outcome = joiner.TryJoinExternally(Victim.Group.GroupInfoMessage(true, true), joiner.JoinOptions() with { Resync = true });
        Assert.Equal(MlsError.NotForUs, Assert.IsType<ExternalJoinOutcome.Rejected>(outcome).Error);
    }

    /// <summary>What the members would refuse is not sent to them.</summary>
    [Fact]
    public void AJoinerWhoWouldBeRefusedKnowsItself()
    {
        var joiner = Newcomer("mistaken");
        var psk = _room.ShareKey("door");
        var options = joiner.JoinOptions();
        Assert.Equal(MlsError.InvalidProposalList, Rejected(options with { Psks = [psk, psk] }));
        Assert.Equal(MlsError.InvalidLeafNode, Rejected(options with { Capabilities = joiner.Capabilities with { CipherSuites = [] } }));
        Assert.Equal(MlsError.InvalidLeafNode, Rejected(options with { Capabilities = joiner.Capabilities with { Versions = [] } }));
        Assert.Equal(MlsError.InvalidLeafNode, Rejected(options with { LeafExtensions = [new Extension(0xF0FF, default)] }));
        Prepare(joiner, options with { Psks = [psk] }).Next.Dispose();

        MlsError Rejected(ExternalJoinOptions mistaken) => Assert.IsType<ExternalJoinOutcome.Rejected>(
            joiner.TryJoinExternally(Victim.Group.GroupInfoMessage(true, true), mistaken)).Error;
    }

    [Fact]
    public void AThiefOfASignatureKeyAloneIsRefusedAndStrandsNobody()
    {
        using var room = Room.Of(4, prepare: Room.Open(AskForProof));
        var (robbed, inside) = (room[2], room[0]);
        var groupInfo = inside.Group.GroupInfoMessage(true, true);
        var options = robbed.JoinOptions() with { Resync = true };
        var prepared = Assert.IsType<ExternalJoinOutcome.Prepared>(robbed.TryJoinExternally(groupInfo, options));
        var psk = new ResumptionPskId(ResumptionPskUsage.Application, inside.Group.GroupId, inside.Group.Epoch - 1, new byte[32]);
        var proposals = new Proposal[]
        {
            RogueJoin.ExternalInit(inside),
            new RemoveProposal(robbed.Group.OwnLeaf),
            new PreSharedKeyProposal(psk),
        };
        var list = proposals.Select(proposal => (ProposalOrRef)new ProposalByValue(proposal)).ToList();
        var (madeUp, spoilt) = (RogueJoin.Of(robbed, inside, list), RogueJoin.Of(robbed, inside, list, spoil: Spoil));
        foreach (var member in room.Others(robbed))
        {
            member.Refuse(prepared.Message, MlsError.ForbiddenSender);
            // the others were not there before
            member.Refuse(madeUp, member == room[0] ? MlsError.InvalidConfirmationTag : MlsError.UnknownPsk);
            member.Refuse(spoilt, member == room[0] ? MlsError.InvalidPathSecret : MlsError.UnknownPsk);
        }
        prepared.Next.Dispose();
        room.Say(inside, "unharmed");
    }

    [Fact]
    public void WhoProvesEarlierMembershipComesBack()
    {
        using var room = Room.Of(4, prepare: Room.Open(AskForProof));
        var (lost, inside) = (room[2], room[0]);
        var id = PreSharedKeyId.Resumption(lost.Suite, lost.Group.GroupId, lost.Group.Epoch, room.Random);
        using var kept = Secret.CopyOf(lost.Group.ResumptionPsk.Reveal());
        lost.Policy = lost.Policy with { Psks = _ => kept };
        lost.Leave();
        room.Members.Remove(lost);
        var meanwhile = inside.Group.Commit(new CommitOptions(), room.Random);
        foreach (var other in room.Others(inside)) other.TakeCommit(meanwhile.Message);
        meanwhile.Current.Dispose();
        inside.Adopt(meanwhile.Next);
        room.JoinExternally(lost, inside, lost.JoinOptions() with { Resync = true, Psks = [id] });
        room.Say(lost, "back");
    }

    [Fact]
    public void AJoinerMixesInAKeyThatAllHave()
    {
        var joiner = Newcomer("with a key");
        var id = _room.ShareKey("door");
        _room.JoinExternally(joiner, Victim, joiner.JoinOptions() with { Psks = [id] });
        _room.Say(joiner, "inside");
        var other = Newcomer("without");
        var outcome = other.TryJoinExternally(Victim.Group.GroupInfoMessage(true, true), other.JoinOptions() with { Psks = [id] });
        Assert.Equal(MlsError.UnknownPsk, Assert.IsType<ExternalJoinOutcome.Rejected>(outcome).Error);
    }

    [Fact]
    public void AKeyThatAMemberLacksIsRefusedAndDoesNotStrandIt()
    {
        var joiner = Newcomer("alone with a key");
        var id = _room.ShareKey("nobody else's");
        Victim.Psks.Remove("nobody else's");
        using var prepared = Prepare(joiner, joiner.JoinOptions() with { Psks = [id] }).Next;
        Victim.Refuse(Prepare(joiner, joiner.JoinOptions() with { Psks = [id] }).Message, MlsError.UnknownPsk);
    }

    [Fact]
    public void AJoinersBadPathSecretStrandsItsVictimAsAMembersDoes()
    {
        var message = RogueJoin.Of(Newcomer("rogue"), Victim, [Init()], spoil: Spoil);
        Assert.IsType<Handled.Stranded>(Victim.Group.Handle(message));
    }

    [Fact]
    public void RejectsAnExternalCommitWithoutAPath() =>
        Victim.Refuse(RogueJoin.Commit(Newcomer("pathless"), Victim, new Commit([Init()], null)), MlsError.UnknownSender);

    [Fact]
    public void RejectsAKemOutputThatIsNone() =>
        Victim.Refuse(
            RogueJoin.Of(Newcomer("n"), Victim, [new ProposalByValue(new ExternalInitProposal(new byte[31]))]), MlsError.InvalidProposal);

    [Fact]
    public void RejectsALeafThatDoesNotFitTheGroup() =>
        Victim.Refuse(
            RogueJoin.Of(
                Newcomer("n"), Victim, [Init()], leaf => leaf with { Capabilities = leaf.Capabilities with { CipherSuites = [2] } }),
            MlsError.InvalidLeafNode);

    [Fact]
    public void RejectsAJoinerWhoseCredentialTheApplicationRefuses()
    {
        Victim.Refused.Add("unwanted");
        Victim.Refuse(RogueJoin.Of(Newcomer("unwanted"), Victim, [Init()]), MlsError.RefusedCredential);
    }

    [Fact]
    public void RejectsAPathWhoseLeafWasSignedForAnotherGroup() => Victim.Refuse(
        RogueJoin.Of(Newcomer("n"), Victim, [Init()], spoil: path => path with { LeafNode = path.LeafNode with { Extensions = [Known] } }),
        MlsError.InvalidSignature);

    [Fact]
    public void EachListThatIsNotTheRfcsIsRefused()
    {
        _room.ProposeUpdate(_room[3]);
        _room.Propose(_room[3], new RemoveProposal(_room[2].Group.OwnLeaf));
        using var another = Newcomer("another").NewKeyPackage();
        var joiner = Newcomer("list");
        Refused("exactly one ExternalInit", Remove(2));
        Refused("exactly one ExternalInit", Init(), Init());
        Refused("removes at most one leaf", Init(), Remove(2), Remove(3));
        Refused("two Updates or Removes of one leaf", Init(), Remove(2), Remove(2));
        Refused("has only ExternalInit, Remove and PreSharedKey", Init(), new ProposalByValue(new AddProposal(another.KeyPackage)));
        Refused("has only ExternalInit, Remove and PreSharedKey", Init(), new ProposalByValue(new GroupContextExtensionsProposal([])));
        foreach (var pending in Victim.Group.PendingProposals) Refused("refers to no proposal", Init(), pending.Reference);

        void Refused(string rule, params IReadOnlyList<ProposalOrRef> proposals) => Assert.Contains(
            rule, Victim.Refuse(RogueJoin.Of(joiner, Victim, proposals), MlsError.InvalidProposalList).Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void AnExternalCommitOfAnotherEpochIsRefused()
    {
        var joiner = Newcomer("late");
        var prepared = Prepare(joiner, joiner.JoinOptions());
        _room.Commit(_room[1], new CommitOptions());
        Victim.Refuse(prepared.Message, MlsError.WrongEpoch);
        prepared.Next.Dispose();
    }

    [Fact]
    public void OfTwoWhoJoinAtOnceOneComesIn()
    {
        var (first, second) = (Newcomer("first"), Newcomer("second"));
        var (one, two) = (Prepare(first, first.JoinOptions()), Prepare(second, second.JoinOptions()));
        Victim.TakeCommit(one.Message);
        Victim.Refuse(two.Message, MlsError.WrongEpoch);
        two.Next.Dispose();
        first.Adopt(one.Next);
        Assert.Equal("hello", first.HearText(Victim.Say("hello")));
    }

    [Fact]
    public void AGroupInfoThatIsDamagedAnywhereIsRefused()
    {
        var joiner = Newcomer("careful");
        var good = Victim.Group.GroupInfoMessage(true, true);
        for (int i = 0; i < good.Length; i += 7)
        {
            var bad = good.ToArray();
            bad[i] ^= 0x41;
            Assert.IsType<ExternalJoinOutcome.Rejected>(joiner.TryJoinExternally(bad));
        }
        for (int length = 0; length < good.Length; length += 13)
            Assert.IsType<ExternalJoinOutcome.Rejected>(joiner.TryJoinExternally(good[..length]));
    }

    [Fact]
    public void AGroupInfoNeedsTheExternalKeyAndATree()
    {
        var joiner = Newcomer("careful");
        Assert.Equal(MlsError.Unsupported, Refusal(Victim.Group.GroupInfoMessage(withTree: true)));
        Assert.Equal(MlsError.MissingTree, Refusal(Victim.Group.GroupInfoMessage(withTree: false, withExternalKey: true)));
        Assert.Equal(MlsError.Malformed, Refusal(Victim.Say("no GroupInfo")));

        MlsError Refusal(byte[] message) => Assert.IsType<ExternalJoinOutcome.Rejected>(joiner.TryJoinExternally(message)).Error;
    }

    /// <summary>After every kind of commit, a newcomer joins by a Welcome and another by the GroupInfo, and both are heard.</summary>
    [Fact]
    public void AfterEveryKindOfCommitNewcomersJoinBothWays()
    {
        var kinds = new (string Name, Func<Client, CommitOptions> Options)[]
        {
            ("empty", _ => new CommitOptions()),
            ("without a path", _ => new CommitOptions { ForcePath = false, Proposals = [new PreSharedKeyProposal(_room.ShareKey("k"))] }),
            ("new signature key", by => new CommitOptions { LeafChanges = new LeafChanges { SignatureKey = by.NewSignatureKey() } }),
            ("extensions", _ => new CommitOptions { Proposals = [new GroupContextExtensionsProposal([Known])] }),
            ("removal", _ => new CommitOptions { Proposals = [new RemoveProposal(_room.Members[^1].Group.OwnLeaf)] }),
        };
        foreach (var (name, options) in kinds)
        {
            var by = _room[1];
            _room.Commit(by, options(by));
            var (welcomed, external) = (Newcomer(name + ": welcomed"), Newcomer(name + ": external"));
            _room.JoinExternally(external, by);
            _room.Say(external, "external");
            _room.Add(by, new CommitOptions { ExternalKeyInWelcome = true, ForcePath = false }, welcomed);
            _room.Say(welcomed, "welcomed");
            _room.JoinExternally(Newcomer(name + ": through the welcomed"), welcomed);
            _room.Commit(welcomed, new CommitOptions());
        }
    }

    private Client Newcomer(string name)
    {
        var client = _room.NewClient(name);
        Room.Open()(client);
        return client;
    }

    private ProposalByValue Init() => new(RogueJoin.ExternalInit(Victim));

    private ProposalByValue Remove(int member) => new(new RemoveProposal(_room[member].Group.OwnLeaf));

    private ExternalJoinOutcome.Prepared Prepare(Client joiner, ExternalJoinOptions options, Client? inside = null) =>
        Assert.IsType<ExternalJoinOutcome.Prepared>(
            joiner.TryJoinExternally((inside ?? Victim).Group.GroupInfoMessage(true, true), options));

    private static void AskForProof(Client client) =>
        client.Policy = client.Policy with { AcceptExternalJoin = static join => join.ProvesEarlierMembership };

    private static Group Restored(Client client)
    {
        using var stored = client.Group.Serialize();
        return Group.Restore(stored.Reveal(), client.SignatureKey, client.Policy);
    }

    /// <summary>The same path with every ciphertext damaged.</summary>
    private static UpdatePath Spoil(UpdatePath path) => path with
    {
        Nodes = [.. path.Nodes.Select(node => node with { EncryptedPathSecret = [.. node.EncryptedPathSecret.Select(Damage)] })],
    };

    private static HpkeCiphertext Damage(HpkeCiphertext ciphertext)
    {
        var bytes = ciphertext.Ciphertext.ToArray();
        bytes[0] ^= 1;
        return ciphertext with { Ciphertext = bytes };
    }
}
