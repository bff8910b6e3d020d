using System.Diagnostics;
using System.Threading.Channels;
using Holdfast.Protocol;
using Microsoft.Extensions.Logging;

namespace Holdfast.Server.Storage;

/// <summary>
/// The one thread that writes. It takes whatever has queued up while the last commit was on its way to the disk, does it in one
/// transaction, and hands the batch on when that is durable: acknowledgements first, then pushes. No timer, no delay.
/// </summary>
/// <remarks>
/// The write-ahead log shows which pages one transaction touched, and in which order transactions came: a log's page beside an
/// inbox's page, or behind that of a device that has just logged in. So after a batch that concerns a person it is emptied into the
/// database as soon as the writer is idle, at the latest two seconds later, and at the end. A disk seized within those two
/// seconds may still tell which inboxes one commit's Welcomes went to, or who came online before an entry. Two traces remain after
/// them. Content above about 2 KiB lies on pages of its own, taken in order of arrival: on a quiet server the pages of an inbox
/// item that nobody has fetched yet may lie beside those of the commit it came with. And on flash memory overwritten pages may
/// live on where only a laboratory finds them.
/// </remarks>
internal sealed class Writer : IDisposable
{
    private const int Repetitions = 3;
    private const int BatchWorks = 1024;
    private const int BatchBytes = 16 << 20;
    private const long QueuedBytes = 64L << 20;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);
    private const int WrittenBeforeCheckpoint = 4 << 20;
    private const int BytesSettled = 8192;   // that an entry taken into the indexes adds to the write-ahead log, where no other shares its pages: more
    private static readonly TimeSpan IdleBeforeTruncate = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestBeforeTruncate = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BetweenComplaints = TimeSpan.FromSeconds(10);

    private readonly Database _database;
    private readonly Stores _stores;
    private readonly CheckpointAhead _ahead;
    private readonly ILogger _log;
    private readonly Action<Batch> _onDurable;
    private readonly Action<int, TimeSpan, bool> _onCommit;
    private readonly Thread _thread;
    private readonly Task _announcing;
    private readonly Channel<Batch> _durable = Channel.CreateUnbounded<Batch>(new() { SingleReader = true, SingleWriter = true });
    private readonly Queue<Work> _queue = [];
    private readonly object _gate = new();
    private TaskCompletionSource? _room;
    private long _queuedBytes;
    private bool _closing;
    private long _written;    // bytes of works since the last checkpoint
    private bool _settles;    // false after a try that failed, until something has been written
    private long? _truncateDue;
    private long? _complained;
    private readonly TaskCompletionSource _diskLost = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Writer(Home home, Stores stores, ILogger log, Action<Batch> onDurable, Action<int, TimeSpan, bool> onCommit)
    {
        (_database, _stores, _log, _onDurable, _onCommit) = (home.Database, stores, log, onDurable, onCommit);
        _ahead = new CheckpointAhead(home.Connect);
        _announcing = Task.Run(AnnounceAsync);
        _thread = new Thread(Run) { Name = "writer", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Whether the last batch reached the disk.</summary>
    public bool Healthy { get; private set; } = true;

    /// <summary>Ends when a sync has failed. From then on everything is refused and the disk is left alone: what it has is found out by a new start.</summary>
    public Task DiskLost => _diskLost.Task;

    /// <summary>How many transactions there have been: fewer than posts when commits are shared.</summary>
    public long Commits { get; private set; }

    /// <summary>What waits for the next transaction.</summary>
    public (int Works, long Bytes) Queued
    {
        get { lock (_gate) return (_queue.Count, _queuedBytes); }
    }

    /// <summary>Whether what waits has waited for longer than a moment: more comes than gets done, or the disk does not answer.</summary>
    public bool IsOverloaded
    {
        get { lock (_gate) return _queue.TryPeek(out var oldest) && Stopwatch.GetElapsedTime(oldest.QueuedAt) > LongestWait; }
    }

    /// <summary>Queues work; waits while too much is queued.</summary>
    public async ValueTask EnqueueAsync(Work work, CancellationToken cancellationToken)
    {
        while (!TryEnqueue(work, out var room)) await room.WaitAsync(cancellationToken);
    }

    /// <summary>Does something in the next transaction; the value comes when it is on disk.</summary>
    /// <exception cref="RefusalException">It was refused, or the disk did.</exception>
    public async Task<T> RunAsync<T>(Func<Stores, T> execute, CancellationToken cancellationToken)
    {
        var work = new AwaitedWork<T>(execute);
        await EnqueueAsync(work, cancellationToken);
        return await work.Completion;
    }

    /// <summary>Finishes what is queued, empties the write-ahead log and ends the thread.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closing = true;
            Monitor.PulseAll(_gate);
        }
        _thread.Join();
        _durable.Writer.TryComplete();
        _announcing.Wait();
    }

    private bool TryEnqueue(Work work, out Task room)
    {
        room = Task.CompletedTask;
        lock (_gate)
        {
            if (!_closing && _queuedBytes > QueuedBytes)
            {
                room = (_room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                return false;
            }
            if (!_closing)
            {
                work.QueuedAt = Stopwatch.GetTimestamp();
                _queue.Enqueue(work);
                _queuedBytes += work.Size;
                if (_queue.Count == 1) Monitor.Pulse(_gate);
                return true;
            }
        }
        work.Refuse(RefusalCode.ShuttingDown);
        return true;
    }

    private void Run()
    {
        while (Take() is { } works)
        {
            bool idle = works.Count == 0;
            if (idle) Settle();
            else Commit(works);
            Tidy(idle);
        }
        Settle();
        _ahead.Dispose();
        Checkpoint(empty: true);
    }

    /// <summary>
    /// Empties the write-ahead log where that is due, or lets it begin anew where it is long. While there is work, most of it is copied beside
    /// the writer first, so that what is left for here is what came meanwhile.
    /// </summary>
    private void Tidy(bool idle)
    {
        if (_diskLost.Task.IsCompleted) return;
        bool empty = _truncateDue is { } due && (idle || Environment.TickCount64 >= due);
        if (!empty && _written <= WrittenBeforeCheckpoint) return;
        bool mayNow = true;   // also where copying has failed
        if (!idle) TryTidy(() => mayNow = _ahead.IsDone());
        if (mayNow) Checkpoint(empty);
    }

    /// <summary>The next batch; empty when it is time to tidy up, null at the end.</summary>
    private List<Work>? Take()
    {
        lock (_gate)
        {
            while (_queue.Count == 0)
            {
                if (_closing) return null;
                if (_truncateDue is null && !(_settles && _stores.Logs.Unsettled > 0)) Monitor.Wait(_gate);
                else if (!Monitor.Wait(_gate, IdleBeforeTruncate)) return [];
            }
            var works = new List<Work>(Math.Min(_queue.Count, BatchWorks));
            int bytes = 0;
            while (works.Count < BatchWorks && bytes < BatchBytes && _queue.TryDequeue(out var work))
            {
                works.Add(work);
                bytes += work.Size;
            }
            _queuedBytes -= bytes;
            if (_queuedBytes <= QueuedBytes)
            {
                _room?.SetResult();
                _room = null;
            }
            return works;
        }
    }

    /// <summary>One transaction. A failure, whatever it is, rolls all of it back: nothing is ever half done.</summary>
    private void Commit(List<Work> works)
    {
        var batch = new Batch(works);
        long began = Stopwatch.GetTimestamp();
        for (int more = Repetitions; !TryCommit(batch, mayRepeat: more > 0); more--) batch = new Batch(works);
        _onCommit(works.Count, Stopwatch.GetElapsedTime(began), batch.Failed);
        if (!batch.Failed && works.Any(static work => !work.IsOfLogs)) _truncateDue ??= Environment.TickCount64 + (long)LongestBeforeTruncate.TotalMilliseconds;
        _durable.Writer.TryWrite(batch);
    }

    /// <summary>False where the database says that the same may be tried again: another node was in the way.</summary>
    private bool TryCommit(Batch batch, bool mayRepeat)
    {
        batch.Failed = _diskLost.Task.IsCompleted;
        if (batch.Failed) return true;
        try
        {
            _database.Begin();
            if (_database.IsShared) _database.Hold(Announce(batch.Works));
            foreach (var work in batch.Works)
            {
                work.Execute(_stores, batch);
                _written += work.Size;
            }
            _written += (long)_stores.Logs.Settle(anyway: false) * BytesSettled;
            _database.Commit(batch);
            _settles = true;
            Commits++;
            if (!Healthy) Log.StorageRecovered(_log);
            (Healthy, _complained) = (true, null);
        }
        catch (Exception failure)   // this thread's main loop
        {
            TryTidy(_database.Rollback);
            if (mayRepeat && _database.MayRepeat(failure))
            {
                foreach (var work in batch.Works.Reverse()) work.Undo();
                return false;
            }
            Healthy = false;
            batch.Failed = true;
            foreach (var work in batch.Works.Reverse()) work.Fail();   // so that each comes before those that were done behind it
            if (failure is StorageException storage) Complain(storage);
            else Log.WriterFailed(_log, Fault.Of(failure));
        }
        return true;
    }

    /// <summary>While there is nothing else to do, takes into indexes what waits for it. Where that fails it is left until something has been written.</summary>
    private void Settle()
    {
        while (_settles && !_diskLost.Task.IsCompleted && _stores.Logs.Unsettled > 0 && (_closing || Queued.Works == 0))
        {
            _settles = false;
            TryTidy(() =>
            {
                _database.Begin();
                _written += (long)_stores.Logs.Settle(anyway: true) * BytesSettled;
                _database.Commit();
                _settles = true;
            });
            if (!_settles) TryTidy(_database.Rollback);
        }
    }

    private static Announced Announce(IReadOnlyList<Work> works)
    {
        var announced = new Announced();
        foreach (var work in works) work.Announce(announced);
        return announced;
    }

    /// <summary>Moves what is committed into the database file; where a reader is in the way of emptying the log, the next idle moment is another try.</summary>
    private void Checkpoint(bool empty)
    {
        bool done = false;
        if (!_diskLost.Task.IsCompleted) TryTidy(() => done = _database.Checkpoint(empty));
        if (empty) _truncateDue = done || _closing ? null : Environment.TickCount64 + (long)LongestBeforeTruncate.TotalMilliseconds;
        _written = 0;
    }

    private void TryTidy(Action tidy)
    {
        try { tidy(); }
        catch (StorageException failure) { Complain(failure); }
    }

    /// <summary>Says what is wrong, not for every batch that meets it; where a sync has failed, for the last time.</summary>
    private void Complain(StorageException failure)
    {
        if (failure.IsSyncFailure)
        {
            Healthy = false;
            Log.SyncFailed(_log, failure.Code);
            _diskLost.TrySetResult();
            return;
        }
        if (_complained is { } before && Stopwatch.GetElapsedTime(before) < BetweenComplaints) return;
        _complained = Stopwatch.GetTimestamp();
        Log.StorageFailed(_log, failure.Code, failure.Message, failure.Advice);
    }

    private async Task AnnounceAsync()
    {
        await foreach (var batch in _durable.Reader.ReadAllAsync())
        {
            foreach (var work in batch.Works)
            {
                if (batch.Failed) work.Refuse(RefusalCode.StorageFailed);
                else work.Acknowledge();
            }
            if (!batch.Failed) _onDurable(batch);
        }
    }
}
