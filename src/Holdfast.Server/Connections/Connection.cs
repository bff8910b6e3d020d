using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Limits;
using Holdfast.Server.Metrics;
using Holdfast.Server.Storage;
using Microsoft.Extensions.Logging;

namespace Holdfast.Server.Connections;

/// <summary>What every connection uses.</summary>
internal sealed record ConnectionServices(
    Writer Writer, Readers Readers, Hub Hub, Sessions Sessions, Retention Retention, RandomSource Random, ReadOnlyMemory<byte> ServerKey,
    int OutboundBytes, bool IsShared, ILogger<Connection> Log, ServerMetrics Metrics, Allowances Allowances, TimeProvider Clock);

/// <summary>One device's WebSocket: a greeting, a login, then requests, answers and pushes until one side ends it.</summary>
internal sealed partial class Connection : IDisposable
{
    private static readonly TimeSpan LoginTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(2);
    private static readonly byte[] NormalClosure = [0x88, 2, 1000 >> 8, 1000 & 0xff];   // RFC 6455 §5.5.1, §7.4.1
    private static readonly Ed25519 Scheme = new();

    private readonly Stream _stream;
    private readonly ConnectionServices _services;
    private readonly FrameReader _frames;
    private readonly CancellationTokenSource _lifetime;
    private readonly byte[] _nonce;
    private readonly byte[] _session = new byte[ProtocolLimits.NonceBytes];
    private readonly Visitor _visitor;
    private Allowance? _allowance;

    public Connection(Stream stream, ConnectionServices services, Visitor visitor, CancellationToken aborted)
    {
        (_stream, _services, _visitor) = (stream, services, visitor);
        _lifetime = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        _nonce = services.Random.PublicBytes(ProtocolLimits.NonceBytes);
        services.Random.FillSecret(_session);
        Outbound = new Outbound(services.OutboundBytes, services.Metrics.Behind.Add);
        _frames = new FrameReader(stream, Outbound, services.Metrics.BytesIn.Add);
        (_refusedPosts, FailedPosts) = (new RefusedPosts(services.Clock), new RefusedPosts(services.Clock));
    }

    /// <summary>Which device this is, once it has logged in.</summary>
    public DeviceId Device { get; private set; }

    /// <summary>What this connection's signatures are bound to.</summary>
    public ReadOnlySpan<byte> Nonce => _nonce;

    /// <summary>The delivery key by which a locked device has logged in, to read and nothing else; empty on the connection of an unlocked one.</summary>
    public ReadOnlyMemory<byte> DeliveryKey { get; private set; }

    /// <summary>What other nodes know its session by.</summary>
    public byte[] SessionHash => Sessions.HashOf(_session);

    /// <summary>The counter of its login; of a connection that only reads, the one the device had by then.</summary>
    public long Counter { get; set; }

    /// <summary>Whether this connection only reads.</summary>
    public bool IsReadOnly => !DeliveryKey.IsEmpty;

    /// <summary>Whether the device has logged in again since: nothing more is done for this connection.</summary>
    public bool IsSuperseded { get; private set; }

    /// <summary>Whether it ended otherwise than by both sides' closing.</summary>
    public bool IsCut => _lifetime.IsCancellationRequested;

    /// <summary>The device's limits.</summary>
    public Allowance Allowance => _allowance ?? throw new InvalidOperationException("limits come with the login");

    /// <summary>The logs it has opened.</summary>
    public Subscriptions Subscriptions { get; } = new();

    /// <summary>The logs it gets pushes of: the hub's, under the hub's lock.</summary>
    public HashSet<LogId> Listening { get; } = [];

    /// <summary>What waits to be sent.</summary>
    public Outbound Outbound { get; }

    /// <summary>Runs until either side ends it.</summary>
    public async Task RunAsync()
    {
        Send(new Greeting(_nonce));
        if (!_services.Hub.Open(this)) End(RefusalCode.ShuttingDown);
        var sending = SendAllAsync();
        using var alive = new KeepAlive(_frames, Outbound, Cut, KeepAlive.PingAfter, KeepAlive.PongTime);
        try
        {
            await LoginAsync();
            while (await _frames.ReadAsync(_lifetime.Token) is { } frame)
            {
                await TakeTurn(frame);
                await Outbound.RoomAsync().WaitAsync(_lifetime.Token);
            }
        }
        catch (RefusalException refusal) { Send(new Refused(0, refusal.Code)); }
        catch (StorageException) { Send(new Refused(0, RefusalCode.StorageFailed)); }
        catch (Exception gone) when (IsGone(gone)) { _lifetime.Cancel(); }
        finally
        {
            _readToItsEnd.TrySetResult();
            _services.Hub.Close(this);
            _services.Sessions.Remove(_session);
            Outbound.Complete();
            await EndSessionAsync();
            await sending;
        }
    }

    /// <summary>Queues a frame.</summary>
    public void Send(ServerFrame frame, bool answersPost = false)
    {
        _services.Metrics.Count(frame, answersPost);
        Outbound.Answer(Tls.Encode(frame));
    }

    /// <summary>Says why and ends the connection.</summary>
    public void End(RefusalCode code)
    {
        Announce(code);
        Finish();
    }

    /// <summary>The device has logged in again. On the writer's thread, which looks at it before each work.</summary>
    public void Supersede()
    {
        IsSuperseded = true;
        End(RefusalCode.NotLoggedIn);
    }

    /// <summary>Puts an earlier connection of the device out of action.</summary>
    public void TakeOver() => _services.Hub.Supersede(this);

    /// <summary>From now on the log's posts are pushed.</summary>
    public void Listen(LogId log, ulong head) => _services.Hub.Listen(log, head, this);

    /// <summary>They are no longer.</summary>
    public void StopListening(LogId log) => _services.Hub.StopListening(log, this);

    /// <summary>The login's counter is on disk: the device is online. A connection that only reads gets no session for REST.</summary>
    public void LoggedIn(int keyPackages)
    {
        if (IsReadOnly)
        {
            _services.Hub.Attach(this);
            Send(new LoggedIn(new byte[ProtocolLimits.NonceBytes], 0));
            return;
        }
        _services.Metrics.Logins.Add();
        _services.Sessions.Add(_session, this);
        if (!_services.Hub.Attach(this)) _services.Sessions.Remove(_session);
        Send(new LoggedIn(_session, (ushort)keyPackages));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _lifetime.Dispose();
        _frames.Dispose();
    }

    /// <summary>Where other nodes know the session, it ends there too; if that fails, at the latest with the device's next login.</summary>
    private async Task EndSessionAsync()
    {
        if (!_services.IsShared || IsReadOnly || Counter == 0 || IsSuperseded) return;
        try
        {
            await _services.Writer.RunAsync(
                stores =>
                {
                    stores.Accounts.EndSession(Device, SessionHash);
                    return true;
                },
                CancellationToken.None);
        }
        catch (RefusalException) { return; }
    }

    private async Task LoginAsync()
    {
        using var patience = new Timer(_ => End(RefusalCode.NotLoggedIn), null, LoginTime, Timeout.InfiniteTimeSpan);
        var work = await _frames.ReadAsync(_lifetime.Token) switch
        {
            Login login => await CheckAsync(login),
            DeliveryLogin login => await CheckAsync(login),
            _ => throw new RefusalException(RefusalCode.NotLoggedIn),
        };
        await _services.Writer.EnqueueAsync(work, _lifetime.Token);
        await work.Completion.WaitAsync(_lifetime.Token);
    }

    private async Task<LoginWork> CheckAsync(Login login)
    {
        var (key, account) = await _services.Readers.ReadAsync(stores => (stores.Accounts.LoginKey(login.Device), stores.Accounts.PinOf(login.Device)), _lifetime.Token);
        Verify(key, SignedTexts.Login(_services.ServerKey.Span, _nonce, login.Device, login.Counter, login.DeliveryKey.Span), login.Signature);
        if (login.Counter > long.MaxValue) throw new RefusalException(RefusalCode.Malformed);
        Become(login.Device, account);
        Counter = (long)login.Counter;
        return new FullLoginWork(this, (long)login.Counter, login.DeliveryKey);
    }

    private async Task<LoginWork> CheckAsync(DeliveryLogin login)
    {
        var (key, account) = await _services.Readers.ReadAsync(stores => (stores.Accounts.DeliveryKey(login.Device), stores.Accounts.PinOf(login.Device)), _lifetime.Token);
        Verify(key, SignedTexts.DeliveryLogin(_services.ServerKey.Span, _nonce, login.Device), login.Signature);
        DeliveryKey = key;
        Become(login.Device, account);
        return new DeliveryLoginWork(this);
    }

    /// <summary>An unknown device, or one without such a key, and a wrong signature look alike, and take alike long.</summary>
    private void Verify(byte[]? key, ReadOnlySpan<byte> text, ReadOnlyMemory<byte> signature)
    {
        _visitor.Take(Limited.FailedLogins);
        bool signed = Scheme.Verify(key ?? _nonce, text, signature.Span);
        if (key is not null && signed)
        {
            _visitor.GiveBack(Limited.FailedLogins);
            return;
        }
        _services.Metrics.LoginsFailed.Add();
        throw new RefusalException(RefusalCode.BadLogin);
    }

    private void Become(DeviceId device, Pin account)
    {
        Device = device;
        _allowance = _services.Allowances.Of(device, account);
    }

    private async ValueTask HandleAsync(ClientFrame frame)
    {
        try { await Requests.HandleAsync(this, frame, _services, _lifetime.Token); }
        catch (RefusalException refusal) when (Requests.NumberOf(frame) is not 0 and var request) { Send(new Refused(request, refusal.Code), frame is SubmitPost); }
        catch (StorageException) { Send(new Refused(Requests.NumberOf(frame), RefusalCode.StorageFailed), frame is SubmitPost); }
    }

    private async Task SendAllAsync()
    {
        try
        {
            while (!Outbound.IsFinished)
            {
                await Outbound.WaitAsync();
                while (Outbound.TryTake(out var parcel))
                {
                    await parcel.WriteAsync(_stream, _lifetime.Token);
                    _services.Metrics.BytesOut.Add(parcel.ContentBytes);
                }
                if (Outbound.TakeInboxMissed()) await PushInboxAsync();
            }
            await _stream.WriteAsync(NormalClosure, _lifetime.Token);
            _lifetime.CancelAfter(ClosingTime);   // the peer has as long to close as well
        }
        catch (Exception gone) when (IsGone(gone) || gone is StorageException) { _lifetime.Cancel(); }   // whoever comes again reads the inbox
    }

    private void Cut()
    {
        try { _lifetime.Cancel(); }
        catch (ObjectDisposedException) { return; }   // it has ended in the meantime
    }

    private async Task PushInboxAsync()
    {
        var items = await _services.Readers.ReadAsync(stores => stores.Inboxes.Read(Device), _lifetime.Token);
        Send(new InboxItems(0, items));
    }

    /// <summary>What happens when the other side has gone, or this one is closing.</summary>
    private static bool IsGone(Exception failure) => failure is OperationCanceledException or IOException or ObjectDisposedException;
}
