using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Vault.Tests;

/// <summary>While nothing is asked of it the vault indexes what waits and gives memory back; nobody sees it but by the clock.</summary>
public sealed class QuietMomentTests : IDisposable
{
    private const int Enough = 200;

    private readonly Organisation _organisation = new();
    private readonly Person _alice;
    private readonly LogId _log;

    public QuietMomentTests()
    {
        _alice = _organisation.Join("Alice");
        _log = _alice.Create("Notes", _organisation.Join("Bob"));
    }

    public void Dispose() => _organisation.Dispose();

    [Fact]
    public void WhatWaitsIsIndexedAndFoundAndNotIndexedAgain()
    {
        Write(Enough);
        Assert.True(_alice.Vault.Search.HasWork);
        Assert.True(_alice.Work());
        Assert.False(_alice.Vault.Search.HasWork);
        Assert.False(_alice.Work());
        Assert.Equal(Enough, _alice.Vault.Search.Find("note", null, 0, 1000).Count);
        _alice.Restart();
        Assert.False(_alice.Vault.Search.HasWork);
        Assert.Equal(Enough, _alice.Vault.Search.Find("note", null, 0, 1000).Count);
        Assert.Equal("ok", _alice.Vault.Store.Check());
    }

    [Fact]
    public void WhatWasWaitingWhenTheVaultDiedIsFound()
    {
        Write(Enough);
        _alice.Restart();
        Assert.True(_alice.Vault.Search.HasWork);
        Assert.Equal(Enough, _alice.Vault.Search.Find("note", null, 0, 1000).Count);
    }

    [Fact]
    public void NoMoreWaitsThanASearchCanMakeGood()
    {
        _alice.Vault.Store.Change(() =>
        {
            for (int i = 0; i < SearchIndex.MostWaiting + 1; i++) _alice.Vault.Search.Put(_log.ToBytes(), SealedStore.Key(_log.ToBytes(), (ulong)i), $"line {i}");
            _alice.Vault.Search.Settle();
            return 0;
        });
        Assert.Equal(SearchIndex.MostWaiting + 1, _alice.Vault.Search.Find("line", null, 0, int.MaxValue).Count);
        Assert.False(_alice.Work());
    }

    [Fact]
    public void AnEmptyOrLockedVaultHasNothingToDo()
    {
        using var monitor = new Monitor(Path.Combine(_organisation.Folder, "empty"), RandomSource.System, _organisation.Clock, PasscodeCost.Least);
        Assert.False(monitor.Work());
        _alice.Lock();
        Assert.False(_alice.Work());
    }

    [Fact]
    public void PagesThatAreGivenBackAreReadAgain()
    {
        Write(Enough);
        var store = _alice.Vault.Store;
        long before = store.CacheBytes;
        Memory.GiveBack(store);
        Assert.InRange(store.CacheBytes, 0, before / 2);
        Assert.Equal(Enough, _alice.History(_log).Count(static item => item.Kind == HistoryKind.Text));
        Assert.InRange(store.CacheBytes, 1, long.MaxValue);
        Write(1);
    }

    /// <summary>The main loop looks for a quiet moment before each call, works as long as none comes, and outlives what goes wrong in it.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public void TheMainLoopWorksUntilACallComes(bool fails)
    {
        int asked = 0;
        using var input = new MemoryStream([.. VaultFrame.Wrap<VaultCall>(new GetStatus()), .. VaultFrame.Wrap<VaultCall>(new GetStatus())]);
        using var output = new MemoryStream();
        string folder = Path.Combine(_organisation.Folder, "loop");
        int code = VaultHost.Run(folder, input, output, RandomSource.System, _organisation.Clock, Protections.None, PasscodeCost.Least, _ =>
        {
            asked++;
            return fails ? throw new IOException("nobody can tell") : asked % 2 == 0;
        });
        Assert.Equal(0, code);
        Assert.Equal(3, asked);
        Assert.Equal(2 * VaultFrame.Wrap<VaultReply>(Answered(output)).Length, output.Length);
    }

    private static VaultReply Answered(MemoryStream output) =>
        Codec.Tls.Decode<VaultReply>(output.ToArray().AsSpan(VaultFrame.HeaderBytes, VaultFrame.ReadLength(output.ToArray().AsSpan(0, VaultFrame.HeaderBytes))));

    private void Write(int count)
    {
        foreach (var part in Enumerable.Range(0, count).Chunk(50)) _alice.Ask<Sealed>(new SealTexts(_log, [.. part.Select(static i => $"note {i}")]));
        _alice.Sync();
    }
}
