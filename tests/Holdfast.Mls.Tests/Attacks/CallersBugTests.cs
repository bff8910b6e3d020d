using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>What would make an honest client send something that others have to refuse is refused before it is sent.</summary>
public sealed class CallersBugTests : IDisposable
{
    private readonly Room _room = Room.Of(2);

    private Client Member => _room[0];

    public void Dispose() => _room.Dispose();

    [Fact]
    public void AGroupIsFoundedWithAKeyPackageOfItsSuiteAndItsOwnKey()
    {
        using var self = Member.NewKeyPackage();
        var other = CipherSuite.Find(3)!;
        Assert.Throws<ArgumentException>(() => Found(other, Member.SignatureKey, []));
        Assert.Throws<ArgumentException>(() => Found(self.Suite, _room[1].SignatureKey, []));
        Extension[] twice = [new(Client.KnownExtension, default), new(Client.KnownExtension, default)];
        Assert.Equal(MlsError.Malformed, Assert.Throws<MlsException>(() => Found(self.Suite, Member.SignatureKey, twice)).Error);
        Found(self.Suite, Member.SignatureKey, twice[..1]).Dispose();

        Group Found(CipherSuite suite, SignatureKey key, IReadOnlyList<Extension> extensions) =>
            Group.Create(suite, new byte[16], self, key, extensions, Member.Policy, _room.Random);
    }

    [Fact]
    public void WhatIsExportedIsAsLongAsItsHashAllows()
    {
        int most = 255 * Member.Suite.Hkdf.HashSize;
        foreach (int length in (int[])[-1, int.MinValue, most + 1, int.MaxValue])
            Assert.Throws<ArgumentOutOfRangeException>(() => Member.Group.Export("label", [], length));
        foreach (int length in (int[])[0, 1, most])
        {
            using var exported = Member.Group.Export("label", [], length);
            Assert.Equal(length, exported.Reveal().Length);
        }
    }

    /// <summary>What is logged after the fact must not fail for it.</summary>
    [Fact]
    public void WhatWasDisposedIsStillPrinted()
    {
        var commit = Member.Group.Commit(new CommitOptions(), _room.Random);
        var linked = new LinkedGroup(commit.Next, null);
        Assert.Equal($"PendingCommit({commit.Next})", commit.ToString());
        Assert.Equal($"LinkedGroup({commit.Next})", linked.ToString());
        Assert.Contains("epoch 2", commit.ToString(), StringComparison.Ordinal);
        commit.Current.Dispose();
        commit.Next.Dispose();
        Assert.Equal("Group(disposed)", commit.Next.ToString());
        Assert.Equal("PendingCommit(Group(disposed))", commit.ToString());
        Assert.Equal("LinkedGroup(Group(disposed))", linked.ToString());
        Assert.Contains("Group(disposed)", new Protected([], commit.Next).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void AnUpdateIsMadeByTheGroupAndKeepsTheSignatureKey()
    {
        var update = new UpdateProposal(Member.Group.State.OwnLeafNode);
        Assert.Throws<ArgumentException>(() => Member.Group.Propose(update, _room.Random));
        using var key = Member.Suite.Signature.Generate(_room.Random);
        Assert.Throws<ArgumentException>(() => Member.Group.ProposeUpdate(new LeafChanges { SignatureKey = key }, _room.Random));
    }

    [Fact]
    public void AGroupInfoHasNoExtensionTwice()
    {
        var told = new Extension(0xF0F1, default);
        using var self = _room.NewClient("new").NewKeyPackage();
        var options = new CommitOptions { Proposals = [new AddProposal(self.KeyPackage)] };
        Assert.Throws<MlsException>(() => Member.Group.Commit(options with { GroupInfoExtensions = [told, told] }, _room.Random));
        new DroppedCommit(Member.Group.Commit(options with { GroupInfoExtensions = [told] }, _room.Random)).Dispose();
    }

    [Fact]
    public void OnlyACommitThatAddsHasAWelcome() => Assert.Null(_room.Commit(Member, new CommitOptions()).Welcome);

    [Fact]
    public void APublicMessageIsOneThatMayBePublicAndHasItsTag()
    {
        var framed = Member.Group.Frame(new ApplicationContent(default), default);
        var unsigned = new AuthenticatedContent(WireFormat.PublicMessage, framed, new FramedContentAuthData(new byte[64]));
        var (context, key) = (Member.Group.Context, Member.Group.State.Secrets.MembershipKey);
        Assert.Throws<ArgumentException>(() => PublicMessage.Protect(Member.Suite, unsigned, context, key));
        var proposal = unsigned with { Content = framed with { Content = new ProposalContent(new RemoveProposal(default)) } };
        Assert.NotNull(PublicMessage.Protect(Member.Suite, proposal, context, key).MembershipTag);
        Assert.Throws<InvalidOperationException>(() => Tls.Encode(new PublicMessage(proposal.Content, proposal.Auth)));
    }

    [Fact]
    public void EveryKeyPackageHasKeysOfItsOwn()
    {
        var keys = new HashSet<string>();
        for (int i = 0; i < 20; i++)
        {
            using var bundle = Member.NewKeyPackage();
            Assert.True(keys.Add(Convert.ToHexString(bundle.KeyPackage.InitKey.Span)));
            Assert.True(keys.Add(Convert.ToHexString(bundle.KeyPackage.LeafNode.EncryptionKey.Span)));
        }
    }

    [Fact]
    public void AStoredKeyPackageIsOfAKnownSuiteAndEndsWhereItEnds()
    {
        using var bundle = Member.NewKeyPackage();
        using var stored = bundle.Serialize();
        Assert.Throws<CodecException>(() => KeyPackageBundle.Restore([.. stored.Reveal(), 0]));
        Assert.Throws<ArgumentException>(() => KeyPackageBundle.Import(
            bundle.KeyPackage with { CipherSuite = 0x0A0A }, bundle.InitKey.RevealPrivateKey(), bundle.LeafKey.RevealPrivateKey()));
        foreach (int key in (int[])[0, 1])
        {
            using var writer = new TlsWriter();
            writer.WriteUInt8(stored.Reveal()[0]);
            writer.Write(bundle.KeyPackage);
            writer.WriteOpaque(new byte[key == 0 ? MlsLimits.MaxKeySize + 1 : 32]);
            writer.WriteOpaque(new byte[key == 1 ? MlsLimits.MaxKeySize + 1 : 32]);
            Assert.Throws<CodecException>(() => KeyPackageBundle.Restore(writer.Written));
        }
    }

    [Fact]
    public void APathIsOpenedByOthersAndHasNoSecretForItsMaker()
    {
        var group = TreeGroup.Full(4);
        var (created, path) = group.Prepare(default);
        using (created)
        {
            Assert.Throws<ArgumentException>(() => created.PathSecretFor(default));
            var after = group.Tree.Merge(default, path, new HashSet<LeafIndex>());
            Assert.Throws<ArgumentException>(() => ReceivedPath.Open(
                group.Tree, after, default, path, group.KeysOf(default), Tls.Encode(TreeGroup.ContextOf(after)), new HashSet<LeafIndex>()));
        }
    }

    [Fact]
    public void ALeafIsOfAKnownSourceAndHasWhatItsSourceSays()
    {
        using var bundle = Member.NewKeyPackage();
        var leaf = bundle.KeyPackage.LeafNode;
        foreach (int source in (int[])[0, 4, 255])
            Assert.Throws<CodecException>(() => Tls.Decode<LeafNode>(Tls.Encode(leaf with { Source = (LeafNodeSource)source })));
        Assert.Throws<InvalidOperationException>(() => Tls.Encode(leaf with { Lifetime = null }));
    }

    [Fact]
    public void ContentIsOfAKnownTypeAndItsSenderOfAKnownKind()
    {
        Assert.Throws<CodecException>(() =>
        {
            var reader = new TlsReader([0, 0, 0, 0]);
            return Content.Decode((ContentType)9, ref reader);
        });
        var framed = Member.Group.Frame(new ProposalContent(new RemoveProposal(default)), default);
        Assert.Null(SenderRules.Violation(WireFormat.PublicMessage, framed));
        Assert.NotNull(SenderRules.Violation(WireFormat.PublicMessage, framed with { Sender = default }));
    }

    [Fact]
    public void WhoAsksToBeAddedSignsWithTheKeyOfItsLeaf()
    {
        using var self = Member.NewKeyPackage();
        Assert.Throws<ArgumentException>(() => ExternalProposal.AddOfSelf(self, Member.Group.GroupId, 1, _room[1].SignatureKey));
    }

    [Fact]
    public void AnExtensionThatNamesSendersEndsWhereItEnds()
    {
        var senders = ExternalSender.ToExtension([new ExternalSender(new byte[32], new BasicCredential(default))]);
        Assert.Single(ExternalSender.In([senders]));
        Assert.Throws<CodecException>(() => ExternalSender.In([senders with { Data = (byte[])[.. senders.Data.Span, 0] }]));
    }

    [Fact]
    public void AStepIsAdoptedOnce()
    {
        using var tree = SecretTree.Create(Member.Suite, new Secret(32), 4, new RatchetLimits());
        using var step = tree.Next(default, RatchetType.Application, stackalloc byte[RatchetStep.Room]);
        step.Adopt().Dispose();
        try { step.Adopt(); }   // a lambda cannot hold a step
        catch (InvalidOperationException) { return; }
        Assert.Fail("adopted twice");
    }

    [Fact]
    public void ALeafOfATreeHasNothingBelowIt()
    {
        var leaf = new TreeNode(new NodeIndex(0), null);
        Assert.Throws<InvalidOperationException>(() => leaf.Left);
        Assert.Throws<InvalidOperationException>(() => leaf.Right);
    }

    /// <summary>The tag over the sender data is what keeps a message from being read as the first of the first leaf.</summary>
    [Fact]
    public void DamagedSenderDataIsNotReadAsZeros()
    {
        var epoch = new Epoch();
        using var plaintext = new TlsWriter();
        var content = new ApplicationContent("first"u8.ToArray());
        PrivateMessageContent.Encode(plaintext, content, epoch.Signed(WireFormat.PrivateMessage, content).Auth, 0);
        var message = epoch.Encrypt(plaintext.Written, ContentType.Application, Epoch.Alice, 0);
        byte[] senderData = message.EncryptedSenderData.ToArray();
        senderData[^1] ^= 1;
        Assert.Equal(
            MlsError.Undecryptable,
            Assert.Throws<MlsException>(() => epoch.Unprotect(message with { EncryptedSenderData = senderData })).Error);
    }
}
