using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

public sealed class PrivateMessageTests
{
    private static readonly Content Hello = new ApplicationContent("hello"u8.ToArray());

    private readonly Epoch _epoch = new();

    public static TheoryData<Content> Contents => [Hello, new ProposalContent(Epoch.Proposal), new CommitContent(Epoch.Commit)];

    [Theory, MemberData(nameof(Contents), DisableDiscoveryEnumeration = true)]
    public void EveryKindOfContentArrivesWithItsSenderAndWhatIsBeside(Content content)
    {
        var opened = _epoch.Open(_epoch.Private(content, paddingBlock: 100));
        Assert.Equal(WireFormat.PrivateMessage, opened.WireFormat);
        Assert.Equal(Epoch.Alice, opened.Content.Sender.Leaf);
        Assert.Equal("beside"u8, opened.Content.AuthenticatedData.Span);
        using var expected = new TlsWriter();
        content.Encode(expected);
        using var actual = new TlsWriter();
        opened.Content.Content.Encode(actual);
        Assert.Equal(expected.Written, actual.Written);
    }

    [Theory, MemberData(nameof(Contents), DisableDiscoveryEnumeration = true)]
    public void AnyDamagedBitIsRefused(Content content) => Damage.RefusedEverywhere(_epoch.Private(content, paddingBlock: 16), _epoch);

    [Fact]
    public void LengthsWithinOnePaddingBlockLookTheSame()
    {
        int[] lengths =
        [
            .. Enumerable.Range(0, 60).Select(
                length => _epoch.Protect(new ApplicationContent(new byte[length]), 256).Message.Ciphertext.Length),
        ];
        Assert.Equal(256 + Aead.TagSize, Assert.Single(lengths.Distinct()));
    }

    [Fact]
    public void TwoMessagesNeverShareKeyAndNonce()
    {
        var first = _epoch.Protect(Hello);
        var second = PrivateMessage.Protect(
            Epoch.Suite, first.Next, _epoch.SenderDataSecret, _epoch.Signed(WireFormat.PrivateMessage, Hello), 0, RandomSource.System);
        Assert.False(first.Message.Ciphertext.Span.SequenceEqual(second.Message.Ciphertext.Span));
        var opened = _epoch.Unprotect(second.Message);
        Assert.NotNull(_epoch.Unprotect(first.Message, opened.Next));
    }

    [Fact]
    public void TheReuseGuardKeepsNoncesApartEvenIfAGenerationIsUsedTwice() =>
        Assert.False(_epoch.Protect(Hello).Message.Ciphertext.Span.SequenceEqual(_epoch.Protect(Hello).Message.Ciphertext.Span));

    [Fact]
    public void AMessageIsOpenedOnceAndItsReplayHarmsNothing()
    {
        var first = _epoch.Protect(Hello);
        var second = PrivateMessage.Protect(
            Epoch.Suite, first.Next, _epoch.SenderDataSecret, _epoch.Signed(WireFormat.PrivateMessage, Hello), 0, RandomSource.System);
        var opened = _epoch.Unprotect(first.Message);
        AssertRefused(first.Message, MlsError.Undecryptable, opened.Next);
        opened = _epoch.Unprotect(second.Message, opened.Next);
        AssertRefused(first.Message, MlsError.Undecryptable, opened.Next);
        AssertRefused(second.Message, MlsError.Undecryptable, opened.Next);
    }

    [Fact]
    public void AFailedMessageLeavesTheTreeAsItWas()
    {
        byte[] before = Save(_epoch.Tree);
        var message = _epoch.Protect(Hello).Message;
        byte[] damaged = message.Ciphertext.ToArray();
        damaged[^1] ^= 1;
        AssertRefused(message with { Ciphertext = damaged }, MlsError.Undecryptable);
        AssertRefused(_epoch.Encrypt([0, 0, 1], ContentType.Application, Epoch.Alice, 0), MlsError.Malformed);
        Assert.Equal(before, Save(_epoch.Tree));
        _epoch.Unprotect(message);
    }

    [Fact]
    public void EveryWayOfFailingToDecryptLooksTheSame()
    {
        var message = _epoch.Protect(Hello).Message;
        byte[] plaintext = [0, 0];
        var tooFar = new Epoch { Tree = SecretTree.Create(Epoch.Suite, new Secret(32), 4, new RatchetLimits(2000)) };
        PrivateMessage[] failing =
        [
            message with { EncryptedSenderData = new byte[28] },
            message with { EncryptedSenderData = new byte[27] },
            message with { EncryptedSenderData = default },
            message with { Ciphertext = default },
            message with { Ciphertext = new byte[40] },
            message with { ContentType = ContentType.Proposal },
            message with { AuthenticatedData = default },
            _epoch.Encrypt(plaintext, ContentType.Application, Epoch.Blank, 0),
            Outside(_epoch),
        ];
        string[] rules = [.. failing.Select(one => AssertRefused(one, MlsError.Undecryptable).Rule)];
        Assert.Single(rules.Distinct());

        var ahead = tooFar.Encrypt(plaintext, ContentType.Application, Epoch.Alice, 1001);
        var refused = Assert.Throws<MlsException>(
            () => ahead.Unprotect(Epoch.Suite, tooFar.Context, Epoch.NewTree(), tooFar.SenderDataSecret, tooFar.SignatureKeyOf));
        Assert.Equal((MlsError.Undecryptable, rules[0]), (refused.Error, refused.Rule));
    }

    [Fact]
    public void PaddingThatIsNotAllZeroIsRefused()
    {
        using var plaintext = new TlsWriter();
        PrivateMessageContent.Encode(plaintext, Hello, _epoch.Signed(WireFormat.PrivateMessage, Hello).Auth, 0);
        foreach (int at in (int[])[0, 5, 9])
        {
            byte[] padding = new byte[10];
            padding[at] = 1;
            AssertRefused(_epoch.Encrypt([.. plaintext.Written, .. padding], ContentType.Application, Epoch.Alice, 0), MlsError.Malformed);
        }
    }

    [Fact]
    public void AMembersMalformedPlaintextIsRefused()
    {
        byte[][] plaintexts = [[], [0], [5, 1], [0, 63], [0xc0, 0]];
        foreach (byte[] plaintext in plaintexts)
        {
            var message = _epoch.Encrypt(plaintext, ContentType.Application, Epoch.Alice, 0);
            Assert.Throws<CodecException>(() => _epoch.Unprotect(message));
        }
    }

    [Fact]
    public void ASignatureOfAnotherMemberIsRefused()
    {
        var signed = AuthenticatedContent.Sign(
            Epoch.Suite, WireFormat.PrivateMessage, _epoch.Framed(Hello), _epoch.Context, _epoch.Key(Epoch.Bob));
        var sent = PrivateMessage.Protect(Epoch.Suite, _epoch.Tree, _epoch.SenderDataSecret, signed, 0, RandomSource.System);
        AssertRefused(sent.Message, MlsError.InvalidSignature);
    }

    [Fact]
    public void AMemberCannotSendAsAnother()
    {
        using var plaintext = new TlsWriter();
        PrivateMessageContent.Encode(plaintext, Hello, _epoch.Signed(WireFormat.PrivateMessage, Hello).Auth, 0);
        AssertRefused(_epoch.Encrypt(plaintext.Written, ContentType.Application, Epoch.Bob, 0), MlsError.InvalidSignature);
    }

    [Fact]
    public void AnotherGroupAndAnotherEpochAreRefused()
    {
        var message = _epoch.Protect(Hello).Message;
        AssertRefused(message with { GroupId = "others"u8.ToArray() }, MlsError.WrongGroup);
        AssertRefused(message with { Epoch = 8 }, MlsError.WrongEpoch);
    }

    [Fact]
    public void OnlyMembersSendPrivateMessages()
    {
        foreach (var sender in (Sender[])[Sender.External(0), Sender.NewMemberProposal, Sender.NewMemberCommit])
        {
            Assert.Throws<ArgumentException>(() => AuthenticatedContent.Sign(
                Epoch.Suite, WireFormat.PrivateMessage, _epoch.Framed(Hello, sender), _epoch.Context, _epoch.ExternalKey));
        }
    }

    [Fact]
    public void OnlyContentSignedAsPrivateIsSentAsPrivate()
    {
        var signed = _epoch.Signed(WireFormat.PublicMessage, new ProposalContent(Epoch.Proposal));
        Assert.Throws<ArgumentException>(
            () => PrivateMessage.Protect(Epoch.Suite, _epoch.Tree, _epoch.SenderDataSecret, signed, 0, RandomSource.System));
    }

    [Fact]
    public void ACommitWithoutConfirmationTagIsNotSent()
    {
        var signed = AuthenticatedContent.Sign(
            Epoch.Suite,
            WireFormat.PrivateMessage,
            _epoch.Framed(new CommitContent(Epoch.Commit)),
            _epoch.Context,
            _epoch.Key(Epoch.Alice));
        Assert.Throws<InvalidOperationException>(
            () => PrivateMessage.Protect(Epoch.Suite, _epoch.Tree, _epoch.SenderDataSecret, signed, 0, RandomSource.System));
    }

    [Fact]
    public void HandshakeAndApplicationMessagesUseDifferentRatchets()
    {
        var proposal = _epoch.Protect(new ProposalContent(Epoch.Proposal));
        var opened = _epoch.Unprotect(proposal.Message);
        Assert.NotNull(_epoch.Unprotect(_epoch.Protect(Hello).Message, opened.Next));
    }

    /// <summary>A message from a leaf beyond the tree: only its sender data can be made.</summary>
    private static PrivateMessage Outside(Epoch epoch)
    {
        using var header = new TlsWriter();
        header.WriteOpaque(Epoch.GroupId.Span);
        header.WriteUInt64(epoch.Context.Epoch);
        header.WriteUInt8((byte)ContentType.Application);
        byte[] ciphertext = new byte[40];
        byte[] senderData = new SenderData(new LeafIndex(uint.MaxValue), 0, 0)
            .Seal(Epoch.Suite, epoch.SenderDataSecret, ciphertext, header.Written);
        return new PrivateMessage(Epoch.GroupId, epoch.Context.Epoch, ContentType.Application, default, senderData, ciphertext);
    }

    private MlsException AssertRefused(PrivateMessage message, MlsError error, SecretTree? tree = null)
    {
        var refused = Assert.Throws<MlsException>(() => _epoch.Unprotect(message, tree));
        Assert.Equal(error, refused.Error);
        return refused;
    }

    private static byte[] Save(SecretTree tree)
    {
        var changes = new RecordChanges(new StateDigest());
        using var records = changes.Records;
        SecretTree.Compare(null, tree, 0, changes);
        using var saved = records.Serialize();
        return saved.Reveal().ToArray();
    }
}
