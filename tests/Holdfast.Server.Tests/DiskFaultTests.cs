using System.Net;
using System.Security.Cryptography;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Tests.Faults;
using Holdfast.Server.Tests.Support;
using Holdfast.Tests;

namespace Holdfast.Server.Tests;

/// <summary>
/// The real server on a disk that fails, under load, with the checker: what is refused may be tried again, and what was acknowledged is there,
/// whatever happens. In a long run every call up to the 200th fails once.
/// </summary>
[Trait(Place.Trait, Place.Sqlite)]
public sealed class DiskFaultTests
{
    private const int LongCalls = 200, LongCallsOnDatabase = 40;
    private const DiskFiles Stored = DiskFiles.Database | DiskFiles.Log;
    private const DiskCalls Changes = DiskCalls.Write | DiskCalls.Sync | DiskCalls.Truncate;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), BetweenCalls = TimeSpan.FromSeconds(4);

    /// <summary>A call fails once: what was to be stored with it is refused or tried again, and the server goes on.</summary>
    [Fact]
    public async Task ACallThatFailsOnceLosesNothing()
    {
        int fired = 0;
        await RunAsync("one call fails", async (run, disk) =>
        {
            foreach (var (calls, files, fault) in Once)
            {
                foreach (int nth in files == DiskFiles.Log ? Calls(files, 1, 2, 5) : Calls(files, 2))
                {
                    disk.Fail(calls, files, fault, nth);
                    await SoonAsync(() => disk.Fired > 0);
                    int now = disk.Fired;
                    disk.Mend();
                    if (now == 0) break;   // there are no more such calls
                    fired++;
                    await run.AcceptsAsync();
                }
            }
            Assert.True(fired >= Once.Length, $"only {fired} calls failed");
            await run.Server.KillAsync();
            await run.RestartAsync();
            return fired;
        });
    }

    /// <summary>Nothing can be written for a while: nothing is acknowledged, whoever asks is told, and afterwards it goes on by itself.</summary>
    [Fact]
    public Task WhileNothingCanBeWrittenTheServerSaysSo() => RunAsync("nothing can be written for a while", async (run, disk) =>
    {
        foreach (var fault in (DiskFault[])[DiskFault.Failing, DiskFault.Full, DiskFault.ReadOnly])
        {
            disk.Fail(DiskCalls.Write, DiskFiles.Log, fault, times: -1);
            await SoonAsync(() => disk.Fired > 0);
            await Eventually.Async(async () => await ReadyAsync(run) == HttpStatusCode.ServiceUnavailable);
            await Task.Delay(TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken);   // what was on its way to the clients has come
            long accepted = run.Accepted;
            await Task.Delay(TimeSpan.FromMilliseconds(500), TestContext.Current.CancellationToken);
            Assert.Equal(accepted, run.Accepted);
            disk.Mend();
            await run.AcceptsAsync();
            await Eventually.Async(async () => await ReadyAsync(run) == HttpStatusCode.OK);
        }
        Assert.Equal(0, await run.Server.EndAsync());
        string[] said = [.. (await run.Server.ErrorsAsync()).Where(static line => line.Contains("Nothing can be stored", StringComparison.Ordinal))];
        Assert.InRange(said.Length, 3, 10);   // and not for every post
        Assert.Contains("Look after the disk", said[0], StringComparison.Ordinal);
        Assert.Contains(said, static line => line.Contains("Make room", StringComparison.Ordinal));
        await run.RestartAsync();
        return 3;
    });

    /// <summary>
    /// A sync fails, the next would come back well without having written anything, and then the power is lost: the server does not ask again, it
    /// ends and says why.
    /// </summary>
    [Fact]
    public Task AfterASyncThatFailsNothingIsAcknowledgedAndTheServerEnds() => RunAsync("a sync fails", async (run, disk) =>
    {
        int ends = 0;
        var calls = Calls(DiskFiles.Log, 1, 4).Select(static nth => (DiskFiles.Log, nth));
        foreach (var (files, nth) in calls.Concat(Calls(DiskFiles.Database, 1).Select(static nth => (DiskFiles.Database, nth))))
        {
            disk.IsLostAtEnd = true;
            disk.Fail(DiskCalls.Sync, files, DiskFault.Failing, nth, seed: Recorded.Seed + nth);
            int? code = await EndedAsync(run, disk);
            if (code is null) break;   // there are no more such calls
            Assert.Equal((1, 1), (code, disk.Fired));
            disk.IsLostAtEnd = false;
            disk.Mend();
            string[] said = await run.Server.ErrorsAsync();
            Assert.Single(said, static line => line.Contains("The disk has not kept what was written", StringComparison.Ordinal));
            Assert.DoesNotContain(said, static line => line.Contains("   at ", StringComparison.Ordinal));
            await run.RestartAsync();
            ends++;
        }
        return ends;
    });

    /// <summary>The power is lost at a call; of what was not synced, sectors of 512 bytes are there or not.</summary>
    [Fact]
    public Task ALossOfPowerTakesNothingThatWasAcknowledged() => RunAsync("the power is lost at a call", async (run, disk) =>
    {
        int losses = 0;
        var calls = Calls(Stored, 1, 2, 17).Select(static nth => (Stored, nth));
        foreach (var (files, nth) in calls.Concat(Calls(DiskFiles.Database, 3).Select(static nth => (DiskFiles.Database, nth))))
        {
            disk.Fail(Changes, files, DiskFault.Power, nth, seed: Recorded.Seed + nth);
            if (await EndedAsync(run, disk) is not null) losses++;
            else await run.Server.KillAsync();
            disk.Mend();
            await run.RestartAsync();
        }
        return losses;
    });

    /// <summary>What a failed sync has left in the write-ahead log can be read and is not on disk: it is written anew before anything rests on it.</summary>
    [Fact]
    public Task WhatTheLogHoldsAtAStartIsWrittenAnewBeforeAnythingIsAcknowledged() => RunAsync("a log that is not on disk", async (run, disk) =>
    {
        await run.Server.KillAsync();
        Assert.True(new FileInfo(Path.Combine(run.Place, "holdfast.db-wal")).Length > 0, "there was nothing in the log");
        disk.IsLogStale = true;
        await run.RestartAsync();
        disk.Fail(Changes, Stored, DiskFault.Power, seed: Recorded.Seed);
        Assert.NotNull(await run.Server.EndedAsync(Patience));
        disk.Mend();
        await run.RestartAsync();
        return 1;
    });

    /// <summary>A call fails while the server starts: it starts all the same, or ends with a sentence, and the next start finds everything.</summary>
    [Fact]
    public Task ACallThatFailsAtTheStartEndsItWithASentence() => RunAsync("a call fails at the start", async (run, disk) =>
    {
        int ends = 0;
        foreach (var (calls, nth) in AtTheStart)
        {
            await run.Server.KillAsync();
            disk.Fail(calls, Stored, DiskFault.Failing, nth);
            string? sentence = await SentenceAsync(run, disk);
            bool failed = disk.Fired > 0;
            disk.Mend();
            if (sentence is not null)
            {
                Assert.True(failed, sentence);
                Assert.Matches("The disk that holds|The database in|has not kept|its disk fails", sentence);
                Assert.DoesNotContain("   at ", sentence, StringComparison.Ordinal);
                ends++;
            }
            await run.RestartAsync();
        }
        return ends;
    });

    /// <summary>A file's bytes that could not be synced are not there, however far they came.</summary>
    [Fact]
    public async Task AFileThatCannotBeStoredIsRefusedAndGoesOnWhereItWas()
    {
        using var disk = NewDisk();
        string folder = TestServer.NewFolder();
        await using (var server = await ServerProcess.StartAsync(folder, disk.Environment))
        {
            await using var session = await (await Device.JoinAsync(server.Endpoint, server.OwnerInvite!)).ConnectAsync(server.Endpoint);
            await RefuseAndGoOnAsync(session, disk, DiskCalls.Sync, DiskFault.Failing);
            await RefuseAndGoOnAsync(session, disk, DiskCalls.Write, DiskFault.Failing);
            await RefuseAndGoOnAsync(session, disk, DiskCalls.Write, DiskFault.Full);
            Assert.Equal(0, await server.EndAsync());
            string[] said = await server.ErrorsAsync();
            Assert.Equal(3, said.Count(static line => line.Contains("A blob could not be written", StringComparison.Ordinal)));
            Assert.DoesNotContain(said, static line => line.Contains("bug", StringComparison.Ordinal));
        }
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>A disk dies: the system makes the file system read-only under the server.</summary>
    [Fact]
    public async Task ADiskThatDiesTakesNothingThatWasAcknowledged()
    {
        using var device = FailingDevice.TryMake();
        Assert.SkipWhen(device is null, "a device that fails needs root, loop devices and mkfs.ext4");
        await using var run = new FaultRun(device.Data);
        await run.StartAsync();
        device.Fill();
        Assert.Equal(1, await run.Server.EndedAsync(Patience));
        Assert.Contains(await run.Server.ErrorsAsync(), static line => line.Contains("The disk has not kept what was written", StringComparison.Ordinal));
        var (code, _, sentence) = await ServerProcess.RunAsync("run", "--data", device.Data, "--listen", "https://127.0.0.1:0");
        Assert.Equal(1, code);
        Assert.Matches("takes no writes|full or failing|cannot be written", sentence);   // whichever meets it first
        Assert.True(device.TryMend(), "the file system could not be mounted again");
        await run.RestartAsync();
        var verdict = await run.EndAsync();
        Assert.True(verdict.IsClean, $"{verdict}");
        Assert.Equal(0, await run.Server.EndAsync());
        Recorded.Add("a disk dies", verdict);
    }

    private static async Task RefuseAndGoOnAsync(Session session, FaultyDisk disk, DiskCalls calls, DiskFault fault)
    {
        byte[] content = RandomSource.System.PublicBytes(300_000);
        var blob = BlobId.Of(RandomSource.System.PublicBytes(16));
        (await session.HttpAsync(Rest.Blobs + blob, new BlobCreation((ulong)content.Length, SHA256.HashData([1]), ExpiryBucket.Day))).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.NoContent, (await PatchAsync(session, blob, content, 0, 100_000)).StatusCode);
        disk.Fail(calls, DiskFiles.Blob, fault);
        await Refusals.ExpectAsync(await PatchAsync(session, blob, content, 100_000, 300_000), RefusalCode.StorageFailed);
        Assert.Equal(1, disk.Fired);
        using var head = await session.HttpAsync(HttpMethod.Head, Rest.Blobs + blob);
        Assert.Equal("100000", head.Headers.GetValues(Rest.UploadOffset).Single());
        Assert.Equal(HttpStatusCode.NoContent, (await PatchAsync(session, blob, content, 100_000, 300_000)).StatusCode);
        using var got = await session.HttpAsync(HttpMethod.Get, Rest.Blobs + blob);
        Assert.Equal(content, await got.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Which calls fail once: all of them in a long run.</summary>
    private static (DiskCalls Calls, DiskFiles Files, DiskFault Fault)[] Once { get; } = !LongRun.IsWanted
        ? [(DiskCalls.Write, DiskFiles.Log, DiskFault.Failing), (DiskCalls.Write, Stored, DiskFault.Short), (DiskCalls.Write, DiskFiles.Database, DiskFault.Failing)]
        :
        [
            (DiskCalls.Write, DiskFiles.Log, DiskFault.Failing), (DiskCalls.Write, DiskFiles.Log, DiskFault.Full), (DiskCalls.Write, DiskFiles.Log, DiskFault.Short),
            (DiskCalls.Read, Stored, DiskFault.Failing), (DiskCalls.Read, Stored, DiskFault.Short), (DiskCalls.Write, DiskFiles.Database, DiskFault.Failing),
            (DiskCalls.Write, DiskFiles.Database, DiskFault.Short), (DiskCalls.Truncate, Stored, DiskFault.Failing),
        ];

    private static IEnumerable<(DiskCalls Calls, int Nth)> AtTheStart => LongRun.IsWanted
        ? from calls in (DiskCalls[])[DiskCalls.Read, DiskCalls.Write, DiskCalls.Sync] from nth in Enumerable.Range(1, 25) select (calls, nth)
        : [(DiskCalls.Read, 3), (DiskCalls.Write, 1), (DiskCalls.Sync, 2)];

    /// <summary>A server under load on such a disk; what was done with it is judged in the end.</summary>
    private static async Task RunAsync(string what, Func<FaultRun, FaultyDisk, Task<int>> body)
    {
        using var disk = NewDisk();
        string folder = TestServer.NewFolder();
        await using (var run = new FaultRun(folder, disk.Environment))
        {
            await run.StartAsync();
            int faults = await body(run, disk);
            Assert.True(faults > 0, "nothing failed");
            var verdict = await run.EndAsync();
            Assert.True(verdict.IsClean, $"{verdict}");
            Recorded.Add(what, verdict, ("faults", faults, ""));
        }
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>How the server ended at a fault that is still to come; null where no such call comes.</summary>
    private static async Task<int?> EndedAsync(FaultRun run, FaultyDisk disk)
    {
        await EmptyLogSoonAsync(run);
        await SoonAsync(() => disk.Fired > 0);
        return disk.Fired > 0 ? await run.Server.EndedAsync(Patience) : null;
    }

    /// <summary>Starts the server once; what it ended with, or null where it started.</summary>
    private static async Task<string?> SentenceAsync(FaultRun run, FaultyDisk disk)
    {
        try
        {
            await using var server = await ServerProcess.StartAsync(run.Place, disk.Environment);
            if (await server.EndedAsync(TimeSpan.FromMilliseconds(100)) is not { } code) return null;
            Assert.Equal(1, code);
            return string.Join('\n', await server.ErrorsAsync());
        }
        catch (InvalidOperationException ended) { return ended.Message; }
    }

    private static FaultyDisk NewDisk()
    {
        Assert.SkipWhen(FaultyDisk.Missing is not null, FaultyDisk.Missing ?? "");
        return new FaultyDisk();
    }

    /// <summary>Which calls fail, one after the other.</summary>
    private static IEnumerable<int> Calls(DiskFiles files, params int[] quick) =>
        LongRun.IsWanted ? Enumerable.Range(1, files == DiskFiles.Database ? LongCallsOnDatabase : LongCalls) : quick;

    /// <summary>Something that concerns a person, so that the write-ahead log is emptied into the database soon.</summary>
    private static async Task EmptyLogSoonAsync(FaultRun run)
    {
        try { await run.Server.Endpoint.Http.GetAsync(new Uri(Rest.HealthReady, UriKind.Relative), TestContext.Current.CancellationToken); }
        catch (HttpRequestException) { return; }   // it has ended already
    }

    private static async Task SoonAsync(Func<bool> holds)
    {
        long end = Environment.TickCount64 + (long)BetweenCalls.TotalMilliseconds;
        while (!holds() && Environment.TickCount64 < end) await Task.Delay(5, TestContext.Current.CancellationToken);
    }

    private static async Task<HttpStatusCode> ReadyAsync(FaultRun run)
    {
        using var answer = await run.Server.Endpoint.Http.GetAsync(new Uri(Rest.HealthReady, UriKind.Relative), TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private static async Task<HttpResponseMessage> PatchAsync(Session session, BlobId blob, byte[] content, int from, int to)
    {
        using var request = session.Request(HttpMethod.Patch, Rest.Blobs + blob, new ByteArrayContent(content[from..to]));
        request.Headers.Add(Rest.UploadOffset, $"{from}");
        return await session.HttpAsync(request);
    }
}
