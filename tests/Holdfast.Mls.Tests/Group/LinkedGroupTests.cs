using System.Text;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>RFC 9420 §11.2, §11.3: a group that takes another's place, and one that branches from another.</summary>
public sealed class LinkedGroupTests : IDisposable
{
    private static readonly CipherSuite NextSuite = CipherSuite.All.First(suite => suite != CipherSuite.Mandatory);
    private readonly Room _room = Room.Of(3, prepare: Room.Open());
    private readonly List<IDisposable> _owned = [];

    public void Dispose()
    {
        foreach (var owned in _owned) owned.Dispose();
        _room.Dispose();
    }

    [Theory, InlineData(true, true), InlineData(false, false)]
    public void AGroupIsMadeAnewWithOtherParameters(bool byReference, bool treeInWelcome)
    {
        Close(ReInit(), byReference);
        var (maker, others) = Successors(NextSuite, _room[1], _room[0], _room[2]);
        var linked = _room[1].Group.Reinitialize(maker.Options(others) with { TreeInWelcome = treeInWelcome }, _room.Random);
        var tree = linked.RatchetTree;
        maker.Client.Adopt(linked.Group);
        foreach (var (other, old) in others.Zip([_room[0], _room[2]]))
        {
            var joined = Assert.IsType<JoinOutcome.Joined>(other.Join(linked, _ => old.Group, treeInWelcome ? null : tree));
            other.Client.Adopt(joined.Group);
            Assert.Equal(ResumptionPskUsage.Reinit, joined.Link?.Usage);
            Assert.Equal(old.Group.GroupId.ToArray(), joined.Link?.GroupId.ToArray());
            Assert.Equal("hello", other.Client.HearText(maker.Client.Say("hello")));
        }
        Assert.Equal(NextSuite, maker.Client.Group.Suite);
        Assert.Equal(1ul, maker.Client.Group.Epoch);
        Assert.Equal("next"u8.ToArray(), maker.Client.Group.GroupId.ToArray());
    }

    [Fact]
    public void NothingMoreIsSentInAGroupThatWasClosed()
    {
        var late = _room[2].Say("sent before");
        Close(ReInit());
        Assert.Equal("sent before", _room[0].HearText(late));
        foreach (var member in _room.Members)
        {
            member.Restart();
            Assert.Equal("next"u8.ToArray(), member.Group.ReInit?.GroupId.ToArray());
            Assert.Throws<InvalidOperationException>(() => member.Say("no"));
            Assert.Throws<InvalidOperationException>(() => member.ProposeUpdate());
            Assert.Throws<InvalidOperationException>(() => member.Propose(new RemoveProposal(_room[1].Group.OwnLeaf)));
            Assert.Throws<InvalidOperationException>(() => member.Group.Commit(new CommitOptions(), _room.Random));
            Assert.Throws<InvalidOperationException>(() => member.Group.GroupInfoMessage(withTree: true));
        }
        _room[0].Refuse(RogueCommit.Of(_room[1]), MlsError.GroupClosed);
        _room[0].Refuse(RogueCommit.Propose(_room[1], new RemoveProposal(_room[2].Group.OwnLeaf)), MlsError.GroupClosed);
        _room[0].Refuse(RogueJoin.Of(_room.NewClient("new"), _room[0], [new ProposalByValue(RogueJoin.ExternalInit(_room[0]))]), MlsError.GroupClosed);
    }

    [Fact]
    public void AReInitIsCommittedAloneAndOthersComeFirst()
    {
        _room.Propose(_room[1], ReInit());
        _room.ProposeUpdate(_room[2]);
        _room[0].Refuse(RogueCommit.Of(_room[1], [.. _room[0].Group.PendingProposals.Select(pending => pending.Reference)]), MlsError.InvalidProposalList);
        var committed = _room.Commit(_room[0], new CommitOptions());
        Assert.Null(committed.Change.ReInit);
        Assert.Equal([_room[2].Group.OwnLeaf, _room[0].Group.OwnLeaf], committed.Change.Updated.Select(member => member.Index));
        _room.Say(_room[1], "it goes on");
        _room.ProposeUpdate(_room[2]);
        Close(ReInit());   // who asks for it by value means it: what is pending is left out
    }

    [Fact]
    public void RejectsAReInitToAnOlderVersion()
    {
        var older = ReInit() with { Version = ProtocolVersion.Reserved };
        _room[0].Refuse(RogueCommit.Propose(_room[1], older), MlsError.InvalidProposal);
        _room[0].Refuse(RogueCommit.Of(_room[1], older), MlsError.InvalidProposal);
    }

    [Fact]
    public void ASuccessorHasAllMembersAndNobodyElse()
    {
        Assert.Throws<InvalidOperationException>(() => _room[0].Group.Reinitialize(Seat(NextSuite, _room[0]).Options([]), _room.Random));
        Close(ReInit());
        var (maker, others) = Successors(NextSuite, _room[0], _room[1], _room[2]);
        var stranger = Seat(NextSuite, "stranger");
        Assert.Contains("is not in the new one", Refusal(maker, [others[0]]), StringComparison.Ordinal);
        Assert.Contains("no member of the old one", Refusal(maker, [.. others, stranger]), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => _room[0].Group.Reinitialize(Seat(CipherSuite.Mandatory, _room[0]).Options([]), _room.Random));

        // And if the maker does not care, the others do.
        Refused("is not in the new one", maker, others[0], [others[0]]);
        Refused("no member of the old one", maker, others[0], [.. others, stranger]);

        string Refusal(Place by, Place[] all) =>
            Assert.Throws<MlsException>(() => _room[0].Group.Reinitialize(by.Options(all), _room.Random)).Rule;
    }

    [Fact]
    public void ASuccessorOfAVersionThatWeDoNotKnowIsNotMade()
    {
        Close(ReInit() with { Version = (ProtocolVersion)2 });
        var (maker, others) = Successors(NextSuite, _room[0], _room[1], _room[2]);
        TreeEdit.Refuses(MlsError.Unsupported, "a version we do not know", () => _room[0].Group.Reinitialize(maker.Options(others), _room.Random));
    }

    [Fact]
    public void ASuccessorIsWhatWasAgreedOn()
    {
        Close(ReInit());
        var (maker, others) = Successors(NextSuite, _room[0], _room[1], _room[2]);
        Refused("are not those of the ReInit", maker, others[0], others, groupId: "other");
        Refused("are not those of the ReInit", maker, others[0], others, extensions: []);
        var (sameSuite, sameOthers) = Successors(CipherSuite.Mandatory, _room[0], _room[1], _room[2]);
        Refused("are not those of the ReInit", sameSuite, sameOthers[0], sameOthers);
        Assert.IsType<JoinOutcome.Joined>(Join(maker, others[0], others)).Group.Dispose();   // the control
    }

    [Fact]
    public void ASuccessorFollowsAReInitOnly()
    {
        var (maker, others) = Successors(NextSuite, _room[0], _room[1], _room[2]);
        Refused("last commit has no ReInit", maker, others[0], others);
        var linked = Own(_room[0].Group.BeginLinked(ResumptionPskUsage.Reinit, "next"u8.ToArray(), ReInit().Extensions, maker.Options(others), _room.Random));
        Close(ReInit());
        var outcome = others[0].Join(linked, _ => _room[1].Group);   // its key is of the epoch before the ReInit
        Assert.Contains("last commit has no ReInit", Assert.IsType<JoinOutcome.Rejected>(outcome).Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void AWelcomeOfALinkedGroupNeedsTheOldOne()
    {
        Close(ReInit());
        var (maker, others) = Successors(NextSuite, _room[0], _room[1], _room[2]);
        var linked = Own(_room[0].Group.Reinitialize(maker.Options(others), _room.Random));
        using var unrelated = Room.Of(1, seed: 2);
        Assert.NotEqual(_room[1].Group.GroupId.ToArray(), unrelated[0].Group.GroupId.ToArray());
        Assert.Equal(MlsError.UnknownPsk, Assert.IsType<JoinOutcome.Rejected>(others[0].Join(linked, null)).Error);
        Assert.Equal(MlsError.UnknownPsk, Assert.IsType<JoinOutcome.Rejected>(others[0].Join(linked, _ => null)).Error);
        var rejected = Assert.IsType<JoinOutcome.Rejected>(others[0].Join(linked, _ => unrelated[0].Group));
        Assert.Equal(MlsError.UnknownPsk, rejected.Error);
        Assert.Contains("is not ours", rejected.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void ALinkedGroupIsJoinedInItsFirstEpoch()
    {
        var (maker, others) = Successors(CipherSuite.Mandatory, _room[0], _room[1]);
        var linked = _room[0].Group.Branch("sub"u8.ToArray(), [], maker.Options([]), _room.Random);
        maker.Client.Adopt(linked.Group);
        var psk = new ResumptionPskId(ResumptionPskUsage.Branch, _room[0].Group.GroupId, _room[0].Group.Epoch, _room.Random.PublicBytes(32));
        var options = new CommitOptions { Proposals = [new AddProposal(others[0].Self.KeyPackage), new PreSharedKeyProposal(psk)] };
        using var second = new DroppedCommit(
            new CommitCreation(maker.Client.Group, options, _room.Random, new LinkPsk(psk, _room[0].Group.ResumptionPsk)).Create());
        var outcome = others[0].Join(new LinkedGroup(second.Commit.Next, second.Commit.Welcome), _ => _room[1].Group);
        Assert.Contains("joined in epoch 1", Assert.IsType<JoinOutcome.Rejected>(outcome).Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void ALinkedGroupMixesInOtherKeysToo()
    {
        var (maker, others) = Successors(CipherSuite.Mandatory, _room[0], _room[1]);
        using var door = Secret.Random(32, _room.Random);
        foreach (var place in (Place[])[maker, .. others]) place.Client.Psks["door"] = Secret.CopyOf(door.Reveal());
        using var founded = Group.Create(
            maker.Self.Suite, "sub"u8.ToArray(), maker.Self, maker.Client.SignatureKey, [], maker.Client.Policy, _room.Random);
        var old = _room[0].Group;
        var link = new ResumptionPskId(ResumptionPskUsage.Branch, old.GroupId, old.Epoch, _room.Random.PublicBytes(32));
        var options = new CommitOptions
        {
            Proposals =
            [
                new AddProposal(others[0].Self.KeyPackage), new PreSharedKeyProposal(link),
                new PreSharedKeyProposal(new ExternalPskId("door"u8.ToArray(), _room.Random.PublicBytes(32))),
            ],
        };
        var first = new CommitCreation(founded, options, _room.Random, new LinkPsk(link, old.ResumptionPsk)).Create();
        first.Current.Dispose();
        maker.Client.Adopt(first.Next);
        others[0].Client.Adopt(Assert.IsType<JoinOutcome.Joined>(others[0].Join(new LinkedGroup(first.Next, first.Welcome), _ => _room[1].Group)).Group);
        Assert.Equal("through the door", others[0].Client.HearText(maker.Client.Say("through the door")));
    }

    [Fact]
    public void SomeMembersBranchOff()
    {
        var (maker, others) = Successors(CipherSuite.Mandatory, _room[0], _room[1]);
        var linked = _room[0].Group.Branch("sub"u8.ToArray(), [], maker.Options(others), _room.Random);
        maker.Client.Adopt(linked.Group);
        _room.Commit(_room[2], new CommitOptions());   // the group goes on, and the epoch it was branched from is past
        var joined = Assert.IsType<JoinOutcome.Joined>(others[0].Join(linked, _ => _room[1].Group));
        others[0].Client.Adopt(joined.Group);
        Assert.Equal(ResumptionPskUsage.Branch, joined.Link?.Usage);
        Assert.Equal("apart", others[0].Client.HearText(maker.Client.Say("apart")));
        _room.Say(_room[1], "together");
    }

    [Fact]
    public void ABranchHasMembersOnlyAndTheSameSuite()
    {
        var (maker, others) = Successors(CipherSuite.Mandatory, _room[0], _room[1]);
        var stranger = Seat(CipherSuite.Mandatory, "stranger");
        Assert.Throws<MlsException>(() => _room[0].Group.Branch("sub"u8.ToArray(), [], maker.Options([stranger]), _room.Random));
        Assert.Throws<ArgumentException>(() => _room[0].Group.Branch("sub"u8.ToArray(), [], Seat(NextSuite, _room[0]).Options([]), _room.Random));
        Refused("no member of the group", maker, others[0], [.. others, stranger], ResumptionPskUsage.Branch);
        var (otherSuite, otherOthers) = Successors(NextSuite, _room[0], _room[1]);
        Refused("version or cipher suite", otherSuite, otherOthers[0], otherOthers, ResumptionPskUsage.Branch);
        Assert.IsType<JoinOutcome.Joined>(Join(maker, others[0], others, ResumptionPskUsage.Branch)).Group.Dispose();   // the control
    }

    [Fact]
    public void ABranchFromAnEpochThatIsForgottenIsRefused()
    {
        var (maker, others) = Successors(CipherSuite.Mandatory, _room[0], _room[1]);
        var linked = Own(_room[0].Group.Branch("sub"u8.ToArray(), [], maker.Options(others), _room.Random));
        for (int i = 0; i <= _room[1].Policy.PastEpochs; i++) _room.Commit(_room[2], new CommitOptions());
        var outcome = others[0].Join(linked, _ => _room[1].Group);
        Assert.Contains("no longer known", Assert.IsType<JoinOutcome.Rejected>(outcome).Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void AWelcomeNamesOneOldGroup()
    {
        var id = new ResumptionPskId(ResumptionPskUsage.Branch, _room[0].Group.GroupId, 1, new byte[32]);
        var two = new PreSharedKeyId[] { id, id with { Usage = ResumptionPskUsage.Reinit } };
        Assert.Equal(MlsError.InvalidLink, Assert.Throws<MlsException>(() => Predecessor.Of(two, _ => _room[0].Group)).Error);
    }

    private static ReInitProposal ReInit() =>
        new("next"u8.ToArray(), ProtocolVersion.Mls10, NextSuite.Id, [new Extension(Client.KnownExtension, "agreed"u8.ToArray())]);

    private void Close(ReInitProposal reInit, bool byReference = false)
    {
        if (byReference) _room.Propose(_room[2], reInit);
        var committed = _room.Commit(_room[0], byReference ? new CommitOptions() : new CommitOptions { Proposals = [reInit] });
        Assert.Equal(reInit.GroupId.ToArray(), committed.Change.ReInit?.GroupId.ToArray());
    }

    private (Place Maker, Place[] Others) Successors(CipherSuite suite, Client maker, params IReadOnlyList<Client> others) =>
        (Seat(suite, maker), [.. others.Select(other => Seat(suite, other))]);

    private Place Seat(CipherSuite suite, Client client) => Seat(suite, client.Name);

    private Place Seat(CipherSuite suite, string name)
    {
        var client = Own(new Client(name, _room.Random, suite));
        return new Place(client, Own(client.NewKeyPackage()));
    }

    /// <summary>What comes of a Welcome whose maker keeps none of the rules.</summary>
    private JoinOutcome Join(
        Place maker,
        Place joiner,
        Place[] all,
        ResumptionPskUsage usage = ResumptionPskUsage.Reinit,
        string groupId = "next",
        IReadOnlyList<Extension>? extensions = null)
    {
        var linked = Own(_room[0].Group.BeginLinked(
            usage, Encoding.UTF8.GetBytes(groupId), extensions ?? ReInit().Extensions, maker.Options(all), _room.Random));
        return joiner.Join(linked, _ => _room[1].Group);
    }

    private void Refused(
        string rule,
        Place maker,
        Place joiner,
        Place[] all,
        ResumptionPskUsage usage = ResumptionPskUsage.Reinit,
        string groupId = "next",
        IReadOnlyList<Extension>? extensions = null)
    {
        var rejected = Assert.IsType<JoinOutcome.Rejected>(Join(maker, joiner, all, usage, groupId, extensions));
        Assert.Contains(rule, rejected.Rule, StringComparison.Ordinal);
        Assert.Equal(MlsError.InvalidLink, rejected.Error);
    }

    private T Own<T>(T owned) where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    private LinkedGroup Own(LinkedGroup linked)
    {
        _owned.Add(linked.Group);
        return linked;
    }

    /// <summary>A client's place in the new group.</summary>
    private sealed record Place(Client Client, KeyPackageBundle Self)
    {
        internal NewGroupOptions Options(IReadOnlyList<Place> others) =>
            new(Self, Client.SignatureKey, [.. others.Select(other => other.Self.KeyPackage)], Client.Policy);

        internal JoinOutcome Join(LinkedGroup linked, Func<ReadOnlyMemory<byte>, Group?>? groups, byte[]? tree = null) =>
            Group.Join(linked.Welcome!, Self, Client.SignatureKey, tree, Client.Policy, groups);
    }
}
