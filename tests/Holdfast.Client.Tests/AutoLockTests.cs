using System.Diagnostics;
using Holdfast.Client.Tests.Support;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Client.Tests;

/// <summary>A profile that nobody uses locks itself: its vault and its agent are gone.</summary>
public sealed class AutoLockTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();
    private readonly SwiftTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AfterAsManyMinutesAsItsOwnerHasChosen()
    {
        var (agent, profile) = await StartAsync(minutes: 1);
        await using (var face = await AgentLink.TryConnectAsync(profile, TestContext.Current.CancellationToken))
        {
            await face!.AskOneAsync<StatusAnswer>(new UnlockCommand("pass"u8.ToArray()), TestContext.Current.CancellationToken);
            await Task.Delay(TimeSpan.FromMinutes(5), _time, TestContext.Current.CancellationToken);
            var status = await face.AskOneAsync<StatusAnswer>(new StatusCommand(), TestContext.Current.CancellationToken);
            Assert.Equal(("unlocked", 1), (status.State, status.AutoLock));   // as long as somebody is there
        }
        await agent.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.False(File.Exists(profile.SocketPath));
    }

    [Fact]
    public async Task WhereTheMachineHasSleptThatLongWhoeverWasThere()
    {
        var (agent, profile) = await StartAsync(minutes: 600);
        await using var face = await AgentLink.TryConnectAsync(profile, TestContext.Current.CancellationToken);
        await face!.AskOneAsync<StatusAnswer>(new UnlockCommand("pass"u8.ToArray()), TestContext.Current.CancellationToken);
        _time.Sleep(TimeSpan.FromMinutes(500));
        await Task.Delay(TimeSpan.FromMinutes(2), _time, TestContext.Current.CancellationToken);
        Assert.False(agent.IsCompleted);
        _time.Sleep(TimeSpan.FromMinutes(601));
        await agent.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    /// <summary>Where its owner has it fetch while locked, the agent that had the words is gone all the same, and leaves it to another.</summary>
    [Theory, InlineData(1, true), InlineData(0, false)]
    public async Task AnotherAgentIsLeftToFetchWhereThatWasChosen(ushort delivers, bool isLeft)
    {
        string sign = _folder.Of("sign");
        var (agent, profile) = await StartAsync(minutes: 1, delivers, new AgentLaunch("/usr/bin/touch", [sign]));
        await using (var face = await AgentLink.TryConnectAsync(profile, TestContext.Current.CancellationToken))
            await face!.AskOneAsync<StatusAnswer>(new UnlockCommand("pass"u8.ToArray()), TestContext.Current.CancellationToken);
        await agent.WaitAsync(Patience, TestContext.Current.CancellationToken);
        long began = Environment.TickCount64, most = isLeft ? 60_000 : 1_000;
        while (!File.Exists(sign) && Environment.TickCount64 - began < most) await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.Equal(isLeft, File.Exists(sign));
    }

    [Fact]
    public void AClockThatIsPutBackShortensNoWait()
    {
        var idle = new IdleTime(_time);
        _time.Sleep(-TimeSpan.FromHours(1));
        Assert.InRange(idle.Length, TimeSpan.Zero, TimeSpan.FromMinutes(50));
        Assert.Equal(TimeSpan.Zero, idle.TakeSleep());
        _time.Sleep(TimeSpan.FromHours(2));
        Assert.InRange(idle.Length, TimeSpan.FromHours(1), TimeSpan.FromHours(2));
        Assert.InRange(idle.TakeSleep(), TimeSpan.FromMinutes(119), TimeSpan.FromMinutes(121));
        idle.Restart();
        Assert.InRange(idle.Length, TimeSpan.Zero, TimeSpan.FromMinutes(50));
    }

    private async Task<(Task Agent, Profile Profile)> StartAsync(ushort minutes, ushort delivers = 0, AgentLaunch? successor = null)
    {
        var profile = new Profile(_folder.Of("profile"));
        profile.Prepare();
        using (var vault = VaultProcess.Start(Installed.Vault, profile.VaultDirectory))
        {
            await vault.CallAsync<Ok>(new CreateProfile("pass"u8.ToArray(), "Alice"), TestContext.Current.CancellationToken);
            await vault.CallAsync<Ok>(new ChangeAccess("pass"u8.ToArray(), AccessChange.AutoLock, default, minutes), TestContext.Current.CancellationToken);
            if (delivers > 0) await vault.CallAsync<Ok>(new ChangeAccess("pass"u8.ToArray(), AccessChange.Delivery, default, delivers), TestContext.Current.CancellationToken);
            await vault.CallAsync<Ok>(new EndVault(Wipe: false), TestContext.Current.CancellationToken);
        }
        var agent = Task.Run(() => AgentHost.RunAsync(
            new AgentOptions(profile) { VaultPath = Installed.Vault, Successor = successor }, _time, RandomSource.System, NullLogger.Instance, TestContext.Current.CancellationToken));
        while (!File.Exists(profile.SocketPath)) await Task.Delay(10, TestContext.Current.CancellationToken);
        return (agent, profile);
    }

    /// <summary>A minute takes a tenth of a second. Its machine sleeps when it is told to.</summary>
    private sealed class SwiftTime : TimeProvider
    {
        private const int Swift = 600;

        private readonly long _began = Stopwatch.GetTimestamp();
        private TimeSpan _slept;

        public override long TimestampFrequency => Stopwatch.Frequency;

        public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) + GetElapsedTime(_began) + _slept;

        public override long GetTimestamp() => _began + ((Stopwatch.GetTimestamp() - _began) * Swift);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / Swift : dueTime, period > TimeSpan.Zero ? period / Swift : period);

        internal void Sleep(TimeSpan span) => _slept += span;
    }
}
