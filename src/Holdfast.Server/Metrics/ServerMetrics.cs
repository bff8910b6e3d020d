using System.Text;
using Holdfast.Protocol;
using Holdfast.Server.Limits;

namespace Holdfast.Server.Metrics;

/// <summary>All that is counted of one server: totals only, never who.</summary>
internal sealed class ServerMetrics
{
    private readonly List<Measure> _all = [];

    public ServerMetrics()
    {
        PostsAccepted = Add(new Total("holdfast_posts_accepted_total", "Posts on disk and acknowledged, repeated ones included."));
        PostsPassed = Add(new Total("holdfast_posts_head_moved_total", "Posts refused because a commit had landed that their sender had not seen."));
        PostsRefused = Add(new TotalBy<RefusalCode>("holdfast_posts_refused_total", "Posts refused, by code.", "code"));
        Refusals = Add(new TotalBy<RefusalCode>("holdfast_refusals_total", "Requests of any kind refused, by code.", "code"));
        LimitsHit = Add(new TotalBy<Limited>("holdfast_limits_hit_total", "Requests refused because a limit was reached, by limit.", "limit"));
        Logins = Add(new Total("holdfast_logins_total", "Logins."));
        LoginsFailed = Add(new Total("holdfast_logins_failed_total", "Logins of unknown devices, or with a wrong signature."));
        Pushes = Add(new Total("holdfast_pushes_total", "Frames with new entries queued for a connection."));
        Behind = Add(new Total("holdfast_behind_total", "Times a slow reader was told that it is behind in a log."));
        BytesIn = Add(new Total("holdfast_frame_bytes_received_total", "Bytes of frames from devices."));
        BytesOut = Add(new Total("holdfast_frame_bytes_sent_total", "Bytes of frames to devices."));
        KeyPackagesClaimed = Add(new Total("holdfast_key_packages_claimed_total", "Key packages handed out."));
        InvitesUsed = Add(new Total("holdfast_invites_used_total", "Invites turned into an account."));
        BlobBytesIn = Add(new Total("holdfast_blob_bytes_received_total", "Bytes of blobs stored."));
        BlobBytesOut = Add(new Total("holdfast_blob_bytes_sent_total", "Bytes of blobs asked for."));
        SweptRows = Add(new Total("holdfast_swept_rows_total", "Rows that retention removed."));
        SweptBlobs = Add(new Total("holdfast_swept_blobs_total", "Blobs that retention removed."));
        Transactions = Add(new Total("holdfast_transactions_total", "Transactions on disk."));
        StorageFailures = Add(new Total("holdfast_storage_failures_total", "Transactions that did not reach the disk."));
        Batch = Add(new Histogram("holdfast_transaction_works", "Requests carried out in one transaction.", 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024));
        Commit = Add(new Histogram(
            "holdfast_transaction_seconds", "How long a transaction took until it was on disk.",
            0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10));
        AddProcess();
    }

    public Total PostsAccepted { get; }

    public Total PostsPassed { get; }

    public TotalBy<RefusalCode> PostsRefused { get; }

    public TotalBy<RefusalCode> Refusals { get; }

    public TotalBy<Limited> LimitsHit { get; }

    public Total Logins { get; }

    public Total LoginsFailed { get; }

    public Total Pushes { get; }

    public Total Behind { get; }

    public Total BytesIn { get; }

    public Total BytesOut { get; }

    public Total KeyPackagesClaimed { get; }

    public Total InvitesUsed { get; }

    public Total BlobBytesIn { get; }

    public Total BlobBytesOut { get; }

    public Total SweptRows { get; }

    public Total SweptBlobs { get; }

    public Total Transactions { get; }

    public Total StorageFailures { get; }

    public Histogram Batch { get; }

    public Histogram Commit { get; }

    /// <summary>Adds what is read when somebody asks.</summary>
    public void Watch(string name, string help, Func<double> read) => Add(new Reading(name, help, read));

    /// <summary>A frame to a device: whether it accepts, refuses, or neither.</summary>
    public void Count(ServerFrame frame, bool answersPost)
    {
        switch (frame)
        {
            case Accepted:
                PostsAccepted.Add();
                break;
            case HeadMoved:
                PostsPassed.Add();
                break;
            case Refused refused:
                Refusals.Add(refused.Code);
                if (answersPost) PostsRefused.Add(refused.Code);
                break;
        }
    }

    /// <summary>A transaction of so many works ended.</summary>
    public void CountBatch(int works, TimeSpan took, bool failed)
    {
        (failed ? StorageFailures : Transactions).Add();
        Batch.Add(works);
        Commit.Add(took.TotalSeconds);
    }

    /// <summary>All of it in Prometheus' text format.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        lock (_all)
            foreach (var measure in _all) measure.Write(text);
        return text.ToString();
    }

    private void AddProcess()
    {
        Add(new Reading("process_cpu_seconds_total", "Processor time.", static () => Environment.CpuUsage.TotalTime.TotalSeconds, "counter"));
        Add(new Reading("process_resident_memory_bytes", "Memory in use.", static () => Environment.WorkingSet));
        Add(new Reading("dotnet_gc_heap_bytes", "Bytes of objects that are managed.", static () => GC.GetTotalMemory(forceFullCollection: false)));
        Add(new Reading("dotnet_gc_pause_seconds_total", "Time for which everything stood still.", static () => GC.GetTotalPauseDuration().TotalSeconds, "counter"));
        for (int generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            int of = generation;
            Add(new Reading($"dotnet_gc_gen{of}_collections_total", $"Collections of generation {of}.", () => GC.CollectionCount(of), "counter"));
        }
        Add(new Reading("dotnet_threads", "Threads of the pool.", static () => ThreadPool.ThreadCount));
        Add(new Reading("dotnet_work_queued", "What waits for a thread of the pool.", static () => ThreadPool.PendingWorkItemCount));
    }

    private T Add<T>(T measure) where T : Measure
    {
        lock (_all) _all.Add(measure);
        return measure;
    }
}
