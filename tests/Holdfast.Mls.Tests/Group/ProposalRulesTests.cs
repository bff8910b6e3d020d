using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>RFC 9420 §12.1: what is wrong with a proposal by itself, sent alone or in a commit.</summary>
public sealed class ProposalRulesTests : RogueProposals
{
    [Fact]
    public void RejectsAPreSharedKeyNonceOfAnotherSize() => Refused(
        "a psk_nonce must have the hash's size",
        MlsError.InvalidProposal,
        new PreSharedKeyProposal(new ExternalPskId("door"u8.ToArray(), new byte[31])));

    [Theory, InlineData(ResumptionPskUsage.Reinit), InlineData(ResumptionPskUsage.Branch)]
    public void RejectsResumptionKeysOfOtherUses(ResumptionPskUsage usage) => Refused(
        "usage reinit or branch",
        MlsError.InvalidProposal,
        new PreSharedKeyProposal(new ResumptionPskId(usage, Victim.Group.GroupId, 0, new byte[32])));

    [Fact]
    public void RejectsAnExternalInitThatIsProposed() =>
        Victim.Refuse(RogueCommit.Propose(Rogue, new ExternalInitProposal(new byte[32])), MlsError.InvalidProposal);

    [Theory]
    [InlineData(2u), InlineData(4u), InlineData(7u), InlineData(8u), InlineData(1u << 24), InlineData(1u << 31), InlineData(uint.MaxValue)]
    public void RejectsARemoveOfNobody(uint leaf)
    {
        Room.Remove(Rogue, Room[2]);   // leaf 2 is blank now
        Refused("a Remove of a leaf that is blank", new RemoveProposal(new LeafIndex(leaf)));
        Victim.Refuse(RogueCommit.Propose(Rogue, new RemoveProposal(new LeafIndex(leaf))), MlsError.InvalidProposal);   // nor by itself
    }

    [Fact]
    public void RejectsAnAddWhoseSignatureIsWrong()
    {
        using var self = Room.NewClient("new").NewKeyPackage();
        RefusedAdd(self.KeyPackage with { Signature = new byte[64] }, MlsError.InvalidSignature);
        var leaf = self.KeyPackage.LeafNode with { Signature = new byte[64] };
        RefusedAdd(self.KeyPackage with { LeafNode = leaf }, MlsError.InvalidSignature);
    }

    [Fact]
    public void RejectsAnAddOfAnotherSuiteOrVersion()
    {
        using var self = Room.NewClient("new").NewKeyPackage();
        RefusedAdd(self.KeyPackage with { CipherSuite = 2 }, MlsError.InvalidKeyPackage);
        RefusedAdd(self.KeyPackage with { Version = (ProtocolVersion)2 }, MlsError.InvalidKeyPackage);
    }

    [Fact]
    public void RejectsAnAddWhoseCredentialTheApplicationRefuses()
    {
        Victim.Refused.Add("ghost");
        using var self = Room.NewClient("ghost").NewKeyPackage();
        RefusedAdd(self.KeyPackage, MlsError.RefusedCredential);
    }

    [Fact]
    public void RejectsAnAddOutsideItsLifetime()
    {
        var client = Room.NewClient("new");
        client.Lifetime = new Lifetime(1000, 2000);
        using var self = client.NewKeyPackage();
        var message = RogueCommit.Propose(Rogue, new AddProposal(self.KeyPackage));
        Assert.IsType<Handled.ProposalReceived>(Victim.Group.Handle(message, DateTimeOffset.FromUnixTimeSeconds(1500)));
        foreach (long time in new[] { 999L, 2001L })
        {
            var late = Assert.IsType<Handled.Rejected>(Victim.Group.Handle(message, DateTimeOffset.FromUnixTimeSeconds(time)));
            Assert.Equal(MlsError.InvalidLeafNode, late.Error);
            Assert.Throws<MlsException>(() => Rogue.Group.Propose(
                new AddProposal(self.KeyPackage), Room.Random, now: DateTimeOffset.FromUnixTimeSeconds(time)));
        }
    }

    [Fact]
    public void RejectsAnAddThatLacksARequiredCapability()
    {
        var required = new RequiredCapabilities([Client.KnownExtension], [], [CredentialType.Basic]);
        Room.Commit(Victim, Replacing(new Extension(ExtensionType.RequiredCapabilities, Tls.Encode(required))));
        var client = Room.NewClient("old");
        client.Capabilities = client.Capabilities with { Extensions = [] };
        using var self = client.NewKeyPackage();
        RefusedAdd(self.KeyPackage, MlsError.InvalidLeafNode);   // it could not follow the group
    }

    [Fact]
    public void RejectsAnAddThatDoesNotSupportAnExtensionOfTheGroup()
    {
        Room.Commit(Victim, Replacing(new Extension(Client.KnownExtension, "a"u8.ToArray())));
        var client = Room.NewClient("old");
        client.Capabilities = client.Capabilities with { Extensions = [] };
        using var self = client.NewKeyPackage();
        RefusedAdd(self.KeyPackage, MlsError.InvalidLeafNode);
    }

    [Fact]
    public void RejectsAnUpdateThatKeepsItsKey()
    {
        var state = Room[2].Group.State;
        var same = (state.OwnLeafNode with { Source = LeafNodeSource.Update, ParentHash = default, Lifetime = null })
            .Sign(CipherSuite.Mandatory, Room[2].SignatureKey, state.Context.GroupId.Span, state.OwnLeaf);
        Victim.Refuse(RogueCommit.Propose(Room[2], new UpdateProposal(same)), MlsError.InvalidLeafNode);
    }

    [Fact]
    public void RejectsAnUpdateInAnothersName()
    {
        var update = Update(Room[2]);
        Victim.Refuse(RogueCommit.Propose(Rogue, update), MlsError.InvalidSignature);   // signed for another leaf
    }

    private void RefusedAdd(KeyPackage keyPackage, MlsError error)
    {
        Refused(RogueCommit.Of(Rogue, new AddProposal(keyPackage)), error);
        Refused(RogueCommit.Propose(Rogue, new AddProposal(keyPackage)), error);
    }
}
