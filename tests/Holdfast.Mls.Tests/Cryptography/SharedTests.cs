using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>RFC 9420 §9.2: what several states own together is wiped once, with its last owner, and never under anybody's hands.</summary>
public sealed class SharedTests
{
    [Fact]
    public void TheLastOwnerWipesIt()
    {
        var shared = new Counted();
        shared.Hold();
        shared.Release();
        Assert.Equal(0, shared.Wiped);
        shared.Release();
        Assert.Equal(1, shared.Wiped);
    }

    [Fact]
    public void NobodyHoldsWhatWasWiped()
    {
        var shared = new Counted();
        shared.Release();
        Assert.Throws<ObjectDisposedException>(shared.Hold);
    }

    [Fact]
    public void WhoReleasesWhatIsNotTheirsIsTold()
    {
        var shared = new Counted();
        shared.Release();
        Assert.Throws<InvalidOperationException>(shared.Release);
        Assert.Throws<ObjectDisposedException>(shared.Hold);
        Assert.Equal(1, shared.Wiped);
    }

    /// <summary>
    /// As one thread lets go of what another is about to share: either that one is refused, or nothing is wiped until it lets go.
    /// </summary>
    [Fact]
    public void AnOwnerWhoComesAsTheLastOneGoesIsCountedOrRefused()
    {
        var shared = new Counted();
        using var together = new Barrier(2);
        const int Rounds = 20_000;
        var other = new Thread(() =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                together.SignalAndWait(TestContext.Current.CancellationToken);
                shared.Release();
                together.SignalAndWait(TestContext.Current.CancellationToken);
            }
        });
        other.Start();
        int wipedInUse = 0;
        for (int round = 0; round < Rounds; round++)
        {
            shared = new Counted();
            together.SignalAndWait(TestContext.Current.CancellationToken);
            bool holds = TryHold(shared);
            together.SignalAndWait(TestContext.Current.CancellationToken);
            if (holds == (shared.Wiped > 0)) wipedInUse++;
            else if (holds) shared.Release();
        }
        other.Join();
        Assert.Equal(0, wipedInUse);
    }

    private static bool TryHold(Shared shared)
    {
        try
        {
            shared.Hold();
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    private sealed class Counted : Shared
    {
        internal int Wiped { get; private set; }

        protected override void Wipe() => Wiped++;
    }
}
