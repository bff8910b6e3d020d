using System.Net.WebSockets;
using System.Threading.Channels;
using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>
/// One logged-in connection. Requests are answered in any order; pushes go to <see cref="Pushed"/>. It belongs to the scheduler
/// on which it was opened, and so needs no locks.
/// </summary>
internal sealed class ServerSession : IAsyncDisposable
{
    private static readonly TimeSpan LoginTime = TimeSpan.FromSeconds(20);

    private readonly ClientWebSocket _socket;
    private readonly Channel<ClientFrame> _outgoing = Channel.CreateUnbounded<ClientFrame>(new() { SingleReader = true });
    private readonly Dictionary<uint, TaskCompletionSource<ServerFrame>> _asked = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private uint _lastRequest;

    private ServerSession(PinnedServer server, ClientWebSocket socket, ReadOnlyMemory<byte> nonce, LoggedIn loggedIn)
    {
        (_socket, Nonce, KeyPackages) = (socket, nonce, loggedIn.KeyPackages);
        Rest = new RestCalls(server, loggedIn.Session);
        Server = server;
    }

    /// <summary>The server.</summary>
    internal PinnedServer Server { get; }

    /// <summary>REST calls with this connection's bearer token.</summary>
    internal RestCalls Rest { get; }

    /// <summary>What subscriptions must sign.</summary>
    internal ReadOnlyMemory<byte> Nonce { get; }

    /// <summary>How many one-time key packages the server had at login.</summary>
    internal int KeyPackages { get; }

    /// <summary>Proofs that were made for all logs at once, until they are used.</summary>
    internal Dictionary<LogId, SubscriptionProof> Proofs { get; } = [];

    /// <summary>Completes when the connection has ended.</summary>
    internal Task Ended => _ended.Task;

    /// <summary>What to do with a frame that answers no request.</summary>
    internal Action<ServerFrame> Pushed { get; set; } = static _ => { };

    /// <summary>Connects and logs in, or gives up after a time.</summary>
    /// <param name="server">The server.</param>
    /// <param name="vault">Signs the login.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RefusedException">The server refused the login.</exception>
    /// <exception cref="UnreachableException">The server cannot be reached.</exception>
    internal static async Task<ServerSession> OpenAsync(PinnedServer server, VaultProcess vault, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LoginTime);
        try { return await LogInAsync(server, vault, limit.Token); }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested) { throw new UnreachableException(server.Address); }
    }

    private static async Task<ServerSession> LogInAsync(PinnedServer server, VaultProcess vault, CancellationToken cancellationToken)
    {
        var socket = await server.ConnectAsync(cancellationToken);
        try
        {
            var greeting = await ExpectAsync<Greeting>(socket, cancellationToken);
            var signed = await vault.CallAsync<LoginSigned>(new SignLogin(server.Key, greeting.Nonce), CancellationToken.None);
            await WriteAsync(socket, signed.Login, cancellationToken);
            return new ServerSession(server, socket, greeting.Nonce, await ExpectAsync<LoggedIn>(socket, cancellationToken));
        }
        catch (Exception broken) when (broken is WebSocketException or CodecException or IOException)
        {
            socket.Dispose();
            throw new UnreachableException(server.Address);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Begins to send and receive.</summary>
    internal void Start()
    {
        _ = SendAllAsync();
        _ = ReceiveAllAsync();
    }

    /// <summary>Makes a request and gives its answer.</summary>
    /// <exception cref="RefusedException">The server refused it.</exception>
    /// <exception cref="SessionEndedException">The connection ended before the answer came.</exception>
    internal async Task<T> AskAsync<T>(Func<uint, ClientFrame> request) where T : ServerFrame => await AskAnyAsync(request) as T ?? throw EndBroken();

    /// <summary>Makes a request and gives any answer but a refusal.</summary>
    /// <exception cref="RefusedException">The server refused it.</exception>
    /// <exception cref="SessionEndedException">The connection ended before the answer came.</exception>
    internal async Task<ServerFrame> AskAnyAsync(Func<uint, ClientFrame> request)
    {
        if (_ended.Task.IsCompleted) throw new SessionEndedException();
        uint number = unchecked(++_lastRequest == 0 ? ++_lastRequest : _lastRequest);
        var answer = new TaskCompletionSource<ServerFrame>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked.Add(number, answer);
        _outgoing.Writer.TryWrite(request(number));
        return await answer.Task is var frame && frame is Refused refused ? throw new RefusedException(refused.Code) : frame;
    }

    /// <summary>Sends what has no answer.</summary>
    internal void Tell(ClientFrame frame) => _outgoing.Writer.TryWrite(frame);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        End();
        _socket.Dispose();
    }

    private async Task SendAllAsync()
    {
        try
        {
            await foreach (var frame in _outgoing.Reader.ReadAllAsync(_stop.Token)) await WriteAsync(_socket, frame, _stop.Token);
        }
        catch (Exception broken) when (IsBroken(broken))
        {
            End();
        }
    }

    private async Task ReceiveAllAsync()
    {
        try
        {
            while (await ReadAsync(_socket, _stop.Token) is { } frame) Receive(frame);
        }
        catch (Exception broken) when (IsBroken(broken) || broken is CodecException)
        {
            _socket.Abort();
        }
        End();
    }

    private void Receive(ServerFrame frame)
    {
        uint request = frame switch
        {
            Done done => done.Request,
            Refused refused => refused.Request,
            Subscribed subscribed => subscribed.Request,
            Accepted accepted => accepted.Request,
            HeadMoved moved => moved.Request,
            Entries entries => entries.Request,
            InboxItems items => items.Request,
            _ => 0,
        };
        if (request == 0) Pushed(frame);
        else if (_asked.Remove(request, out var asked)) asked.SetResult(frame);
    }

    private void End()
    {
        if (!_ended.TrySetResult()) return;
        _outgoing.Writer.TryComplete();
        foreach (var asked in _asked.Values) asked.TrySetException(new SessionEndedException());
        _asked.Clear();
    }

    private SessionEndedException EndBroken()
    {
        _socket.Abort();   // it does not keep to the protocol
        return new SessionEndedException();
    }

    private static bool IsBroken(Exception exception) =>
        exception is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException;

    private static async Task<T> ExpectAsync<T>(ClientWebSocket socket, CancellationToken cancellationToken) where T : ServerFrame =>
        await ReadAsync(socket, cancellationToken) switch
        {
            T expected => expected,
            Refused refused => throw new RefusedException(refused.Code),
            _ => throw new CodecException("the server does not keep to the protocol"),
        };

    private static async ValueTask WriteAsync(ClientWebSocket socket, ClientFrame frame, CancellationToken cancellationToken) =>
        await socket.SendAsync(Tls.Encode(frame), WebSocketMessageType.Binary, WebSocketMessageFlags.EndOfMessage, cancellationToken);

    private static async Task<ServerFrame?> ReadAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        using var message = await WebSocketMessage.ReadAsync(socket, cancellationToken);
        return message is null ? null : Tls.Decode<ServerFrame>(message.Bytes);
    }
}
