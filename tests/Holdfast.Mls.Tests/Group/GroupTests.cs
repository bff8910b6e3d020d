using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>What honest members do with each other.</summary>
public sealed class GroupTests
{
    [Fact]
    public void ACreatorIsAloneInEpochZero()
    {
        using var room = Room.Of(1);
        Assert.Equal(0ul, room[0].Group.Epoch);
        Assert.Equal(new LeafIndex(0), Assert.Single(room[0].Group.Members).Index);
        Assert.Empty(room[0].Group.Context.ConfirmedTranscriptHash.ToArray());
    }

    [Theory, InlineData(WireFormat.PrivateMessage), InlineData(WireFormat.PublicMessage)]
    public void TwoMembersTalkAndCommit(WireFormat format)
    {
        using var room = Room.Of(2, prepare: client => client.Policy = client.Policy with { HandshakeFormat = format });
        room.Say(room[0], "hello");
        room.Say(room[1], "hello yourself");
        room.Commit(room[1], new CommitOptions());
        room.ProposeUpdate(room[0]);
        room.Commit(room[1], new CommitOptions());
        room.Say(room[0], "again");
        Assert.Equal(3ul, room[0].Group.Epoch);
    }

    [Fact]
    public void ManyMembersAddRemoveAndUpdate()
    {
        using var room = Room.Of(9);
        room.ProposeUpdate(room[3]);
        room.ProposeUpdate(room[8]);
        room.Propose(room[2], new RemoveProposal(room[5].Group.OwnLeaf));
        var change = room.Commit(room[4], new CommitOptions()).Change;
        Assert.Single(change.Removed);
        Assert.Equal(3, change.Updated.Count);
        Assert.Equal(8, room.Members.Count);
        room.Add(room[7], room.NewClient("new"));
        Assert.Equal(new LeafIndex(5), room[8].Group.OwnLeaf);   // RFC 9420 §12.1.1: the leftmost blank leaf
        foreach (var member in room.Members.ToList()) room.Say(member, member.Name);
    }

    [Fact]
    public void ACommitOfAddsAloneNeedsNoPath()
    {
        using var room = Room.Of(3);
        var pending = room.Add(room[1], new CommitOptions { ForcePath = false }, room.NewClient("new"));
        Assert.Empty(pending.Change.Updated);
        room.Say(room[3], "in");
        room.Commit(room[3], new CommitOptions());
        room.Say(room[0], "good");
    }

    [Fact]
    public void ExternalAndResumptionKeysAreMixedIn()
    {
        using var room = Room.Of(3);
        ulong past = room[0].Group.Epoch;
        room.Commit(room[0], new CommitOptions());
        var external = new PreSharedKeyProposal(room.ShareKey("door"));
        var resumption = new PreSharedKeyProposal(
            new ResumptionPskId(ResumptionPskUsage.Application, room[0].Group.GroupId, past, room.Random.PublicBytes(32)));
        room.Propose(room[1], external);
        Assert.Equal(2, room.Commit(room[2], new CommitOptions { Proposals = [resumption] }).Change.Psks.Count);
        room.Say(room[1], "both");
    }

    [Fact]
    public void ResumptionKeysAreThoseOfTheirEpochs()
    {
        using var room = Room.Of(2, prepare: client => client.Policy = client.Policy with { PastResumptionPsks = 1 });
        var kept = new List<Secret>();
        for (int i = 0; i < 3; i++)
        {
            kept.Add(Secret.CopyOf(room[1].Group.ResumptionPsk.Reveal()));
            if (i < 2) room.Commit(room[0], new CommitOptions());
        }
        var group = room[1].Group;
        Secret? Find(ulong back) => group.State.FindPsk(
            new ResumptionPskId(ResumptionPskUsage.Application, group.GroupId, group.Epoch - back, new byte[32]), room[1].Policy);
        Assert.Equal(kept[2].Reveal().ToArray(), Find(0)!.Reveal().ToArray());
        Assert.Equal(kept[1].Reveal().ToArray(), Find(1)!.Reveal().ToArray());
        Assert.Null(Find(2));
        kept.ForEach(secret => secret.Dispose());
    }

    [Fact]
    public void AMemberWithoutTheKeyIsStranded()
    {
        using var room = Room.Of(3);
        var psk = new PreSharedKeyProposal(room.ShareKey("door"));
        room[2].Psks.Clear();
        using var pending = new DroppedCommit(room[0].Group.Commit(new CommitOptions { Proposals = [psk] }, room.Random));
        Assert.IsType<Handled.CommitApplied>(room[1].Group.Handle(pending.Commit.Message));
        var stranded = Assert.IsType<Handled.Stranded>(room[2].Group.Handle(pending.Commit.Message));
        Assert.Equal(MlsError.UnknownPsk, stranded.Error);
        room[2].Psks["door"] = Secret.CopyOf(room[0].Psks["door"].Reveal());
        room[2].TakeCommit(pending.Commit.Message);
        Assert.Equal(pending.Commit.Next.EpochAuthenticator.ToArray(), room[2].Group.EpochAuthenticator.ToArray());
    }

    [Fact]
    public void TheGroupsExtensionsAreReplacedAsAWhole()
    {
        using var room = Room.Of(3);
        var first = new Extension(Client.KnownExtension, "a"u8.ToArray());
        Assert.True(room.Commit(room[0], Replacing(first)).Change.ExtensionsChanged);
        Assert.Equal("a"u8.ToArray(), Assert.Single(room[2].Group.ContextExtensions).Data.ToArray());
        room.Add(room[1], room.NewClient("new"));
        Assert.Single(room[3].Group.ContextExtensions);
        room.Propose(room[3], new GroupContextExtensionsProposal([]));
        room.Commit(room[1], new CommitOptions());
        Assert.Empty(room[3].Group.ContextExtensions);
    }

    [Fact]
    public void AMemberChangesItsLeafAndItsSignatureKeyInACommit()
    {
        using var room = Room.Of(3);
        var client = room[1];
        var key = client.NewSignatureKey();
        var capabilities = client.Capabilities with { Proposals = [0xF00D] };
        room.Commit(client, new CommitOptions { LeafChanges = new LeafChanges { SignatureKey = key, Capabilities = capabilities } });
        room.Say(client, "with a new key");
        client.Restart();
        room.Add(client, room.NewClient("let in by the new key"));   // whoever joins later judges us by the new key
        room.Say(room[3], "in");
        var leaf = room[0].Group.Members[1].Leaf;
        Assert.Equal(key.PublicKey.ToArray(), leaf.SignatureKey.ToArray());
        Assert.Equal([0xF00D], leaf.Capabilities.Proposals);
    }

    [Fact]
    public void MessagesMayComeInAnyOrder()
    {
        using var room = Room.Of(2);
        var messages = Enumerable.Range(0, 12).Select(i => room[0].Say($"{i}")).ToList();
        foreach (int i in new[] { 3, 0, 11, 7, 1, 2, 10, 9, 8, 4, 6, 5 })
        {
            Assert.Equal($"{i}", room[1].HearText(messages[i]));
            room[1].Refuse(messages[i], MlsError.Undecryptable);   // a replayed message is shown once
        }
        room.Say(room[0], "after");
    }

    [Fact]
    public void ALateMessageIsItsSendersWhoeverHoldsTheLeafNow()
    {
        using var room = Room.Of(3);
        var (alice, bob, carol) = (room[0], room[1], room[2]);
        byte[] first = bob.Say("late"), second = bob.Say("later");
        ulong epoch = alice.Group.Epoch;
        var leaf = bob.Group.OwnLeaf;
        room.Remove(alice, bob);
        var eve = room.NewClient("eve");
        room.Add(alice, eve);
        Assert.Equal(leaf, eve.Group.OwnLeaf);
        var heard = carol.Hear(first);   // not Eve's, who has the leaf now
        Assert.Equal(("member 1", epoch, leaf), (Client.NameOf(heard.SenderLeaf), heard.Epoch, heard.Sender));
        carol.Refuse(first, MlsError.Undecryptable);
        carol.Restart();
        Assert.Equal("member 1", Client.NameOf(carol.Hear(second).SenderLeaf));
        eve.Refuse(first, MlsError.WrongEpoch);
        room.Say(eve, "mine");
    }

    [Theory, InlineData(WireFormat.PrivateMessage), InlineData(WireFormat.PublicMessage)]
    public void AMessageAheadOfAMissedCommitSaysSo(WireFormat format)
    {
        using var room = Room.Of(2, prepare: client => client.Policy = client.Policy with { HandshakeFormat = format });
        var (alice, bob) = (room[0].Group, room[1].Group);
        var missed = alice.Commit(new CommitOptions(), RandomSource.System);
        var second = missed.Next.Commit(new CommitOptions(), RandomSource.System);
        var ahead = Tls.Decode<MlsMessage>(second.Message);
        Assert.Equal(bob.Epoch + 1, ahead.Epoch);
        Assert.Equal(bob.GroupId.ToArray(), ahead.GroupId!.Value.ToArray());
        var refused = Assert.IsType<Handled.Rejected>(bob.Handle(second.Message));
        Assert.Equal(MlsError.WrongEpoch, refused.Error);
        Assert.Contains("a commit before it has not been handled", refused.Rule, StringComparison.Ordinal);
        var caughtUp = Assert.IsType<Handled.CommitApplied>(bob.Handle(missed.Message)).Next;
        Assert.IsType<Handled.CommitApplied>(caughtUp.Handle(second.Message));
        Assert.Null(Tls.Decode<MlsMessage>(alice.GroupInfoMessage(withTree: false)).Epoch);
    }

    [Fact]
    public void KeysOfPastEpochsGoWhenThePolicySays()
    {
        using var room = Room.Of(2, prepare: client => client.Policy = client.Policy with { PastEpochs = 1 });
        var oldest = room[0].Say("oldest");
        room.Commit(room[0], new CommitOptions());
        var older = room[0].Say("older");
        room.Commit(room[1], new CommitOptions());
        room[1].Refuse(oldest, MlsError.WrongEpoch);
        Assert.Equal("older", room[1].HearText(older));

        using var strict = Room.Of(2, prepare: client => client.Policy = client.Policy with { PastEpochs = 0 });
        var late = strict[0].Say("late");
        strict.Commit(strict[1], new CommitOptions());
        strict[1].Refuse(late, MlsError.WrongEpoch);
    }

    [Fact]
    public void AMemberLearnsOfItsOwnRemoval()
    {
        using var room = Room.Of(3);
        var gone = room[2];
        var pending = new DroppedCommit(room[0].Group.Commit(
            new CommitOptions { Proposals = [new RemoveProposal(gone.Group.OwnLeaf)] }, room.Random));
        var removed = Assert.IsType<Handled.RemovedFromGroup>(gone.Group.Handle(pending.Commit.Message));
        Assert.Equal("member 2", Client.NameOf(Assert.Single(removed.Change.Removed).Leaf));
        Assert.Equal(room[0].Group.OwnLeaf, removed.Sender);
        pending.Dispose();
    }

    [Fact]
    public void ARemovedMemberReadsNothingLater()
    {
        using var room = Room.Of(3);
        var gone = room[2];
        var kept = gone.Group;
        var commit = room[0].Group.Commit(new CommitOptions { Proposals = [new RemoveProposal(kept.OwnLeaf)] }, room.Random);
        room[1].TakeCommit(commit.Message);
        commit.Current.Dispose();
        room[0].Adopt(commit.Next);
        var message = room[0].Say("without you");
        Assert.Equal("without you", room[1].HearText(message));
        gone.Refuse(message, MlsError.WrongEpoch);
    }

    [Fact]
    public void OurOwnMessagesAreKnownAsOurOwn()
    {
        using var room = Room.Of(2);
        var said = room[0].Say("mine");
        room[0].Refuse(said, MlsError.OwnMessage);
        var proposed = room[0].Propose(new RemoveProposal(room[1].Group.OwnLeaf));
        room[0].Refuse(proposed, MlsError.OwnMessage);
        using var pending = new DroppedCommit(room[0].Group.Commit(new CommitOptions(), room.Random));
        room[0].Refuse(pending.Commit.Message, MlsError.OwnMessage);
        Assert.Equal(MlsError.OwnMessage, Assert.IsType<Handled.Rejected>(pending.Commit.Current.Handle(pending.Commit.Message)).Error);
    }

    [Fact]
    public void WhatALaterStateOfOursHasSentProvesThatThisOneIsOlder()
    {
        using var room = Room.Of(3);
        using var kept = room[0].Group.Serialize();
        byte[] said = room[0].Say("one"), more = room[0].Say("two"), commit = room[0].Group.Commit(new CommitOptions(), room.Random) is var made ? made.Message : [];
        using var older = Group.Restore(kept.Reveal(), room[0].SignatureKey, room[0].Policy);
        var received = Assert.IsType<Handled.ApplicationReceived>(older.HandleOwn(said));
        using var next = received.Next;
        Assert.Equal("one"u8, received.Plaintext);
        Assert.IsType<Handled.Rejected>(next.HandleOwn(said));   // a key once used proves nothing
        Assert.IsType<Handled.Stranded>(next.HandleOwn(commit));
        var last = Assert.IsType<Handled.ApplicationReceived>(next.HandleOwn(more));
        last.Next.Dispose();
        room[0].Group.HandleOwn(said);
        Assert.IsType<Handled.Rejected>(room[0].Group.HandleOwn(said));
        Assert.IsType<Handled.Rejected>(older.HandleOwn(room[1].Say("another's")));
        Assert.IsType<Handled.Rejected>(older.HandleOwn([]));
        made.Current.Dispose();
        made.Next.Dispose();
    }

    [Fact]
    public void WhatIsPassedOverIsNeverUsed()
    {
        using var room = Room.Of(2);
        using var kept = room[0].Group.Serialize();
        byte[] lost = room[0].Say("lost");
        using var older = Group.Restore(kept.Reveal(), room[0].SignatureKey, room[0].Policy);
        using var passed = older.PassOver(3, 1);
        Assert.IsType<Handled.Rejected>(passed.HandleOwn(lost));
        var said = passed.Protect("here"u8, default, room.Random);
        using var next = said.Next;
        Assert.Equal("here", room[1].HearText(said.Message));
        Assert.Equal("lost", room[1].HearText(lost));
    }

    [Fact]
    public void ApplicationDataWaitsForACommitOfWhatIsProposed()
    {
        using var room = Room.Of(3);
        room.ProposeUpdate(room[0]);
        foreach (var member in room.Members)
            Assert.Throws<InvalidOperationException>(() => member.Group.Protect("x"u8, default, room.Random));   // RFC 9420 §12.4
        room.Commit(room[1], new CommitOptions());
        room.Say(room[0], "now");
    }

    [Fact]
    public void MakingACommitChangesNothing()
    {
        using var room = Room.Of(3);
        room.ProposeUpdate(room[1]);
        var before = room[0].State();
        // RFC 9420 §14: it may yet be refused
        using var pending = new DroppedCommit(room[0].Group.Commit(new CommitOptions(), room.Random));
        Assert.Equal(before, room[0].State());
        using var changes = pending.Commit.Current.ChangesSince(room[0].Group);
        foreach (var record in changes) Assert.NotEqual((byte)RecordType.Head, record.Key[0]);
        Assert.NotEqual(before, Client.StateOf(pending.Commit.Current));   // the generation is spent
    }

    [Fact]
    public void ADroppedCommitSpendsItsGeneration()
    {
        using var room = Room.Of(2);
        var dropped = room[0].Group.Commit(new CommitOptions(), room.Random);
        dropped.Next.Dispose();
        room[0].Adopt(dropped.Current);
        var second = room[0].Group.Commit(new CommitOptions(), room.Random);
        Assert.NotEqual(dropped.Message, second.Message);
        room[1].TakeCommit(second.Message);
        second.Current.Dispose();
        room[0].Adopt(second.Next);
        room.AssertAgreement();
        room[1].Refuse(dropped.Message, MlsError.WrongEpoch);
    }

    [Fact]
    public void OfTwoConcurrentCommitsOneApplies()
    {
        using var room = Room.Of(3);
        var first = room[0].Group.Commit(new CommitOptions(), room.Random);
        using var second = new DroppedCommit(room[1].Group.Commit(new CommitOptions(), room.Random));
        room[1].TakeCommit(first.Message);   // its own is still pending, and is dropped
        room[2].TakeCommit(first.Message);
        first.Current.Dispose();
        room[0].Adopt(first.Next);
        room[0].Refuse(second.Commit.Message, MlsError.WrongEpoch);
        room[2].Refuse(second.Commit.Message, MlsError.WrongEpoch);
        room.AssertAgreement();
        room.Commit(room[1], new CommitOptions());
    }

    [Fact]
    public void RestoringAfterEveryStepGivesTheSame()
    {
        using var room = Room.Of(4);
        RestartAll(room);
        var skipped = room[0].Say("skipped");
        room.Say(room[0], "heard");
        RestartAll(room);
        room.ProposeUpdate(room[1]);
        RestartAll(room);
        room.Commit(room[2], new CommitOptions());
        RestartAll(room);
        room.Remove(room[0], room[3]);
        RestartAll(room);
        Assert.Equal("skipped", room[1].HearText(skipped));
        room.Add(room[1], room.NewClient("new"));
        RestartAll(room);
        room.Say(room[1], "all here");
        RestartAll(room);
    }

    [Fact]
    public void MembersExportTheSameAndOthersDoNot()
    {
        using var room = Room.Of(3);
        using var first = room[0].Group.Export("access", "a"u8, 32);
        using var second = room[2].Group.Export("access", "a"u8, 32);
        using var other = room[2].Group.Export("access", "b"u8, 32);
        Assert.Equal(first.Reveal().ToArray(), second.Reveal().ToArray());
        Assert.NotEqual(first.Reveal().ToArray(), other.Reveal().ToArray());
        room.Commit(room[1], new CommitOptions());
        using var later = room[0].Group.Export("access", "a"u8, 32);
        Assert.NotEqual(first.Reveal().ToArray(), later.Reveal().ToArray());
    }

    [Fact]
    public void MessagesOfOtherGroupsAndKindsAreRefused()
    {
        using var room = Room.Of(2);
        using var other = Room.Of(2, seed: 2);
        room[0].Refuse(other[1].Say("elsewhere"), MlsError.WrongGroup);
        room.Commit(room[1], new CommitOptions());
        room[0].Refuse(other[1].Say("elsewhere"), MlsError.WrongGroup);
        for (int i = 0; i <= room[0].Policy.PastEpochs; i++) room.Commit(room[1], new CommitOptions());
        room[0].Refuse(other[1].Say("elsewhere, in an epoch that is long over here"), MlsError.WrongGroup);
        room[0].Refuse(room[1].Group.GroupInfoMessage(withTree: false), MlsError.Malformed);   // no message to a group
        room[0].Refuse([], MlsError.Malformed);
        room.Say(room[1], "here");
    }

    [Fact]
    public void AGroupInfoIsSignedByItsMaker()
    {
        using var room = Room.Of(2);
        var info = Tls.Decode<MlsMessage>(room[1].Group.GroupInfoMessage(withTree: true)).GroupInfo!;
        Assert.Equal(room[1].Group.OwnLeaf, info.Signer);
        Assert.True(CipherSuite.Mandatory.VerifyWithLabel(
            room[1].SignatureKey.PublicKey.Span, Labels.GroupInfo, info.Tbs(), info.Signature.Span));
        Assert.Equal(room[0].Group.EncodeTree(), Extension.Find(info.Extensions, ExtensionType.RatchetTree)!.Data.ToArray());
    }

    [Fact]
    public void DisposingAnOlderGroupLeavesTheNewerWhole()
    {
        using var room = Room.Of(2);
        var older = room[0].Group;
        var said = older.Protect("x"u8, default, room.Random);
        var sharing = said.Next;
        room[0].Adopt(sharing);
        Assert.Throws<ObjectDisposedException>(() => older.Records());
        Assert.Throws<ObjectDisposedException>(() => sharing.ChangesSince(older));
        Assert.Equal("x", room[1].HearText(said.Message));
        room.Say(room[0], "still here");
    }

    private static CommitOptions Replacing(params IReadOnlyList<Extension> extensions) =>
        new() { Proposals = [new GroupContextExtensionsProposal(extensions)] };

    private static void RestartAll(Room room)
    {
        foreach (var member in room.Members) member.Restart();
        room.AssertAgreement();
    }
}
