using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Threading.Channels;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Server.Tests.Support;

/// <summary>One connection as a client sees it: answers find who asked, the rest are pushes.</summary>
internal sealed class Session : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Endpoint _endpoint;
    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly ConcurrentDictionary<uint, TaskCompletionSource<ServerFrame>> _asked = [];
    private readonly Channel<ServerFrame> _pushes = Channel.CreateUnbounded<ServerFrame>();
    private readonly byte[] _buffer = new byte[ProtocolLimits.FrameBytes + 1];
    private Task _reading = Task.CompletedTask;
    private uint _request;

    private Session(Endpoint endpoint) => _endpoint = endpoint;

    public byte[] Nonce { get; private set; } = [];

    public Device? Device { get; set; }

    public LoggedIn? LoggedIn { get; set; }

    public static async Task<Session> OpenAsync(Endpoint endpoint)
    {
        var session = new Session(endpoint);
        if (endpoint.ForwardedFor is { } from) session._socket.Options.SetRequestHeader("X-Forwarded-For", from);
        session._socket.Options.CollectHttpResponseDetails = true;
        using var handler = new HttpMessageInvoker(endpoint.Pinned());
        var address = new UriBuilder(endpoint.Address) { Scheme = "wss", Path = Rest.Connect }.Uri;
        try { await session._socket.ConnectAsync(address, handler, CancellationToken.None); }
        catch (WebSocketException) when (session._socket.HttpStatusCode is not (0 or System.Net.HttpStatusCode.SwitchingProtocols))
        {
            throw new ConnectRefusedException((int)session._socket.HttpStatusCode, session._socket.HttpResponseHeaders?.ContainsKey("Retry-After") == true);
        }
        session.Nonce = Assert.IsType<Greeting>(await session.ReceiveAsync()).Nonce.ToArray();
        return session;
    }

    public void StartReading() => _reading = Task.Run(ReadAllAsync);

    public Task SendAsync(ClientFrame frame) => SendRawAsync(Tls.Encode(frame));

    public async Task SendRawAsync(ReadOnlyMemory<byte> bytes, WebSocketMessageType type = WebSocketMessageType.Binary)
    {
        await _sending.WaitAsync();
        try { await _socket.SendAsync(bytes, type, true, CancellationToken.None); }
        finally { _sending.Release(); }
    }

    /// <summary>The next frame, or null when the server has closed or gone.</summary>
    public async Task<ServerFrame?> ReceiveAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            int length = 0;
            while (true)
            {
                var part = await _socket.ReceiveAsync(_buffer.AsMemory(length), patience.Token);
                if (part.MessageType == WebSocketMessageType.Close) return null;
                length += part.Count;
                if (part.EndOfMessage) return Tls.Decode<ServerFrame>(_buffer.AsSpan(0, length));
            }
        }
        catch (WebSocketException) { return null; }
    }

    /// <summary>Sends a request and waits for its answer.</summary>
    public async Task<ServerFrame> AskAsync(Func<uint, ClientFrame> make)
    {
        uint request = Interlocked.Increment(ref _request);
        var completion = _asked[request] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_reading.IsCompleted) throw new WebSocketException("the connection has ended");
        await SendAsync(make(request));
        return await completion.Task.WaitAsync(Patience);
    }

    public async Task<T> AskAsync<T>(Func<uint, ClientFrame> make) where T : ServerFrame
    {
        var answer = await AskAsync(make);
        return answer as T ?? throw new InvalidOperationException($"expected {typeof(T).Name}, got {answer}");
    }

    public async Task<RefusalCode> RefusedAsync(Func<uint, ClientFrame> make) => (await AskAsync<Refused>(make)).Code;

    /// <summary>The next push.</summary>
    public async Task<ServerFrame> PushAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        return await _pushes.Reader.ReadAsync(patience.Token);
    }

    /// <summary>Entries of pushes until there are this many.</summary>
    public async Task<List<LogEntry>> PushedAsync(int count)
    {
        var entries = new List<LogEntry>();
        while (entries.Count < count) entries.AddRange(Assert.IsType<Entries>(await PushAsync()).Items);
        return entries;
    }

    public Task<Subscribed> SubscribeAsync(LogId log, SignatureKey key) => AskAsync<Subscribed>(request => Subscribe(request, log, key));

    public Subscribe Subscribe(uint request, LogId log, SignatureKey key) =>
        new(request, log, key.PublicKey, key.Sign(SignedTexts.Subscription(_endpoint.Key, Nonce, log)));

    /// <summary>Opens a log by a grant that its access key has signed for a delivery key.</summary>
    public Subscribe SubscribeByGrant(uint request, LogId log, SignatureKey key, SignatureKey deliveryKey) =>
        new(request, log, key.PublicKey, key.Sign(SignedTexts.ReadingGrant(_endpoint.Key, deliveryKey.PublicKey.Span, log)));

    /// <summary>A new log with its first key, subscribed.</summary>
    public async Task<(LogId Log, SignatureKey Key)> NewLogAsync()
    {
        var (log, key) = (LogId.Of(RandomSource.System.PublicBytes(16)), Device.NewKey());
        await AskAsync<Done>(request => new CreateLog(request, log, key.PublicKey));
        await SubscribeAsync(log, key);
        return (log, key);
    }

    public async Task<ulong> PostAsync(Post post) => (await AskAsync<Accepted>(request => new SubmitPost(request, post))).Position;

    /// <summary>All there is, however many answers it takes.</summary>
    public async Task<List<LogEntry>> ReadAllAsync(LogId log, ulong after = 0)
    {
        var all = new List<LogEntry>();
        while (true)
        {
            var part = await AskAsync<Entries>(request => new ReadLog(request, log, after));
            if (part.Items.Count == 0) return all;
            all.AddRange(part.Items);
            after = part.Items[^1].Position;
        }
    }

    public HttpRequestMessage Request(HttpMethod method, string path, HttpContent? content = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Add("Authorization", "Bearer " + Convert.ToHexStringLower(LoggedIn!.Session.Span));
        return request;
    }

    public Task<HttpResponseMessage> HttpAsync(HttpMethod method, string path, HttpContent? content = null) =>
        _endpoint.Other.Http.SendAsync(Request(method, path, content), HttpCompletionOption.ResponseHeadersRead);

    public Task<HttpResponseMessage> HttpAsync(HttpRequestMessage request) => _endpoint.Other.Http.SendAsync(request);

    public Task<HttpResponseMessage> HttpAsync<T>(string path, T body) where T : ITlsStruct<T> =>
        HttpAsync(HttpMethod.Post, path, new ByteArrayContent(Tls.Encode(body)));

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _reading;
        _socket.Dispose();
        _sending.Dispose();
    }

    private async Task ReadAllAsync()
    {
        try
        {
            while (await ReceiveForeverAsync() is { } frame)
                if (NumberOf(frame) is var request and not 0 && _asked.TryRemove(request, out var asked)) asked.SetResult(frame);
                else _pushes.Writer.TryWrite(frame);
        }
        finally
        {
            _pushes.Writer.TryComplete();
            foreach (var asked in _asked.Values) asked.TrySetException(new WebSocketException("the connection has ended"));
        }
    }

    private async Task<ServerFrame?> ReceiveForeverAsync()
    {
        while (true)
        {
            try
            {
                int length = 0;
                while (true)
                {
                    var part = await _socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None);
                    if (part.MessageType == WebSocketMessageType.Close) return null;
                    length += part.Count;
                    if (part.EndOfMessage) return Tls.Decode<ServerFrame>(_buffer.AsSpan(0, length));
                }
            }
            catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or ObjectDisposedException) { return null; }
        }
    }

    private static uint NumberOf(ServerFrame frame) => frame switch
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
}
