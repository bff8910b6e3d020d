using Holdfast.Tests;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>Random lives of groups, the same for the same seed: all members agree at every step.</summary>
public sealed class SimulationTests
{
    /// <summary>Ten usually; <c>TownTests</c> has a hundred more, over a bad network.</summary>
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, LongRun.IsWanted ? 30 : 10)];

    [Theory, MemberData(nameof(Seeds))]
    public void AllMembersAgreeAndTheRemovedReadNothing(int seed)
    {
        using var room = Room.Of(3 + (seed % 3), seed);
        var gone = new List<Client>();
        for (int step = 0; step < 25; step++) Step(room, gone, step);
        room.Commit(room[0], new CommitOptions());
        foreach (var member in room.Members.ToList()) room.Say(member, member.Name);
    }

    private static void Step(Room room, List<Client> gone, int step)
    {
        var by = room[room.Random.Below(room.Members.Count)];
        switch (room.Random.Below(8))
        {
            case 0 when room.Members.Count < 12: room.Add(by, Newcomers(room, step)); break;
            case 1 when room.Members.Count > 3: Remove(room, by, gone); break;
            case 2: room.ProposeUpdate(by); break;
            case 3 when room.Members.Count > 3: room.Propose(by, new RemoveProposal(Another(room, by).Group.OwnLeaf)); break;
            case 4: by.Restart(); break;
            case 5: room.Commit(by, Committing(room)); break;
            default: Talk(room, by, gone); break;
        }
    }

    private static CommitOptions Committing(Room room) => room.Random.Below(2) == 0
        ? new CommitOptions { ForcePath = false, Proposals = [new PreSharedKeyProposal(room.ShareKey("key"))] }
        : new CommitOptions();

    private static Client[] Newcomers(Room room, int step) =>
        [.. Enumerable.Range(0, 1 + room.Random.Below(2)).Select(i => room.NewClient($"new {step}.{i}"))];

    private static Client Another(Room room, Client by)
    {
        var others = room.Others(by).ToList();
        return others[room.Random.Below(others.Count)];
    }

    /// <summary>Removes a member, who keeps its last state and tries to go on reading.</summary>
    private static void Remove(Room room, Client by, List<Client> gone)
    {
        var who = Another(room, by);
        using var state = who.Group.Serialize();
        room.Remove(by, who);
        who.Adopt(Group.Restore(state.Reveal(), who.SignatureKey, who.Policy));
        gone.Add(who);
    }

    private static void Talk(Room room, Client by, List<Client> gone)
    {
        if (by.Group.PendingProposals.Count > 0) room.Commit(by, new CommitOptions());
        if (!room.Members.Contains(by)) return;
        var message = by.Say("words");
        foreach (var other in room.Others(by)) Assert.Equal("words", other.HearText(message));
        foreach (var former in gone) Assert.IsType<Handled.Rejected>(former.Group.Handle(message));
    }
}
