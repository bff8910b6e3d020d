using Holdfast.Codec;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>What the library's README tells callers to do beside its example, done as it says.</summary>
public sealed class ReadmeTests : IDisposable
{
    private readonly Room _room = Room.Of(3);

    private Client One => _room[0];

    public void Dispose() => _room.Dispose();

    /// <summary>The process ends between making a commit and learning that it was accepted; a message comes in between too.</summary>
    [Fact]
    public void ACommitThatWasStoredIsFollowedAfterARestart()
    {
        var made = One.Group.Commit(new CommitOptions(), _room.Random);
        One.Adopt(made.Current);
        using var stored = made.Next.Serialize();
        made.Next.Dispose();
        byte[] meanwhile = _room[1].Say("meanwhile");
        One.Restart();
        Assert.Equal("meanwhile", One.HearText(meanwhile));
        Assert.Equal(MlsError.OwnMessage, One.Refuse(made.Message, MlsError.OwnMessage).Error);
        using var next = Group.Restore(stored.Reveal(), One.SignatureKey, One.Policy);
        One.Adopt(next.After(One.Group));
        One.Restart();
        One.Refuse(meanwhile, MlsError.Undecryptable);
        foreach (var other in _room.Others(One)) other.TakeCommit(made.Message);
        _room.AssertAgreement();
        _room.Say(_room[1], "and on");
    }

    [Fact]
    public void TheKeyPackageThatAWelcomeIsForIsFoundAmongThoseThatAreKept()
    {
        var newcomer = _room.NewClient("new");
        var kept = Enumerable.Range(0, 3).Select(_ => newcomer.NewKeyPackage()).ToList();
        byte[] published = Tls.Encode(new MlsMessage(kept[1].KeyPackage));
        var add = new AddProposal(Tls.Decode<MlsMessage>(published).KeyPackage!);
        using var commit = new DroppedCommit(One.Group.Commit(new CommitOptions { Proposals = [add] }, _room.Random));
        var named = Tls.Decode<MlsMessage>(commit.Commit.Welcome!).Welcome!.Secrets;
        var ours = kept.Where(bundle => named.Any(entry => entry.NewMember.Span.SequenceEqual(bundle.Reference()))).ToList();
        Assert.Same(kept[1], Assert.Single(ours));
        newcomer.Join(commit.Commit.Welcome!, ours[0]);
        kept.ForEach(bundle => bundle.Dispose());
    }

    [Fact]
    public void WhoLeavesIsRemovedByAnother()
    {
        _room.Propose(One, new RemoveProposal(One.Group.OwnLeaf));
        Assert.Throws<InvalidOperationException>(() => One.Group.Protect([], [], _room.Random));
        Assert.Empty(Dropped(One).Removed);
        Assert.Equal(One.Name, Client.NameOf(Assert.Single(Dropped(_room[1]).Removed).Leaf));

        EpochChange Dropped(Client by)
        {
            using var commit = new DroppedCommit(by.Group.Commit(new CommitOptions(), _room.Random));
            return commit.Commit.Change;
        }
    }

    /// <summary>What a judge throws is its own, and the group is as it was.</summary>
    [Fact]
    public void WhatAJudgeThrowsComesOutOfHandle()
    {
        byte[] message = _room[1].ProposeUpdate();
        One.Policy = One.Policy with { AcceptLeaf = (leaf, _) => ((X509Credential)leaf.Credential).Certificates.Count > 0 };
        One.Restart();
        var before = One.State();
        Assert.Throws<InvalidCastException>(() => One.Group.Handle(message));
        Assert.Equal(before, One.State());
    }
}
