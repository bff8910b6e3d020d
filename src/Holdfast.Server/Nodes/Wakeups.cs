using System.Globalization;
using System.Text;
using Holdfast.Protocol;
using Holdfast.Server.Storage;
using Holdfast.Server.Storage.Postgres;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Holdfast.Server.Nodes;

/// <summary>
/// How nodes wake each other: one notification with a batch's commit, never one per message. It names the logs that have grown and how far; of
/// devices it says only that some have mail or have logged in, so that nothing the database might keep of it joins a device to a log.
/// </summary>
internal sealed class Wakeups : IAsyncDisposable
{
    private const string Channel = "holdfast";
    private const string Mail = "mail", Logins = "logins";

    /// <summary>PostgreSQL carries less than 8,000 bytes.</summary>
    private const int PayloadChars = 7_900;

    private static readonly TimeSpan BeforeAnotherTry = TimeSpan.FromSeconds(1);

    private readonly string _address;
    private readonly PostgresDatabase _writing;
    private readonly Follower _follower;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _listening;

    public Wakeups(string address, PostgresDatabase writing, Follower follower, ILogger log)
    {
        (_address, _writing, _follower, _log) = (address, writing, follower, log);
        _listening = Task.Run(ListenAsync);
    }

    /// <summary>Adds what a batch has to tell to the commands that end its transaction.</summary>
    public static void Send(NpgsqlBatch last, Batch batch)
    {
        var line = new StringBuilder();
        foreach (var (log, entries) in batch.Appended)
        {
            if (line.Length > PayloadChars - 64) Flush();
            line.Append(CultureInfo.InvariantCulture, $"{log}:{entries[^1].Position},");
        }
        Flush();
        if (batch.Filed.Count > 0) Add(Mail);
        if (batch.HasLogins) Add(Logins);

        void Flush()
        {
            if (line.Length > 0) Add(line.ToString());
            line.Clear();
        }

        void Add(string payload)
        {
            var notify = new NpgsqlBatchCommand("SELECT pg_notify($1, $2)");
            notify.Parameters.Add(new NpgsqlParameter { Value = Channel, NpgsqlDbType = NpgsqlDbType.Text });
            notify.Parameters.Add(new NpgsqlParameter { Value = payload, NpgsqlDbType = NpgsqlDbType.Text });
            last.BatchCommands.Add(notify);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _listening;
        _ending.Dispose();
    }

    /// <summary>Whenever the connection begins anew, everything is looked at: what was sent in between is lost.</summary>
    private async Task ListenAsync()
    {
        bool told = false;
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                await using var connection = new NpgsqlConnection(_address);
                connection.Notification += (_, notification) => Receive(notification);
                await connection.OpenAsync(_ending.Token);
                await using (var listen = new NpgsqlCommand("LISTEN " + Channel, connection)) await listen.ExecuteNonQueryAsync(_ending.Token);
                _follower.LookAtAll();
                told = false;
                while (true) await connection.WaitAsync(_ending.Token);
            }
            catch (OperationCanceledException) when (_ending.IsCancellationRequested) { return; }
            catch (Exception broken) when (PostgresDatabase.IsOfConnection(broken))
            {
                if (!told) Log.WakeupsLost(_log);
                told = true;
            }
            try { await Task.Delay(BeforeAnotherTry, _ending.Token); }
            catch (OperationCanceledException) { return; }
        }
    }

    /// <summary>What this node has sent itself it has pushed already.</summary>
    private void Receive(NpgsqlNotificationEventArgs notification)
    {
        if (notification.PID == _writing.Backend) return;
        switch (notification.Payload)
        {
            case Mail: _follower.LookAtInboxes(); break;
            case Logins: _follower.LookAtLogins(); break;
            default: ReceiveLogs(notification.Payload); break;
        }
    }

    private void ReceiveLogs(string payload)
    {
        foreach (string part in payload.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            int colon = part.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && LogId.Parse(part[..colon]) is { } log && ulong.TryParse(part[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ulong head))
                _follower.LookAt(log, head);
        }
    }
}
