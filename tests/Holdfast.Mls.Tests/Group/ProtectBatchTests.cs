using System.Text;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>Many messages protected at once are what they would be one after the other.</summary>
public sealed class ProtectBatchTests : IDisposable
{
    private readonly SeededRandom _random = new(8);
    private readonly Client _alice, _bob;

    public ProtectBatchTests()
    {
        (_alice, _bob) = (new Client("alice", _random), new Client("bob", _random));
        _alice.Found();
        using var bundle = _bob.NewKeyPackage();
        var pending = _alice.Group.Commit(new CommitOptions { Proposals = [new AddProposal(bundle.KeyPackage)] }, _random);
        _bob.Join(pending.Welcome!, bundle);
        pending.Current.Dispose();
        _alice.Adopt(pending.Next);
    }

    [Theory, InlineData(0), InlineData(1), InlineData(40)]
    public void WhatIsProtectedTogetherIsReadLikeWhatIsProtectedOneByOne(int count)
    {
        using var stored = _alice.Group.Serialize();
        using var again = Group.Restore(stored.Reveal(), _alice.SignatureKey, _alice.Group.Policy);
        var batch = _alice.Group.ProtectBatch(Texts(count), _random);
        var one = again;
        for (int i = 0; i < count; i++) one = one.Protect(Texts(count)[i].Plaintext.Span, Texts(count)[i].AuthenticatedData.Span, _random).Next;
        Assert.Equal(Client.StateOf(one), Client.StateOf(batch.Next));
        Assert.Equal(count, batch.Messages.Count);
        var outcomes = batch.Messages.Select(_bob.Hear).ToList();
        Assert.Equal(Enumerable.Range(0, count).Select(static i => $"text {i}, data {i}"), outcomes.Select(static outcome =>
            $"{Encoding.UTF8.GetString(outcome.Plaintext)}, {Encoding.UTF8.GetString(outcome.AuthenticatedData.Span)}"));
    }

    [Fact]
    public void OneThatIsTooLongTakesTheOthersWithItAndNoKey()
    {
        var texts = Texts(20);
        texts[10] = ("text"u8.ToArray(), new byte[MlsLimits.MaxAuthenticatedDataSize + 1]);
        string before = Client.StateOf(_alice.Group);
        Assert.Throws<ArgumentOutOfRangeException>(() => _alice.Group.ProtectBatch(texts, _random));
        texts[10] = (new byte[MlsLimits.MaxMessageSize], default);
        Assert.Throws<ArgumentOutOfRangeException>(() => _alice.Group.ProtectBatch(texts, _random));
        Assert.Equal(before, Client.StateOf(_alice.Group));
        Assert.Equal("goes on", _bob.HearText(_alice.Say("goes on")));
    }

    [Fact]
    public void NothingIsProtectedTogetherWhileAProposalIsPending()
    {
        _alice.Propose(new GroupContextExtensionsProposal([]));
        Assert.Throws<InvalidOperationException>(() => _alice.Group.ProtectBatch(Texts(2), _random));
    }

    public void Dispose()
    {
        _alice.Dispose();
        _bob.Dispose();
    }

    private static List<(ReadOnlyMemory<byte> Plaintext, ReadOnlyMemory<byte> AuthenticatedData)> Texts(int count) =>
        [.. Enumerable.Range(0, count).Select(static i => ((ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes($"text {i}"), (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes($"data {i}")))];
}
