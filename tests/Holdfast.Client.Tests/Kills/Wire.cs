using System.Net;
using System.Net.Sockets;

namespace Holdfast.Client.Tests.Kills;

/// <summary>
/// What lies between an agent and its server: it passes on what comes, sealed as it is, and when it is told to, something is done instead of passing
/// on the n-th piece. What was going up has then never arrived; what was coming down was an answer that is lost.
/// </summary>
internal sealed class Wire : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Uri _server;
    private readonly Task _accepting;
    private Action? _cut;
    private int _left;

    public Wire(string server)
    {
        _server = new Uri(server);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where the agent finds the server.</summary>
    public string Address => $"https://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>From now on: does this instead of passing on the n-th piece.</summary>
    public void Order(int piece, Action cut)
    {
        _left = piece;
        Volatile.Write(ref _cut, cut);
    }

    /// <summary>Takes the order back; false where it has been carried out.</summary>
    public bool TrySpare() => Interlocked.Exchange(ref _cut, null) is not null;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true) _ = ConnectAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
    }

    private async Task ConnectAsync(TcpClient agent)
    {
        using var server = new TcpClient { NoDelay = true };
        using (agent)
        {
            agent.NoDelay = true;
            try
            {
                await server.ConnectAsync(_server.Host, _server.Port, _stop.Token);
                await Task.WhenAny(PassAsync(agent.GetStream(), server.GetStream()), PassAsync(server.GetStream(), agent.GetStream()));
            }
            catch (SocketException) { return; }   // there is no server
        }
    }

    private async Task PassAsync(NetworkStream from, NetworkStream to)
    {
        byte[] piece = new byte[64 << 10];
        try
        {
            while (await from.ReadAsync(piece, _stop.Token) is > 0 and var length && !IsCut()) await to.WriteAsync(piece.AsMemory(0, length), _stop.Token);
        }
        catch (Exception ended) when (ended is IOException or OperationCanceledException or ObjectDisposedException)
        {
            return;
        }
    }

    private bool IsCut()
    {
        if (Volatile.Read(ref _cut) is null || Interlocked.Decrement(ref _left) != 0) return false;
        if (Interlocked.Exchange(ref _cut, null) is not { } cut) return false;   // it was taken back
        cut();
        return true;
    }
}
