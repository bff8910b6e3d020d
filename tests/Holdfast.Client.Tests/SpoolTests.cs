using Holdfast.Client.Tests.Support;
using Holdfast.Protocol;

namespace Holdfast.Client.Tests;

/// <summary>What is kept of a locked device's fetching, and what is left of it after anything.</summary>
public sealed class SpoolTests : IDisposable
{
    private static readonly LogId Log = new(7), Other = new(8);

    private readonly TemporaryFolder _folder = new();

    private string Spool => _folder.Of("spool");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WhatWasAddedIsThereInOrder()
    {
        Add(Log, 3, 4, 5);
        Add(Other, 1);
        Add(Log, 5, 6);   // what it has is not added again
        Assert.Equal([(Log, 3ul), (Log, 4ul), (Log, 5ul), (Other, 1ul), (Log, 6ul)], Kept());
    }

    /// <summary>Power may go in the middle of any write: what is whole before it stays, and what is added behind it is read.</summary>
    [Fact]
    public void ATornTailIsLeftOutAndWrittenOver()
    {
        Add(Log, 1, 2, 3);
        byte[] whole = File.ReadAllBytes(Spool);
        int third = whole.Length - SpoolFile.Encode(new Spooled(Log, Entry(3), null)).Length;
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(Spool, whole[..length]);
            Assert.True(Kept().Count <= 2);
            if (length >= third) Assert.Equal([(Log, 1ul), (Log, 2ul)], Kept());
            Add(Log, 3, 4);
            Assert.Equal([(Log, 3ul), (Log, 4ul)], Kept().TakeLast(2));
        }
    }

    [Fact]
    public void ADamagedRecordEndsItAndWhatCameAfterIsFetchedAgain()
    {
        Add(Log, 1, 2, 3);
        byte[] whole = File.ReadAllBytes(Spool);
        for (int at = 0; at < whole.Length; at++)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x40;
            File.WriteAllBytes(Spool, damaged);
            Assert.True(Kept().Count < 3);
            using var spool = Client.Spool.Open(Spool, Grants);
            Assert.Equal((ulong)Kept().Count, spool.LastOf(Log));   // from there on it is fetched
        }
    }

    [Fact]
    public void WhatTheVaultHasAndWhatIsOfNoConversationOfOursGoes()
    {
        Add(Log, 1, 2, 3);
        Add(Other, 4);
        using (var spool = Client.Spool.Open(Spool, [Grant(Log, 2)])) Assert.Equal((3ul, 0ul, 1), (spool.LastOf(Log), spool.LastOf(Other), spool.Conversations));
        Assert.Equal([(Log, 3ul)], Kept());
    }

    [Fact]
    public void AnInboxItemIsKeptOnce()
    {
        var item = new InboxItem(new(5), new byte[40]);
        using (var spool = Client.Spool.Open(Spool, Grants)) spool.Add([item]);
        using (var spool = Client.Spool.Open(Spool, Grants)) spool.Add([item, item with { Id = new(6) }]);
        Assert.Equal(2, SpoolFile.Read(Spool).Records.Count);
    }

    [Fact]
    public void ItGrowsToItsLimitAndNoFurther()
    {
        using var spool = Client.Spool.Open(Spool, Grants);
        for (ulong position = 1; position <= 40; position++)
            spool.Add(Log, [new LogEntry(position, new(position), PostKind.Application, new byte[ProtocolLimits.EntryBytes])]);
        Assert.True(spool.IsFull);
        Assert.InRange(new FileInfo(Spool).Length, SpoolFile.MostBytes - ProtocolLimits.EntryBytes - 1024, SpoolFile.MostBytes);
        Assert.Equal(Enumerable.Range(1, 31).Select(static position => (Log, (ulong)position)), Kept());
        Assert.Equal(31ul, spool.LastOf(Log));
    }

    /// <summary>Any bytes there may be: no exception, no memory beyond the file's.</summary>
    [Fact]
    public void AnyBytesAreReadAsFarAsTheyAreASpool()
    {
        var chance = new Random(1);
        for (int round = 0; round < 2000; round++)
        {
            byte[] bytes = new byte[chance.Next(200)];
            chance.NextBytes(bytes);
            if (round % 2 == 0) "HFS1"u8[..Math.Min(4, bytes.Length)].CopyTo(bytes);
            File.WriteAllBytes(Spool, bytes);
            Assert.Empty(SpoolFile.Read(Spool).Records);
        }
    }

    /// <summary>The server's entry goes before the spool's; only what the server has no longer is filled in.</summary>
    [Fact]
    public void TheServersEntriesGoFirst()
    {
        Add(Log, 2, 3, 4, 5, 9);
        var news = SealedNews.Load(Spool);
        LogEntry[] served = [Entry(3) with { Id = new(333) }, Entry(5) with { Id = new(555) }];
        var filled = news.Fill(Log, 1, new Entries(1, Log, 8, served)).SelectMany(static batch => batch).Select(static entry => (entry.Position, entry.Id.Value));
        Assert.Equal([(2ul, 2), (3ul, 333), (4ul, 4), (5ul, 555)], filled.Select(static entry => (entry.Position, (int)entry.Value)));
        Assert.Empty(news.Fill(Log, 5, new Entries(1, Log, 8, [])));   // nothing beyond the log's end is believed
        Assert.Equal([2ul, 3ul, 4ul, 5ul], news.After(Log, 1).Select(static entry => entry.Position));   // without the server: up to the first gap
        Assert.Empty(news.After(Log, 5));
    }

    [Fact]
    public void WhenAllIsDealtWithTheFileGoes()
    {
        Add(Log, 1);
        Add(Other, 1);
        using (var spool = Client.Spool.Open(Spool, Grants)) spool.Add([new InboxItem(new(5), new byte[40])]);
        var news = SealedNews.Load(Spool);
        news.Keep([Log]);   // the other is none of ours
        news.Done(Log);
        Assert.True(File.Exists(Spool));
        news.Done([new InboxItemId(5)]);
        Assert.False(File.Exists(Spool));
    }

    private static SubscriptionProof[] Grants => [Grant(Log, 0), Grant(Other, 0)];

    private static SubscriptionProof Grant(LogId log, ulong position) => new(log, new byte[32], new byte[64], position);

    private static LogEntry Entry(ulong position) => new(position, new(position), PostKind.Application, new byte[] { 1, 2, 3, (byte)position });

    private void Add(LogId log, params ulong[] positions)
    {
        using var spool = Client.Spool.Open(Spool, Grants);
        spool.Add(log, positions.Select(Entry));
    }

    private List<(LogId Log, ulong Position)> Kept() => [.. SpoolFile.Read(Spool).Records.Select(static record => (record.Log, record.Entry!.Position))];
}
