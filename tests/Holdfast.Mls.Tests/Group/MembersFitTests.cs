using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>
/// RFC 9420 §7.3, §11.1, §12.2: proposals of which each is good, and which leave a group whose members and extensions do not fit.
/// </summary>
public sealed class MembersFitTests : RogueProposals
{
    [Fact]
    public void JudgesAddsByTheExtensionsOfTheSameCommit()
    {
        var client = Room.NewClient("old");
        client.Capabilities = client.Capabilities with { Extensions = [] };
        using var self = client.NewKeyPackage();
        var extension = new GroupContextExtensionsProposal([new Extension(Client.KnownExtension, "a"u8.ToArray())]);
        Refused("does not support an extension of the group", MlsError.InvalidLeafNode, new AddProposal(self.KeyPackage), extension);
    }

    [Fact]
    public void RejectsExtensionsThatAMemberDoesNotSupport() => RefusedWithPath(
        "does not support an extension of the group, 0xF0FF (leaf 0)",
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
        "",
        MlsError.Malformed,
        new GroupContextExtensionsProposal([new Extension(ExtensionType.RequiredCapabilities, new byte[] { 0x40 })]));

    [Fact]
    public void RejectsAnAddWithACredentialTypeThatMembersDoNotSupport()
    {
        using var certified = NewKeyPackageOfUnknownCredential();
        Refused("a credential type in use is not supported", MlsError.InvalidLeafNode, new AddProposal(certified.KeyPackage));
    }

    [Fact]
    public void RejectsAnUpdateThatTakesAnothersKey()
    {
        var state = Room[2].Group.State;
        var stolen = (state.OwnLeafNode with
        {
            Source = LeafNodeSource.Update,
            ParentHash = default,
            Lifetime = null,
            EncryptionKey = Victim.Group.State.OwnLeafNode.EncryptionKey,
        }).Sign(CipherSuite.Mandatory, Room[2].SignatureKey, state.Context.GroupId.Span, state.OwnLeaf);
        var message = RogueCommit.Propose(Room[2], new UpdateProposal(stolen));
        foreach (var member in Room.Others(Room[2])) member.TakeProposal(message);
        Refused("an Update takes a key that is another member's", [Pending(0)]);
    }

    [Fact]
    public void RejectsAnAddWhoseKeyIsAParentNodes()
    {
        Room.Commit(Victim, new CommitOptions());
        var client = Room.NewClient("new");
        using var self = client.NewKeyPackage();
        var parentKey = Victim.Group.State.Tree.EncryptionKey(new NodeIndex(1));
        Assert.False(parentKey.IsEmpty);
        var leaf = (self.KeyPackage.LeafNode with { EncryptionKey = parentKey })
            .Sign(CipherSuite.Mandatory, client.SignatureKey, [], default);
        var unsigned = self.KeyPackage with { LeafNode = leaf };
        var signature = CipherSuite.Mandatory.SignWithLabel(client.SignatureKey, Labels.KeyPackage, unsigned.Tbs());
        // without the rule a subgroup's secrets would open to the newcomer
        Refused("stands at two nodes", MlsError.InvalidTree, new AddProposal(unsigned with { Signature = signature }));
    }

    [Fact]
    public void ACommitterMayGainACapabilityAndRequireItAtOnce()
    {
        var extension = new Extension(0xF0FE, "new"u8.ToArray());
        foreach (var member in Room.Members)
        {
            var more = member.Capabilities with { Extensions = [Client.KnownExtension, extension.Type] };
            var replacing = member == Room[3] ? Replacing(extension) : new CommitOptions();
            Room.Commit(member, replacing with { LeafChanges = new LeafChanges { Capabilities = more } });
        }
        Assert.Single(Victim.Group.ContextExtensions);
    }

    private void RefusedWithPath(string rule, MlsError error, Proposal proposal)
    {
        var message = RogueCommit.Of(Rogue, [new ProposalByValue(proposal)], RogueCommit.Path(Rogue));
        Assert.Contains(rule, Refused(message, error).Rule, StringComparison.Ordinal);
    }
}
