using System.Collections.Concurrent;
using System.Net.WebSockets;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests.Faults;

/// <summary>
/// Devices that all commit to one log, each through the next node after each failure; what is not answered is sent again under its id. In the end at
/// most one was accepted in each epoch, and every one that was is there.
/// </summary>
internal sealed class CommitRace(IReadOnlyList<Endpoint> nodes) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(30), Patience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<MessageId, (ulong Seen, ulong Position)> _accepted = [];
    private readonly ConcurrentDictionary<MessageId, ulong> _sent = [];
    private readonly CancellationTokenSource _ending = new();
    private LogId _log;
    private SignatureKey _first = Device.NewKey(), _key = Device.NewKey();
    private Task _running = Task.CompletedTask;

    /// <summary>How many commits were accepted.</summary>
    public int Accepted => _accepted.Count;

    /// <inheritdoc/>
    public void Dispose() => _ending.Dispose();

    /// <summary>Begins it.</summary>
    public async Task BeginAsync(IReadOnlyList<Device> devices)
    {
        await using (var session = await devices[0].ConnectAsync(nodes[0])) (_log, _first) = await session.NewLogAsync();
        _key = _first;
        _running = Task.WhenAll(devices.Select((device, i) => Task.Run(() => CommitAsync(device, i))));
    }

    /// <summary>Ends it and looks at the log. What nobody has an answer to is done or not, and read like all else.</summary>
    public async Task EndAsync(Device reader)
    {
        await _ending.CancelAsync();
        await _running;
        await using var session = await reader.ConnectAsync(nodes[0]);
        await session.SubscribeAsync(_log, _first);   // who has the first key reads from the beginning
        Check(await session.ReadAllAsync(_log));
    }

    private void Check(List<LogEntry> entries)
    {
        Assert.Equal(Enumerable.Range(1, entries.Count).Select(i => (ulong)i), entries.Select(entry => entry.Position));
        var positions = entries.ToDictionary(entry => entry.Id, entry => entry.Position);   // throws on a double
        foreach (var (id, accepted) in _accepted) Assert.Equal(accepted.Position, positions[id]);
        ulong last = 0;
        foreach (var entry in entries)
        {
            Assert.True(_sent[entry.Id] >= last, $"a commit at {entry.Position} was accepted that had not seen the one at {last}");
            last = entry.Position;
        }
    }

    private async Task CommitAsync(Device device, int node)
    {
        ulong seen = 0;
        (Post Post, SignatureKey Next)? waiting = null;
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                await using var session = await device.ConnectAsync(nodes[node++ % nodes.Count]).WaitAsync(Patience);
                SignatureKey? mine = null;
                while (!_ending.IsCancellationRequested)
                {
                    if (mine != Volatile.Read(ref _key))
                    {
                        mine = _key;
                        seen = Math.Max(seen, (await session.SubscribeAsync(_log, mine).WaitAsync(Patience)).Head);
                    }
                    if (waiting is null)
                    {
                        var next = Device.NewKey();
                        waiting = (Posts.Commit(_log, seen, next), next);
                        _sent[waiting.Value.Post.Id] = seen;
                    }
                    var (post, key) = waiting.Value;
                    switch (await session.AskAsync(request => new SubmitPost(request, post)).WaitAsync(Patience))
                    {
                        case Accepted accepted:
                            _accepted[post.Id] = (post.Position, accepted.Position);
                            seen = Math.Max(seen, accepted.Position);
                            Volatile.Write(ref _key, key);
                            waiting = null;
                            break;
                        case HeadMoved moved:
                            seen = Math.Max(seen, moved.Head);
                            waiting = null;
                            break;
                        case Refused { Code: RefusalCode.TooMany or RefusalCode.KeyExpired }:
                            Volatile.Write(ref mine, null);
                            waiting = null;
                            break;
                        default:
                            throw new WebSocketException("it could not be stored");
                    }
                    await Task.Delay(Pause);
                }
            }
            catch (Exception gone) when (gone is WebSocketException or TimeoutException or HttpRequestException or ConnectRefusedException or InvalidOperationException
                or Xunit.Sdk.XunitException or OperationCanceledException)
            {
                await Task.Delay(Pause);
            }
        }
    }
}
