using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>RFC 9420 §11.3: some members of a group make another of their own.</summary>
public sealed class BranchTests : LinkedGroups
{
    [Fact]
    public void SomeMembersBranchOff()
    {
        var (maker, others) = Successors(CipherSuite.Mandatory, Room[0], Room[1]);
        var linked = Room[0].Group.Branch("sub"u8.ToArray(), [], maker.Options(others), Room.Random);
        maker.Client.Adopt(linked.Group);
        Room.Commit(Room[2], new CommitOptions());   // the group goes on, and the epoch it was branched from is past
        var joined = Assert.IsType<JoinOutcome.Joined>(others[0].Join(linked, _ => Room[1].Group));
        others[0].Client.Adopt(joined.Group);
        Assert.Equal(ResumptionPskUsage.Branch, joined.Link?.Usage);
        Assert.Equal("apart", others[0].Client.HearText(maker.Client.Say("apart")));
        Room.Say(Room[1], "together");
    }

    [Fact]
    public void ABranchHasMembersOnlyAndTheSameSuite()
    {
        var (maker, others) = Successors(CipherSuite.Mandatory, Room[0], Room[1]);
        var stranger = Seat(CipherSuite.Mandatory, "stranger");
        Assert.Throws<MlsException>(() => Room[0].Group.Branch("sub"u8.ToArray(), [], maker.Options([stranger]), Room.Random));
        Assert.Throws<ArgumentException>(
            () => Room[0].Group.Branch("sub"u8.ToArray(), [], Seat(NextSuite, Room[0]).Options([]), Room.Random));
        Refused("no member of the group", maker, others[0], [.. others, stranger], ResumptionPskUsage.Branch);
        var (otherSuite, otherOthers) = Successors(NextSuite, Room[0], Room[1]);
        Refused("version or cipher suite", otherSuite, otherOthers[0], otherOthers, ResumptionPskUsage.Branch);
        Assert.IsType<JoinOutcome.Joined>(Join(maker, others[0], others, ResumptionPskUsage.Branch)).Group.Dispose();   // the control
    }

    [Fact]
    public void ABranchFromAnEpochThatIsForgottenIsRefused()
    {
        var (maker, others) = Successors(CipherSuite.Mandatory, Room[0], Room[1]);
        var linked = Own(Room[0].Group.Branch("sub"u8.ToArray(), [], maker.Options(others), Room.Random));
        for (int i = 0; i <= Room[1].Policy.PastEpochs; i++) Room.Commit(Room[2], new CommitOptions());
        var outcome = others[0].Join(linked, _ => Room[1].Group);
        Assert.Contains("no longer known", Assert.IsType<JoinOutcome.Rejected>(outcome).Rule, StringComparison.Ordinal);
    }
}
