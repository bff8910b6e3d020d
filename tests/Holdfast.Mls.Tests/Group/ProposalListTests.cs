using Holdfast.Cryptography;
using Holdfast.Codec;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>
/// RFC 9420 §12.1, §12.2, §12.4: what may not be committed. The commits are signed and framed by a real member, who ignores
/// the rules; their confirmation tag is wrong, so that without the rule they would end as something else than this refusal.
/// </summary>
public sealed class ProposalListTests : IDisposable
{
    private readonly Room _room = Room.Of(4);

    private Client Rogue => _room[1];

    private Client Victim => _room[0];

    private LeafIndex Other => _room[2].Group.OwnLeaf;

    public void Dispose() => _room.Dispose();

    [Fact]
    public void RejectsAnUpdateByTheCommitter()
    {
        Refused("no committer may propose itself", Update(Rogue));
        _room.ProposeUpdate(Rogue);
        Refused("an Update by the committer", [Pending(0)]);
    }

    [Fact]
    public void RejectsARemoveOfTheCommitter() => Refused("a Remove of the committer", new RemoveProposal(Rogue.Group.OwnLeaf));

    [Fact]
    public void RejectsTwoRemovesOfOneLeaf() =>
        Refused("two Updates or Removes of one leaf", new RemoveProposal(Other), new RemoveProposal(Other));

    [Fact]
    public void RejectsAnUpdateAndARemoveOfOneLeaf()
    {
        _room.ProposeUpdate(_room[2]);
        Refused("two Updates or Removes of one leaf", [Pending(0), new ProposalByValue(new RemoveProposal(Other))]);
    }

    [Fact]
    public void RejectsTwoUpdatesOfOneLeaf()
    {
        _room.ProposeUpdate(_room[2]);
        _room.ProposeUpdate(_room[2]);
        Refused("two Updates or Removes of one leaf", [Pending(0), Pending(1)]);
    }

    [Fact]
    public void RejectsTheSameProposalTwice()
    {
        _room.ProposeUpdate(_room[2]);
        Refused("two Updates or Removes of one leaf", [Pending(0), Pending(0)]);
    }

    [Fact]
    public void RejectsTwoAddsOfOneClient()
    {
        using var first = _room.NewClient("new").NewKeyPackage();
        Refused("is a member already or is added twice", new AddProposal(first.KeyPackage), new AddProposal(first.KeyPackage));
    }

    [Fact]
    public void RejectsTwoKeyPackagesOfOneClient()
    {
        var client = _room.NewClient("new");
        using var first = client.NewKeyPackage();
        using var second = client.NewKeyPackage();
        Refused("is a member already or is added twice", new AddProposal(first.KeyPackage), new AddProposal(second.KeyPackage));
    }

    [Fact]
    public void RejectsAnAddOfAMember()
    {
        using var again = _room[2].NewKeyPackage();
        Refused("is a member already or is added twice", new AddProposal(again.KeyPackage));
    }

    [Fact]
    public void AMemberMayBeRemovedAndAddedAnewInOneCommit()
    {
        var client = _room[2];
        using var self = client.NewKeyPackage();
        var proposals = new Proposal[] { new AddProposal(self.KeyPackage), new RemoveProposal(Other) };
        _room.Commit(_room[1], new CommitOptions { Proposals = proposals }, (client, self));
        _room.Say(client, "back");
    }

    [Fact]
    public void RejectsTwoOfOnePreSharedKey()
    {
        var psk = new PreSharedKeyProposal(_room.ShareKey("door"));
        Refused("two PreSharedKey proposals of one PSK", psk, psk);
    }

    [Fact]
    public void RejectsAPreSharedKeyNonceOfAnotherSize() => Refused(
        "a psk_nonce must have the hash's size", MlsError.InvalidProposal, new PreSharedKeyProposal(new ExternalPskId("door"u8.ToArray(), new byte[31])));

    [Theory, InlineData(ResumptionPskUsage.Reinit), InlineData(ResumptionPskUsage.Branch)]
    public void RejectsResumptionKeysOfOtherUses(ResumptionPskUsage usage) => Refused(
        "usage reinit or branch", MlsError.InvalidProposal, new PreSharedKeyProposal(new ResumptionPskId(usage, Victim.Group.GroupId, 0, new byte[32])));

    [Fact]
    public void RejectsTwoGroupContextExtensions() => Refused(
        "two GroupContextExtensions", new GroupContextExtensionsProposal([]), new GroupContextExtensionsProposal([]));

    [Fact]
    public void RejectsAReInitWithOthers()
    {
        Refused("a ReInit together with another", ReInit(), new RemoveProposal(Other));
        Refused("a ReInit together with another", new PreSharedKeyProposal(_room.ShareKey("k")), ReInit());
        Refused("a ReInit together with another", ReInit(), ReInit());
    }

    [Fact]
    public void RejectsAnExternalInit() =>
        Refused("no committer may propose itself", new ExternalInitProposal(new byte[32]));

    [Fact]
    public void RejectsAnExternalInitThatIsProposed() =>
        Victim.Refuse(RogueCommit.Propose(Rogue, new ExternalInitProposal(new byte[32])), MlsError.InvalidProposal);

    [Theory, InlineData(2u), InlineData(4u), InlineData(7u), InlineData(8u), InlineData(1u << 24), InlineData(1u << 31), InlineData(uint.MaxValue)]
    public void RejectsARemoveOfNobody(uint leaf)
    {
        _room.Remove(Rogue, _room[2]);   // leaf 2 is blank now
        Refused("a Remove of a leaf that is blank", new RemoveProposal(new LeafIndex(leaf)));
        Victim.Refuse(RogueCommit.Propose(Rogue, new RemoveProposal(new LeafIndex(leaf))), MlsError.InvalidProposal);   // nor by itself
    }

    [Fact]
    public void RejectsAProposalThatNobodySent() =>
        Refused("refers to a proposal we do not have", [new ProposalReference(new byte[32])], MlsError.UnknownProposal);

    [Fact]
    public void RejectsAProposalOfAnEarlierEpoch()
    {
        _room.ProposeUpdate(_room[2]);
        var stale = Pending(0);
        _room.Commit(_room[3], new CommitOptions { IncludePending = false });
        Refused("refers to a proposal we do not have", [stale], MlsError.UnknownProposal);
    }

    [Fact]
    public void RejectsEmptyUpdatingRemovingAndReplacingCommitsWithoutAPath()
    {
        _room.ProposeUpdate(_room[2]);
        Refused("this commit must have a path", [], MlsError.PathRequired);
        Refused("this commit must have a path", [Pending(0)], MlsError.PathRequired);
        Refused("this commit must have a path", [new ProposalByValue(new RemoveProposal(Other))], MlsError.PathRequired);
        Refused("this commit must have a path", [new ProposalByValue(new GroupContextExtensionsProposal([]))], MlsError.PathRequired);
    }

    [Fact]
    public void RejectsAnAddWhoseSignatureIsWrong()
    {
        using var self = _room.NewClient("new").NewKeyPackage();
        RefusedAdd(self.KeyPackage with { Signature = new byte[64] }, MlsError.InvalidSignature);
        var leaf = self.KeyPackage.LeafNode with { Signature = new byte[64] };
        RefusedAdd(self.KeyPackage with { LeafNode = leaf }, MlsError.InvalidSignature);
    }

    [Fact]
    public void RejectsAnAddOfAnotherSuiteOrVersion()
    {
        using var self = _room.NewClient("new").NewKeyPackage();
        RefusedAdd(self.KeyPackage with { CipherSuite = 2 }, MlsError.InvalidKeyPackage);
        RefusedAdd(self.KeyPackage with { Version = (ProtocolVersion)2 }, MlsError.InvalidKeyPackage);
    }

    [Fact]
    public void RejectsAnAddWhoseCredentialTheApplicationRefuses()
    {
        Victim.Refused.Add("ghost");
        using var self = _room.NewClient("ghost").NewKeyPackage();
        RefusedAdd(self.KeyPackage, MlsError.RefusedCredential);
    }

    [Fact]
    public void RejectsAnAddOutsideItsLifetime()
    {
        var client = _room.NewClient("new");
        client.Lifetime = new Lifetime(1000, 2000);
        using var self = client.NewKeyPackage();
        var message = RogueCommit.Propose(Rogue, new AddProposal(self.KeyPackage));
        Assert.IsType<Handled.ProposalReceived>(Victim.Group.Handle(message, DateTimeOffset.FromUnixTimeSeconds(1500)));
        foreach (long time in new[] { 999L, 2001L })
        {
            var late = Assert.IsType<Handled.Rejected>(Victim.Group.Handle(message, DateTimeOffset.FromUnixTimeSeconds(time)));
            Assert.Equal(MlsError.InvalidLeafNode, late.Error);
            Assert.Throws<MlsException>(() => Rogue.Group.Propose(
                new AddProposal(self.KeyPackage), _room.Random, now: DateTimeOffset.FromUnixTimeSeconds(time)));
        }
    }

    [Fact]
    public void RejectsAnAddThatLacksARequiredCapability()
    {
        var required = new RequiredCapabilities([Client.KnownExtension], [], [CredentialType.Basic]);
        _room.Commit(Victim, Replacing(new Extension(ExtensionType.RequiredCapabilities, Tls.Encode(required))));
        var client = _room.NewClient("old");
        client.Capabilities = client.Capabilities with { Extensions = [] };
        using var self = client.NewKeyPackage();
        RefusedAdd(self.KeyPackage, MlsError.InvalidLeafNode);   // it could not follow the group
    }

    [Fact]
    public void RejectsAnAddThatDoesNotSupportAnExtensionOfTheGroup()
    {
        _room.Commit(Victim, Replacing(new Extension(Client.KnownExtension, "a"u8.ToArray())));
        var client = _room.NewClient("old");
        client.Capabilities = client.Capabilities with { Extensions = [] };
        using var self = client.NewKeyPackage();
        RefusedAdd(self.KeyPackage, MlsError.InvalidLeafNode);
    }

    [Fact]
    public void JudgesAddsByTheExtensionsOfTheSameCommit()
    {
        var client = _room.NewClient("old");
        client.Capabilities = client.Capabilities with { Extensions = [] };
        using var self = client.NewKeyPackage();
        var extension = new GroupContextExtensionsProposal([new Extension(Client.KnownExtension, "a"u8.ToArray())]);
        Refused("does not support an extension of the group", MlsError.InvalidLeafNode, new AddProposal(self.KeyPackage), extension);
    }

    [Fact]
    public void RejectsExtensionsThatAMemberDoesNotSupport() => RefusedWithPath(
        "does not support an extension of the group",
        MlsError.InvalidLeafNode,
        new GroupContextExtensionsProposal([new Extension(0xF0FF, "a"u8.ToArray())]));

    [Fact]
    public void RejectsRequirementsThatAMemberDoesNotMeet()
    {
        var required = Tls.Encode(new RequiredCapabilities([], [0xF0FF], []));
        RefusedWithPath(
            "lacks a required capability",
            MlsError.InvalidLeafNode,
            new GroupContextExtensionsProposal([new Extension(ExtensionType.RequiredCapabilities, required)]));
    }

    [Fact]
    public void RejectsExtensionsThatCannotBeRead() => Refused(
        "", MlsError.Malformed, new GroupContextExtensionsProposal([new Extension(ExtensionType.RequiredCapabilities, new byte[] { 0x40 })]));

    [Fact]
    public void RejectsAnUpdateThatKeepsItsKey()
    {
        var state = _room[2].Group.State;
        var same = (state.OwnLeafNode with { Source = LeafNodeSource.Update, ParentHash = default, Lifetime = null })
            .Sign(CipherSuite.Mandatory, _room[2].SignatureKey, state.Context.GroupId.Span, state.OwnLeaf);
        Victim.Refuse(RogueCommit.Propose(_room[2], new UpdateProposal(same)), MlsError.InvalidLeafNode);
    }

    [Fact]
    public void RejectsAnUpdateInAnothersName()
    {
        var update = Update(_room[2]);
        Victim.Refuse(RogueCommit.Propose(Rogue, update), MlsError.InvalidSignature);   // signed for another leaf
    }

    [Fact]
    public void RejectsAnUpdateThatTakesAnothersKey()
    {
        var state = _room[2].Group.State;
        var stolen = (state.OwnLeafNode with
        {
            Source = LeafNodeSource.Update,
            ParentHash = default,
            Lifetime = null,
            EncryptionKey = Victim.Group.State.OwnLeafNode.EncryptionKey,
        }).Sign(CipherSuite.Mandatory, _room[2].SignatureKey, state.Context.GroupId.Span, state.OwnLeaf);
        var message = RogueCommit.Propose(_room[2], new UpdateProposal(stolen));
        foreach (var member in _room.Others(_room[2])) member.TakeProposal(message);
        Refused("an Update takes a key that is another member's", [Pending(0)]);
    }

    [Fact]
    public void RejectsAnAddWhoseKeyIsAParentNodes()
    {
        _room.Commit(Victim, new CommitOptions());
        var client = _room.NewClient("new");
        using var self = client.NewKeyPackage();
        var parentKey = Victim.Group.State.Tree.EncryptionKey(new NodeIndex(1));
        Assert.False(parentKey.IsEmpty);
        var leaf = (self.KeyPackage.LeafNode with { EncryptionKey = parentKey }).Sign(CipherSuite.Mandatory, client.SignatureKey, [], default);
        var unsigned = self.KeyPackage with { LeafNode = leaf };
        var signature = CipherSuite.Mandatory.SignWithLabel(client.SignatureKey, Labels.KeyPackage, unsigned.Tbs());
        Refused("stands at two nodes", MlsError.InvalidTree, new AddProposal(unsigned with { Signature = signature }));   // else a subgroup's secrets would open to the newcomer
    }

    [Fact]
    public void OurOwnCommitsKeepTheSameRules()
    {
        using var again = _room[2].NewKeyPackage();
        Proposal[][] lists =
        [
            [Update(Rogue)],
            [new RemoveProposal(Rogue.Group.OwnLeaf)],
            [new RemoveProposal(Other), new RemoveProposal(Other)],
            [new AddProposal(again.KeyPackage)],
            [new GroupContextExtensionsProposal([]), new GroupContextExtensionsProposal([])],
            [ReInit(), new RemoveProposal(Other)],
            [new ExternalInitProposal(new byte[32])],
        ];
        var before = Rogue.State();
        foreach (var list in lists)
        {
            var broken = Assert.Throws<MlsException>(() => Rogue.Group.Commit(new CommitOptions { Proposals = list }, _room.Random));
            Assert.Equal(MlsError.InvalidProposalList, broken.Error);
        }
        Assert.Equal(before, Rogue.State());
    }

    [Fact]
    public void OurOwnCommitsPreferARemoveAndThenTheLatestUpdate()
    {
        _room.ProposeUpdate(_room[2]);
        _room.ProposeUpdate(_room[2]);
        _room.ProposeUpdate(_room[3]);
        _room.ProposeUpdate(_room[0]);   // not by its sender
        _room.Propose(_room[1], new RemoveProposal(_room[3].Group.OwnLeaf));
        var latest = ((UpdateProposal)Victim.Group.PendingProposals[1].Proposal).LeafNode.EncryptionKey;
        var change = _room.Commit(_room[0], new CommitOptions()).Change;
        Assert.Equal("member 3", Client.NameOf(Assert.Single(change.Removed).Leaf));
        Assert.Equal(latest.ToArray(), change.Updated.Single(member => member.Index == Other).After.EncryptionKey.ToArray());
        _room.Say(_room[2], "with the latest key");
    }

    [Fact]
    public void AProposalThatFitsNobodyDoesNotKeepOthersFromCommitting()
    {
        var stranger = _room.NewClient("stranger");
        var capabilities = stranger.Capabilities with { Credentials = [CredentialType.Basic, 0xF00D] };
        using var certified = KeyPackageBundle.Create(
            CipherSuite.Mandatory, stranger.SignatureKey, new UnknownCredential(0xF00D, new byte[] { 1 }), capabilities, stranger.Lifetime, [], [], _room.Random);
        var expiring = _room.NewClient("expiring");
        expiring.Lifetime = new Lifetime(1000, 2000);
        using var expired = expiring.NewKeyPackage();
        foreach (var keyPackage in new[] { certified.KeyPackage, expired.KeyPackage }) _room.Propose(_room[3], new AddProposal(keyPackage));
        _room.ProposeUpdate(_room[2]);
        var change = _room.Commit(_room[0], new CommitOptions { Now = DateTimeOffset.FromUnixTimeSeconds(2001) }).Change;
        Assert.Empty(change.Added);
        Assert.Contains(change.Updated, member => member.Index == Other);
        Assert.Empty(Victim.Group.PendingProposals);
    }

    [Fact]
    public void RejectsAnAddWithACredentialTypeThatMembersDoNotSupport()
    {
        var stranger = _room.NewClient("stranger");
        var capabilities = stranger.Capabilities with { Credentials = [CredentialType.Basic, 0xF00D] };
        using var certified = KeyPackageBundle.Create(
            CipherSuite.Mandatory, stranger.SignatureKey, new UnknownCredential(0xF00D, new byte[] { 1 }), capabilities, stranger.Lifetime, [], [], _room.Random);
        Refused("a credential type in use is not supported", MlsError.InvalidLeafNode, new AddProposal(certified.KeyPackage));
    }

    [Fact]
    public void ACommitterMayGainACapabilityAndRequireItAtOnce()
    {
        var extension = new Extension(0xF0FE, "new"u8.ToArray());
        foreach (var member in _room.Members)
        {
            var more = member.Capabilities with { Extensions = [Client.KnownExtension, extension.Type] };
            var replacing = member == _room[3] ? Replacing(extension) : new CommitOptions();
            _room.Commit(member, replacing with { LeafChanges = new LeafChanges { Capabilities = more } });
        }
        Assert.Single(Victim.Group.ContextExtensions);
    }

    private static CommitOptions Replacing(Extension extension) =>
        new() { Proposals = [new GroupContextExtensionsProposal([extension])] };

    private static ReInitProposal ReInit() => new("next"u8.ToArray(), ProtocolVersion.Mls10, 1, []);

    /// <summary>An Update of a member's leaf, good in itself.</summary>
    private UpdateProposal Update(Client client)
    {
        var proposed = client.Group.ProposeUpdate(new LeafChanges(), _room.Random);
        using var next = proposed.Next;
        return (UpdateProposal)next.PendingProposals[^1].Proposal;
    }

    private ProposalReference Pending(int index) => Victim.Group.PendingProposals[index].Reference;

    private void RefusedAdd(KeyPackage keyPackage, MlsError error)
    {
        Refused(RogueCommit.Of(Rogue, new AddProposal(keyPackage)), error);
        Refused(RogueCommit.Propose(Rogue, new AddProposal(keyPackage)), error);
    }

    private void Refused(string rule, params IReadOnlyList<Proposal> proposals) => Refused(rule, MlsError.InvalidProposalList, proposals);

    private void Refused(string rule, MlsError error, params IReadOnlyList<Proposal> proposals) =>
        Refused(rule, [.. proposals.Select(proposal => (ProposalOrRef)new ProposalByValue(proposal))], error);

    private void Refused(string rule, IReadOnlyList<ProposalOrRef> proposals, MlsError error = MlsError.InvalidProposalList) =>
        Assert.Contains(rule, Refused(RogueCommit.Of(Rogue, proposals), error).Rule, StringComparison.Ordinal);

    private void RefusedWithPath(string rule, MlsError error, Proposal proposal)
    {
        var message = RogueCommit.Of(Rogue, [new ProposalByValue(proposal)], RogueCommit.Path(Rogue));
        Assert.Contains(rule, Refused(message, error).Rule, StringComparison.Ordinal);
    }

    /// <summary>Refused, nothing changed, and the next good message works.</summary>
    private Handled.Rejected Refused(byte[] message, MlsError error)
    {
        var rejected = Victim.Refuse(message, error);
        var dropped = Rogue.Group.Commit(new CommitOptions { IncludePending = false }, _room.Random);
        using var still = new DroppedCommit(dropped);
        using var next = Assert.IsType<Handled.CommitApplied>(Victim.Group.Handle(dropped.Message)).Next;
        return rejected;
    }
}
