using Holdfast.Protocol;
using Holdfast.Server.Blobs;
using Holdfast.Server.Metrics;
using Microsoft.Extensions.Logging;

namespace Holdfast.Server.Storage;

/// <summary>Retention: every few minutes, what has expired goes, a little at a time so that posts are not held up.</summary>
internal sealed class Sweeper : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    /// <summary>
    /// A device that was away for less than a year may still read, sees that changes are missing, and asks to be added again. A key
    /// tells nothing that the log does not.
    /// </summary>
    private const int KeyDays = 365;

    private const int BlobsAtOnce = 200;

    /// <summary>For how many days an upload waits to be gone on with.</summary>
    private const int UploadDays = 3;

    private readonly Writer _writer;
    private readonly IBlobContents _contents;
    private readonly Action _tidy;
    private readonly Retention _retention;
    private readonly ILogger<Sweeper> _log;
    private readonly ServerMetrics _metrics;
    private readonly Func<Database> _connect;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _running;
    private long _strayDay = -1;
    private bool _hasMixed;

    public Sweeper(
        Writer writer, IBlobContents contents, Action tidy, Retention retention, TimeProvider clock, ILogger<Sweeper> log, ServerMetrics metrics,
        Func<Database> connect)
    {
        (_writer, _contents, _tidy, _retention, _log, _metrics, _connect) = (writer, contents, tidy, retention, log, metrics, connect);
        _running = RunAsync(clock);
    }

    /// <summary>Removes all that has expired by now.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        long hour = _retention.Hour, day = _retention.Day, keysUntil = hour - (KeyDays * Calendar.HoursPerDay);
        int rows = await _writer.RunAsync(
            stores => stores.Invites.DropExpired(day) + stores.Inboxes.DropExpired(day) + stores.KeyPackages.DropExpired(day) +
                stores.Logs.DropKeys(keysUntil),
            cancellationToken);
        await SettleAsync(cancellationToken);
        int dropped;
        while ((dropped = await _writer.RunAsync(stores => stores.Logs.DropExpired(hour), cancellationToken)) > 0) rows += dropped;
        int blobs = await SweepBlobsAsync(hour, cancellationToken) + await SweepStraysAsync(day, cancellationToken);
        while (await _writer.RunAsync(static stores => stores.GiveBack(), cancellationToken) > 0) continue;
        await MixAsync(cancellationToken);
        _tidy();
        _metrics.SweptRows.Add(rows);
        _metrics.SweptBlobs.Add(blobs);
        if (rows + blobs > 0) Log.Swept(_log, rows, blobs);
    }

    /// <summary>Once more at the end: that connections have ended is in the rows of their devices.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _running;
        _ending.Dispose();
        try { await MixAsync(CancellationToken.None); }
        catch (Exception failure) when (failure is RefusalException or StorageException) { return; }   // the writer has told of it
    }

    /// <summary>What waits for its index is not found there: so that nothing is passed over, what waits by now is taken in first.</summary>
    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        int left = await _writer.RunAsync(static stores => stores.Logs.Unsettled, cancellationToken);
        while (left > 0 && await _writer.RunAsync(static stores => stores.Logs.Settle(anyway: true), cancellationToken) is > 0 and var settled) left -= settled;
    }

    /// <summary>All that there is, the first time; then what came yesterday or today: of older rows nobody can tell more than the day, which they say.</summary>
    private async Task MixAsync(CancellationToken cancellationToken)
    {
        long inboxFrom = _hasMixed ? _retention.LastInboxDay - 1 : 0, keyPackagesFrom = _hasMixed ? _retention.LastKeyPackageDay - 1 : 0;
        await _writer.RunAsync(
            stores =>
            {
                stores.Mix(inboxFrom, keyPackagesFrom);
                return true;
            },
            cancellationToken);
        _hasMixed = true;
        using var database = _connect();
        database.CleanUp();
    }

    /// <summary>The bytes go first: if this ends in between, the row is still there to try again.</summary>
    private async Task<int> SweepBlobsAsync(long hour, CancellationToken cancellationToken)
    {
        int blobs = 0;
        while (true)
        {
            var expired = await _writer.RunAsync(stores => stores.Blobs.Expired(hour), cancellationToken);
            if (expired.Count == 0) return blobs;
            foreach (var blob in expired) await _contents.DeleteAsync(blob, cancellationToken);
            blobs += await _writer.RunAsync(stores => Forget(stores, expired), cancellationToken);
        }
    }

    /// <summary>
    /// Once a day, and at the first sweep: files without a row, which a crash between can leave, and uploads that nobody has gone on with for days.
    /// </summary>
    private async Task<int> SweepStraysAsync(long day, CancellationToken cancellationToken)
    {
        if (_contents is not BlobFiles contents || _strayDay == day) return 0;
        int strays = 0;
        foreach (var some in contents.All().Chunk(BlobsAtOnce))
        {
            var (files, rows) = await _writer.RunAsync(stores => Strays(stores, some, day), cancellationToken);
            foreach (var blob in files) contents.Delete(blob);
            await _writer.RunAsync(stores => Forget(stores, rows), cancellationToken);
            strays += files.Count;
        }
        _strayDay = day;
        return strays;
    }

    private static (List<BlobId> Files, List<BlobId> Rows) Strays(Stores stores, IEnumerable<BlobFile> some, long day)
    {
        var (files, rows) = (new List<BlobId>(), new List<BlobId>());
        foreach (var file in some)
        {
            var row = stores.Blobs.Find(file.Blob, long.MinValue);
            bool isAbandoned = row is not null && file.Length < row.Size && file.LastDay < day - UploadDays;
            if (row is null || isAbandoned) files.Add(file.Blob);
            if (isAbandoned) rows.Add(file.Blob);
        }
        return (files, rows);
    }

    private static int Forget(Stores stores, List<BlobId> blobs)
    {
        foreach (var blob in blobs) stores.Blobs.Remove(blob);
        return blobs.Count;
    }

    private async Task RunAsync(TimeProvider clock)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_ending.Token))
            {
                try { await SweepAsync(_ending.Token); }
                catch (Exception failure) when (failure is not OperationCanceledException)   // the sweep's main loop: the next one comes
                {
                    if (failure is not RefusalException) Log.SweepFailed(_log, Fault.Of(failure));   // of a full disk the writer has told
                }
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested) { return; }
    }
}
