using System.Text;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>
/// What one member proposes must keep nobody from committing: while it is pending nothing else can be said (RFC 9420 §12.4), so
/// that a proposal which no commit can carry would silence the group.
/// </summary>
public sealed class HostileProposalTests
{
    private static readonly byte[] Garbage = [0xC0];

    [Fact]
    public void AnAddWhoseComponentsCannotBeReadIsLeftOut()
    {
        using var room = RequiringAComponent();
        var newcomer = ComponentRoom.Newcomer(room, "new");
        using var self = KeyPackageBundle.Create(
            newcomer.Suite,
            newcomer.SignatureKey,
            new BasicCredential(Encoding.UTF8.GetBytes("new")),
            newcomer.Capabilities,
            newcomer.Lifetime,
            [new Extension(CodePoints.AppDataDictionary, Garbage)], [], room.Random);
        IsLeftOut(room, new AddProposal(self.KeyPackage), MlsError.Malformed);
    }

    [Fact]
    public void ExtensionsWhoseComponentsCannotBeReadAreLeftOut()
    {
        using var room = ComponentRoom.Of(3);
        var dictionary = new AppDataDictionary(new ComponentData(CodePoints.AppComponents, Garbage)).ToExtension();
        IsLeftOut(room, new GroupContextExtensionsProposal([dictionary]), MlsError.Malformed);
    }

    [Fact]
    public void APreSharedKeyThatNobodyHasIsLeftOut()
    {
        using var room = Room.Of(3);
        var nobodys = PreSharedKeyId.External(room[0].Suite, "nobody's"u8.ToArray(), room.Random);
        IsLeftOut(room, new PreSharedKeyProposal(nobodys), MlsError.UnknownPsk);
        room.Propose(room[2], new PreSharedKeyProposal(room.ShareKey("everybody's")));
        Assert.Single(room.Commit(room[0], new CommitOptions()).Change.Psks);
    }

    /// <summary>RFC 9420 leaves no way back from a context that is over our own limits: nobody could store it, or join by it.</summary>
    [Fact]
    public void UpdatesNeverLeadToMoreComponentsThanCanBeRead()
    {
        using var room = ComponentRoom.Of(2, static client => client.Policy = client.Policy with
        {
            Components = new ComponentPolicy { Knows = static _ => true, Merge = static (_, _, updates) => updates[^1].ToArray() },
        });
        var updates = Enumerable.Range(CodePoints.FirstPrivateComponent, MlsLimits.MaxComponents + 1)
            .Select(component => (Proposal)AppDataUpdateProposal.OfUpdate((ushort)component, default)).ToList();
        room[1].Refuse(RogueCommit.Of(room[0], updates), MlsError.TooLarge);
        TreeEdit.Refuses(MlsError.TooLarge, "components", () => room[0].Group.Commit(ComponentRoom.Committing(updates), room.Random));
        room.Commit(room[0], ComponentRoom.Committing([.. updates.Skip(1)]));
        room[1].Restart();
        room[1].Refuse(RogueCommit.Of(room[0], updates[0]), MlsError.TooLarge);
        room.Say(room[0], "still readable");
    }

    private static Room RequiringAComponent()
    {
        var room = ComponentRoom.Of(3);
        var supporting = new LeafChanges
        {
            Extensions =
            [
                new AppDataDictionary(new ComponentsList([ComponentRoom.Journal]).ToEntry(CodePoints.AppComponents)).ToExtension(),
            ],
        };
        foreach (var member in room.Members.ToList()) room.Commit(member, new CommitOptions { LeafChanges = supporting });
        var required = new ComponentsList([ComponentRoom.Journal]).ToEntry(CodePoints.AppComponents);
        room.Commit(room[0], ComponentRoom.Committing(AppDataUpdateProposal.OfUpdate(CodePoints.AppComponents, required.Data)));
        return room;
    }

    /// <summary>
    /// It is pending, nobody's commit suffers by it, and a commit that names it all the same, or carries it, says why not.
    /// </summary>
    private static void IsLeftOut(Room room, Proposal hostile, MlsError error)
    {
        room.Propose(room[2], hostile);
        room.ProposeUpdate(room[1]);
        Assert.Equal(2, room[0].Group.PendingProposals.Count);
        var refused = Assert.Throws<MlsException>(() => room[0].Group.Commit(new CommitOptions { Proposals = [hostile] }, room.Random));
        Assert.Equal(error, refused.Error);
        var committed = room.Commit(room[0], new CommitOptions());
        Assert.Equal(room[1].Group.OwnLeaf, committed.Change.Updated[0].Index);   // the harmless one is committed beside it
        Assert.Empty(committed.Change.Added);
        Assert.Empty(committed.Change.Psks);
        Assert.False(committed.Change.ExtensionsChanged);
        room.Say(room[0], "goes on");
    }
}
