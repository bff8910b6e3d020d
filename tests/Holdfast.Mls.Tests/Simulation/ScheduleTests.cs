using System.Text;
using Holdfast.Tests;
using Xunit;

namespace Holdfast.Mls.Tests.Simulation;

/// <summary>What becomes of application messages that come late, often, or to the wrong.</summary>
public sealed class ScheduleTests
{
    /// <summary>ATTACKS B-10: each message 1 to 5 times, in any order: shown once, and later ones still can be read.</summary>
    [Fact]
    public void EveryMessageIsReadOnceInAnyOrder()
    {
        using var room = Room.Of(2);
        int schedules = LongRun.IsWanted ? 100_000 : 300;
        for (int schedule = 0; schedule < schedules; schedule++)
        {
            if (room.Random.Below(20) == 0) room.Commit(room[room.Random.Below(2)], new CommitOptions());
            var (by, to) = room.Random.Below(2) == 0 ? (room[0], room[1]) : (room[1], room[0]);
            var sent = Enumerable.Range(0, 1 + room.Random.Below(6))
                .Select(i => (Text: $"{schedule} {i}", Message: by.Say($"{schedule} {i}"))).ToList();
            var deliveries = sent.SelectMany(entry => Enumerable.Repeat(entry, 1 + room.Random.Below(5)))
                .OrderBy(_ => room.Random.Below(1 << 20)).ToList();
            var heard = new HashSet<string>();
            foreach (var (text, message) in deliveries)
            {
                if (heard.Add(text)) Assert.Equal(text, to.HearText(message));
                else Assert.IsType<Handled.Rejected>(to.Group.Handle(message));
            }
            Assert.Equal(sent.Count, heard.Count);
        }
        if (LongRun.IsWanted) Recording.Write("mls-schedules", new { schedules });
    }

    /// <summary>ATTACKS B-41: whatever is said after a Remove, also by who was away when it came, the removed cannot read.</summary>
    [Fact]
    public void TheRemovedReadNothingOfWhatIsSaidAfter()
    {
        int schedules = LongRun.IsWanted ? 10_000 : 100;
        for (int schedule = 1; schedule <= schedules; schedule++)
        {
            using var room = Room.Of(3 + (schedule % 3), schedule);
            for (int i = room.Random.Below(4); i > 0; i--) room.Say(room[room.Random.Below(room.Members.Count)], "before");
            if (room.Random.Below(2) == 0) room.ProposeUpdate(room[1]);
            var gone = room[room.Members.Count - 1];
            using var state = gone.Group.Serialize();
            byte[] early = [];
            if (room[0].Group.PendingProposals.Count == 0) early = room[0].Say("said before, read after");
            var pending = room.Remove(room[room.Random.Below(2)], gone);
            gone.Adopt(Group.Restore(state.Reveal(), gone.SignatureKey, gone.Policy));
            if (early.Length > 0) Assert.Equal("said before, read after", gone.HearText(early));   // or the test would show nothing
            for (int i = 0; i < 4; i++) AssertUnreadable(room, gone);
            Assert.NotNull(pending.Message);
        }
    }

    /// <summary>ATTACKS B-6: a message of one who left is that one's, whoever sits on the leaf when it comes.</summary>
    [Fact]
    public void ALateMessageIsItsSendersThoughAnotherHasTheLeaf()
    {
        using var room = Room.Of(4);
        var bob = room[1];
        byte[] late = bob.Say("from Bob");
        var leaf = bob.Group.OwnLeaf;
        room.Remove(room[0], bob);
        var eve = room.NewClient("eve");
        room.Add(room[0], eve);
        Assert.Equal(leaf, eve.Group.OwnLeaf);
        foreach (var member in room.Members.Where(member => member != eve))
        {
            var heard = member.Hear(late);
            Assert.Equal("from Bob", Encoding.UTF8.GetString(heard.Plaintext));
            Assert.Equal(bob.Name, Client.NameOf(heard.SenderLeaf));
        }
        Assert.IsType<Handled.Rejected>(eve.Group.Handle(late));
    }

    /// <summary>
    /// ATTACKS B-10, B-42: the group that a commit leads to was made before the message came, and must forget its key too.
    /// </summary>
    [Fact]
    public void WhatWasReadWhileOurCommitWasOnItsWayIsNotReadAgain()
    {
        using var room = Room.Of(3);
        byte[] older = room[1].Say("older"), message = room[1].Say("a message"), later = room[1].Say("later");
        var pending = room[0].Group.Commit(new CommitOptions(), room.Random);
        room[0].Adopt(pending.Current);
        Assert.Equal("a message", room[0].HearText(message));
        using var made = pending.Next;
        room[0].Adopt(made.After(room[0].Group));
        Assert.IsType<Handled.Rejected>(room[0].Group.Handle(message));
        Assert.Equal("later", room[0].HearText(later));
        room[0].Restart();
        Assert.IsType<Handled.Rejected>(room[0].Group.Handle(message));
        Assert.Equal("older", room[0].HearText(older));
        Assert.Throws<ArgumentException>(() => made.After(made));
        using var other = Room.Of(2, seed: 2);
        Assert.Equal(made.Epoch - 1, other[0].Group.Epoch);
        Assert.Throws<ArgumentException>(() => made.After(other[0].Group));
        Assert.Throws<ArgumentException>(() => made.After(room[1].Group));   // of that epoch, but another member's
    }

    private static void AssertUnreadable(Room room, Client gone)
    {
        var by = room[room.Random.Below(room.Members.Count)];
        byte[] message = room.Random.Below(3) == 0 ? room.Commit(by, new CommitOptions()).Message : by.Say("after");
        foreach (var other in room.Others(by).Where(_ => room.Random.Below(2) == 0))
        {
            if (other.Group.Handle(message) is Handled.ApplicationReceived received) other.Adopt(received.Next);
        }
        Assert.IsType<Handled.Rejected>(gone.Group.Handle(message));
    }
}
