using Holdfast.Client.Tests.Support;
using Holdfast.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Client.Tests;

public sealed class WaitingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task WhatIsDoneInTheMomentOfALookIsDone()
    {
        using var vault = VaultProcess.Start(Installed.Vault, _folder.Of("vault"));
        using var engine = new SyncEngine(
            vault, new PinnedServer("https://127.0.0.1:1", new byte[32]), SealedNews.Load(_folder.Of("spool")), new HurriedTime(), RandomSource.System, NullLogger.Instance);
        for (int i = 0; i < 2000; i++) await engine.WaitAsync(Task.Run(static () => Thread.SpinWait(200), TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
    }

    /// <summary>Every timer fires at once.</summary>
    private sealed class HurriedTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
