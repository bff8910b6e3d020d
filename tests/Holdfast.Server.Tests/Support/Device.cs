using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Server.Tests.Support;

/// <summary>One account's only device, and the keys its vault would have.</summary>
internal sealed class Device
{
    private static readonly Ed25519 Scheme = new();

    public DeviceId Id { get; init; } = DeviceId.Of(RandomSource.System.PublicBytes(16));

    public SignatureKey Identity { get; init; } = Scheme.Generate(RandomSource.System);

    public SignatureKey LoginKey { get; init; } = Scheme.Generate(RandomSource.System);

    /// <summary>Its public half is told with every login, where there is one.</summary>
    public SignatureKey? DeliveryKey { get; set; }

    public Pin Pin { get; set; }

    public ulong Counter { get; set; }

    public static SignatureKey NewKey() => Scheme.Generate(RandomSource.System);

    public static async Task<Device> JoinAsync(Endpoint endpoint, string invite)
    {
        var device = new Device();
        using var response = await device.RegisterAsync(endpoint, Link(invite));
        response.EnsureSuccessStatusCode();
        device.Pin = Tls.Decode<Registered>(await response.Content.ReadAsByteArrayAsync()).Pin;
        return device;
    }

    public static byte[] Link(string invite) =>
        Invite.TryParse(invite, out var parsed, out _) ? InviteSecret.Token(parsed!.Secret.Span) : throw new ArgumentException("no invite", nameof(invite));

    public Task<HttpResponseMessage> RegisterAsync(Endpoint endpoint, byte[] token) => PostAsync(endpoint, Rest.Accounts, Registration(token));

    public Registration Registration(byte[] token) => new(
        token, Identity.PublicKey, Id, LoginKey.PublicKey,
        Identity.Sign(SignedTexts.Registration(token, Identity.PublicKey.Span, Id, LoginKey.PublicKey.Span)));

    /// <summary>Connects, logs in and reads what comes.</summary>
    public async Task<Session> ConnectAsync(Endpoint endpoint)
    {
        var session = await Session.OpenAsync(endpoint);
        session.Device = this;
        var answer = await LoginAsync(endpoint, session);
        session.LoggedIn = Assert.IsType<LoggedIn>(answer);
        session.StartReading();
        return session;
    }

    public async Task<ServerFrame?> LoginAsync(Endpoint endpoint, Session session)
    {
        var deliveryKey = DeliveryKey?.PublicKey ?? ReadOnlyMemory<byte>.Empty;
        byte[] text = SignedTexts.Login(endpoint.Key, session.Nonce, Id, ++Counter, deliveryKey.Span);
        await session.SendAsync(new Login(Id, Counter, LoginKey.Sign(text)) { DeliveryKey = deliveryKey });
        return await session.ReceiveAsync();
    }

    /// <summary>Connects as a locked device does, by this delivery key or its own.</summary>
    public async Task<Session> FetchAsync(Endpoint endpoint, SignatureKey? key = null)
    {
        var session = await Session.OpenAsync(endpoint);
        session.Device = this;
        var answer = await DeliveryLoginAsync(endpoint, session, key ?? DeliveryKey!);
        session.LoggedIn = Assert.IsType<LoggedIn>(answer);
        session.StartReading();
        return session;
    }

    public async Task<ServerFrame?> DeliveryLoginAsync(Endpoint endpoint, Session session, SignatureKey key)
    {
        await session.SendAsync(new DeliveryLogin(Id, key.Sign(SignedTexts.DeliveryLogin(endpoint.Key, session.Nonce, Id))));
        return await session.ReceiveAsync();
    }

    public static Task<HttpResponseMessage> PostAsync<T>(Endpoint endpoint, string path, T body) where T : ITlsStruct<T> =>
        endpoint.Http.PostAsync(new Uri(path, UriKind.Relative), new ByteArrayContent(Tls.Encode(body)));
}
