using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>Many messages at once come out as they would one after the other, and fast framing as plain framing.</summary>
public sealed class BatchTests : IDisposable
{
    private readonly SeededRandom _random = new(7);
    private readonly Client _alice, _bob;

    public BatchTests()
    {
        (_alice, _bob) = (new Client("alice", _random), new Client("bob", _random));
        _alice.Found();
        using var bundle = _bob.NewKeyPackage();
        var pending = _alice.Group.Commit(new CommitOptions { Proposals = [new AddProposal(bundle.KeyPackage)] }, _random);
        _bob.Join(pending.Welcome!, bundle);
        pending.Current.Dispose();
        _alice.Adopt(pending.Next);
    }

    [Fact]
    public void ABatchComesOutAsItsMessagesOneByOne()
    {
        var messages = new List<ReadOnlyMemory<byte>>();
        for (int i = 0; i < 40; i++) messages.Add(_alice.Say($"text {i}"));
        messages[3] = messages[2];                                  // comes twice
        (messages[10], messages[11]) = (messages[11], messages[10]);   // overtakes
        messages[20] = new byte[] { 0, 1, 2 };                      // garbage
        var damaged = messages[25].ToArray();
        damaged[^1] ^= 1;
        messages[25] = damaged;
        messages.Insert(30, _bob.Say("our own"));
        messages.Add(_alice.Propose(new GroupContextExtensionsProposal([])));
        var commit = _alice.Group.Commit(new CommitOptions(), _random);
        messages.Add(commit.Message);
        commit.Current.Dispose();
        _alice.Adopt(commit.Next);
        for (int i = 0; i < 40; i++) messages.Add(_alice.Say($"next {i}"));

        AssertSameOutcomes(messages);
    }

    [Theory, InlineData(0), InlineData(20), InlineData(39)]
    public void AMessageWithABadSignatureTakesNothingWithIt(int place)
    {
        using var secret = new Secret(_alice.Suite.Hkdf.HashSize);
        _alice.Adopt(WithRatchets(_alice.Group, secret));
        _bob.Adopt(WithRatchets(_bob.Group, secret));
        var messages = new List<ReadOnlyMemory<byte>>();
        for (int i = 0; i < 40; i++)
        {
            byte[] message = _alice.Say($"text {i}");
            messages.Add(message);
            if (i == place) messages.Insert(i, Forged((uint)i, secret));   // another's text under the generation that the genuine one has
        }

        var outcomes = AssertSameOutcomes(messages);

        Assert.Equal(MlsError.InvalidSignature, Assert.IsType<Handled.Rejected>(outcomes[place]).Error);
        Assert.IsType<Handled.ApplicationReceived>(outcomes[place + 1]);
    }

    [Fact]
    public void OnlyTheLastGroupOfABatchIsLeft()
    {
        var messages = new List<ReadOnlyMemory<byte>>();
        for (int i = 0; i < 40; i++) messages.Add(_alice.Say($"text {i}"));
        var outcomes = _bob.Group.HandleBatch(messages).Cast<Handled.ApplicationReceived>().ToList();
        Assert.All(outcomes.SkipLast(1), static outcome => Assert.Throws<ObjectDisposedException>(() => outcome.Next.Epoch));
        _bob.Adopt(outcomes[^1].Next);
        Assert.IsType<Handled.ApplicationReceived>(_bob.Group.Handle(_alice.Say("after")));
    }

    [Theory, InlineData(0), InlineData(64)]
    public void PlainFramingReadsWhatFastFramingMade(int paddingBlock)
    {
        using var secret = new Secret(_alice.Suite.Hkdf.HashSize);
        using SecretTree sending = Ratchets(secret), receiving = Ratchets(secret);
        using var step = sending.Next(_alice.Group.OwnLeaf, RatchetType.Application, stackalloc byte[RatchetStep.Room]);
        byte[] sealedText = ApplicationMessage.Seal(_alice.Group.State, step, "text"u8, "aad"u8, paddingBlock, _random);

        var message = Tls.Decode<MlsMessage>(sealedText).PrivateMessage!;
        var (content, next) = message.Unprotect(
            _alice.Suite, _bob.Group.Context, receiving, _bob.Group.State.Secrets.SenderDataSecret, _ => _alice.SignatureKey.PublicKey);
        next.Dispose();

        Assert.Equal("text"u8, ((ApplicationContent)content.Content.Content).Data.Span);
        Assert.Equal("aad"u8, content.Content.AuthenticatedData.Span);
        if (paddingBlock > 0) Assert.Equal(Aead.TagSize, message.Ciphertext.Length % paddingBlock);
    }

    [Fact]
    public void FastFramingReadsWhatPlainFramingMade()
    {
        using var secret = new Secret(_alice.Suite.Hkdf.HashSize);
        using var receiving = Ratchets(secret);
        byte[] sealedText = Plain(_alice.SignatureKey, 0, secret);
        using var opened = ApplicationMessage.Open(_bob.Group.State, receiving, sealedText);
        Assert.True(opened.HasGoodSignature());
        Assert.Equal("plain"u8, opened.Received(1, _bob.Group).Plaintext);
    }

    public void Dispose()
    {
        _alice.Dispose();
        _bob.Dispose();
    }

    private IReadOnlyList<Handled> AssertSameOutcomes(List<ReadOnlyMemory<byte>> messages)
    {
        var batch = _bob.Group.HandleBatch(messages);
        var current = _bob.Group;
        Assert.Equal(messages.Count, batch.Count);
        for (int i = 0; i < messages.Count; i++)
        {
            var outcome = current.Handle(messages[i].Span);
            Assert.Equal(Told(outcome), Told(batch[i]));
            current = Group.NextOf(outcome) ?? current;
        }
        Assert.Equal(Client.StateOf(current), Client.StateOf(batch.Select(Group.NextOf).Last(next => next is not null)!));
        return batch;
    }

    private static string Told(Handled outcome) => outcome switch
    {
        Handled.ApplicationReceived received =>
            $"{received.Sender} {received.Epoch} {Convert.ToHexString(received.Plaintext)} " +
            Convert.ToHexString(received.AuthenticatedData.Span),
        Handled.Rejected rejected => rejected.ToString(),
        Handled.CommitApplied applied => $"commit of {applied.Sender}",
        _ => outcome.GetType().Name,
    };

    private Group WithRatchets(Group group, Secret secret) => group.With(Ratchets(secret));

    private SecretTree Ratchets(Secret secret) => SecretTree.Create(_alice.Suite, Secret.CopyOf(secret.Reveal()), 2, new RatchetLimits());

    /// <summary>A text in Alice's name that she has not signed.</summary>
    private byte[] Forged(uint generation, Secret secret)
    {
        using var other = _alice.Suite.Signature.Generate(_random);
        return Plain(other, generation, secret);
    }

    private byte[] Plain(SignatureKey key, uint generation, Secret secret)
    {
        var tree = Ratchets(secret);
        for (uint i = 0; i < generation; i++)
        {
            using var passed = tree.Next(_alice.Group.OwnLeaf, RatchetType.Application, new byte[RatchetStep.Room]);
            tree.Dispose();
            tree = passed.Adopt();
        }
        var framed = _alice.Group.Frame(new ApplicationContent("plain"u8.ToArray()), default);
        var signed = AuthenticatedContent.Sign(_alice.Suite, WireFormat.PrivateMessage, framed, _alice.Group.Context, key);
        var (message, next) = PrivateMessage.Protect(
            _alice.Suite, tree, _alice.Group.State.Secrets.SenderDataSecret, signed, 0, _random);
        next.Dispose();
        tree.Dispose();
        return Tls.Encode(new MlsMessage(message));
    }
}
