using Holdfast.Client.Tests.Support;
using Holdfast.Tests;

namespace Holdfast.Client.Tests;

/// <summary>
/// ATTACKS D-26: several faces sign, send and read while another locks, or the vault or the agent dies. Once <c>lock</c> has returned there is no
/// process with a key, and nothing that is asked from then on is done.
/// </summary>
public sealed class LockRaceTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private RealServer _server = null!;
    private AgentProcess _alice = null!;
    private volatile int _answered;

    public async ValueTask InitializeAsync()
    {
        _server = await RealServer.StartAsync(_folder.Of("server"));
        _alice = new AgentProcess(_folder.Of("alice"));
        await _alice.JoinAsync("Alice", _server.OwnerInvite);
    }

    public async ValueTask DisposeAsync()
    {
        await _alice.DisposeAsync();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task AfterLockHasReturnedNothingIsDoneAndNoProcessIsLeft()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "looks for processes in /proc");
        var chance = new Random(26);
        int rounds = LongRun.IsWanted ? 1000 : 5, locks = 0;
        for (int round = 0; round < rounds; round++)
        {
            Assert.True(_alice.Processes().Count >= 2, "an agent and a vault");
            int before = _answered;
            var asking = Enumerable.Range(0, 3).Select(_ => AskUntilItEndsAsync(new Random(chance.Next()))).ToList();
            while (_answered == before) await Task.Delay(1, TestContext.Current.CancellationToken);
            await Task.Delay(chance.Next(60), TestContext.Current.CancellationToken);
            switch (chance.Next(5))
            {
                case 0: _alice.Kill(); break;
                case 1: _alice.Order("vault", 1 + chance.Next(6)); break;
            }
            if (await _alice.LockAsync())
            {
                locks++;
                Assert.Empty(_alice.Processes());
                await RequireNothingAsync();
            }
            await Task.WhenAll(asking);
            _alice.TrySpare();
            await _alice.RestartAsync();
        }
        Assert.True(locks > rounds / 3, $"{locks} locks");
        if (LongRun.IsWanted) Recording.Write("lock-races", new { rounds, locks, answers = _answered });
    }

    /// <summary>New agents of the locked profile do nothing either.</summary>
    private async Task RequireNothingAsync()
    {
        foreach (FaceCommand command in (FaceCommand[])[new InviteCommand(1, 1), new ContactsCommand(), new ReadCommand(null, false, null, null)])
        {
            await _alice.StartLockedAsync();
            Assert.Equal(ExitCode.Locked, (await Assert.ThrowsAsync<FaceException>(() => _alice.AskAsync(command))).Exit);
        }
        await _alice.LockAsync();
    }

    /// <summary>Signs, lists and reads until there is nobody to ask.</summary>
    private async Task AskUntilItEndsAsync(Random chance)
    {
        try
        {
            await using var link = await _alice.TryConnectAsync();
            while (link is not null)
            {
                FaceCommand command = chance.Next(4) switch
                {
                    0 => new InviteCommand(1, 1),
                    1 => new ReadCommand(null, false, null, null),
                    2 => new ContactsCommand(),
                    _ => new StatusCommand(),
                };
                await foreach (var _ in link.AskAsync(command, TestContext.Current.CancellationToken)) Interlocked.Increment(ref _answered);
            }
        }
        catch (FaceException)
        {
            // It was locked, or has died: that is what is waited for.
        }
    }
}
