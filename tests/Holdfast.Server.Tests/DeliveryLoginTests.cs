using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

/// <summary>The connection of a locked device: it fetches, and that is all.</summary>
public sealed class DeliveryLoginTests
{
    private static readonly string Blob = Rest.Blobs + new string('0', 32);

    [Fact]
    public async Task ALockedDeviceReadsItsLogsAndItsInboxAndIsPushedTo()
    {
        await using var server = await TestServer.StartAsync();
        await using var other = await server.ConnectAsync();
        var (log, key) = await other.NewLogAsync();
        var device = await LockedAsync(server);
        await other.PostAsync(Posts.Application(log, 0));
        await other.AskAsync<Done>(request => new SubmitDeliveries(request, [Posts.To(device.Id)]));
        await using var session = await device.FetchAsync(server.Endpoint);
        Assert.Equal(1ul, (await session.AskAsync<Subscribed>(request => Open(session, request, log, key))).Head);
        Assert.Single(await session.ReadAllAsync(log));
        Assert.Single((await session.AskAsync<InboxItems>(request => new ReadInbox(request))).Items);
        await other.PostAsync(Posts.Application(log, 1));
        Assert.Equal(2ul, Assert.Single(await session.PushedAsync(1)).Position);
        await other.AskAsync<Done>(request => new SubmitDeliveries(request, [Posts.To(device.Id)]));
        Assert.Single(Assert.IsType<InboxItems>(await session.PushAsync()).Items);
    }

    /// <summary>A device that has missed commits goes on reading by the grant of the epoch in which it was locked.</summary>
    [Fact]
    public async Task AGrantOutlivesTheEpochItWasMadeIn()
    {
        await using var server = await TestServer.StartAsync();
        await using var other = await server.ConnectAsync();
        var (log, first) = await other.NewLogAsync();
        var device = await LockedAsync(server);
        ulong head = 0;
        for (int i = 0; i < 3; i++) head = await other.PostAsync(Posts.Commit(log, head, Device.NewKey()));
        server.Clock.Advance(TimeSpan.FromDays(3));
        await using var session = await device.FetchAsync(server.Endpoint);
        await session.AskAsync<Subscribed>(request => Open(session, request, log, first));
        Assert.Equal(3, (await session.ReadAllAsync(log)).Count);
    }

    /// <summary>Whatever a frame says: what is not reading is refused, and changes nothing. The same is done for an unlocked device.</summary>
    [Fact]
    public async Task EveryFrameThatChangesSomethingIsRefused()
    {
        await using var server = await TestServer.StartAsync();
        var device = await server.JoinAsync();
        device.DeliveryKey = Device.NewKey();
        await using var unlocked = await device.ConnectAsync(server.Endpoint);
        var (log, key) = await unlocked.NewLogAsync();
        await unlocked.AskAsync<Done>(request => new SubmitDeliveries(request, [Posts.To(device.Id)]));
        var item = Assert.Single((await unlocked.AskAsync<InboxItems>(request => new ReadInbox(request))).Items);
        await using var session = await device.FetchAsync(server.Endpoint);
        await session.AskAsync<Subscribed>(request => Open(session, request, log, key));
        Func<uint, ClientFrame>[] changes =
        [
            request => new CreateLog(request, LogId.Of(new byte[16]), key.PublicKey),
            request => new SubmitPost(request, Posts.Application(log, 0)),
            request => new SubmitPost(request, Posts.Commit(log, 0, Device.NewKey())),
            request => new InboxDone(request, [item.Id]),
            request => new SubmitDeliveries(request, [Posts.To(device.Id)]),
        ];
        Type[] others = [typeof(Login), typeof(DeliveryLogin), typeof(Subscribe), typeof(Unsubscribe), typeof(ReadLog), typeof(ReadInbox)];
        Assert.Equal(
            typeof(ClientFrame).Assembly.GetTypes().Where(static type => type.IsSubclassOf(typeof(ClientFrame))).ToHashSet(),
            [.. changes.Select(static change => change(1).GetType()), .. others]);
        foreach (var change in changes) Assert.Equal(RefusalCode.ReadOnly, await session.RefusedAsync(change));
        Assert.Empty(await unlocked.ReadAllAsync(log));
        Assert.Single((await unlocked.AskAsync<InboxItems>(request => new ReadInbox(request))).Items);
        foreach (var change in changes) Assert.IsNotType<Refused>(await unlocked.AskAsync(change));
    }

    /// <summary>It has no session, and the zeros that it is given are none.</summary>
    [Fact]
    public async Task EveryRestCallIsRefused()
    {
        await using var server = await TestServer.StartAsync();
        var device = await LockedAsync(server);
        await using var session = await device.FetchAsync(server.Endpoint);
        (HttpMethod Method, string Path)[] routes =
        [
            (HttpMethod.Post, Rest.KeyPackages), (HttpMethod.Post, Rest.Claim(device.Pin)), (HttpMethod.Post, Rest.Invites), (HttpMethod.Post, Blob),
            (HttpMethod.Patch, Blob), (HttpMethod.Head, Blob), (HttpMethod.Get, Blob), (HttpMethod.Delete, Blob),
        ];
        foreach (var (method, path) in routes)
            await Refusals.ExpectAsync(await session.HttpAsync(method, path), RefusalCode.NotLoggedIn, hasBody: method != HttpMethod.Head);
        await using var unlocked = await device.ConnectAsync(server.Endpoint);
        foreach (var (method, path) in routes)
        {
            using var answer = await unlocked.HttpAsync(method, path);
            Assert.NotEqual(System.Net.HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    [Fact]
    public async Task AGrantIsForItsDeliveryKeyAndForReadingAlone()
    {
        await using var server = await TestServer.StartAsync();
        await using var other = await server.ConnectAsync();
        var (log, key) = await other.NewLogAsync();
        var device = await LockedAsync(server);
        await using var session = await device.FetchAsync(server.Endpoint);
        Assert.Equal(RefusalCode.NoAccess, await session.RefusedAsync(request => session.Subscribe(request, log, key)));
        Assert.Equal(RefusalCode.NoAccess, await session.RefusedAsync(request => session.SubscribeByGrant(request, log, key, Device.NewKey())));
        Assert.Equal(RefusalCode.NoAccess, await session.RefusedAsync(request => session.SubscribeByGrant(request, log, Device.NewKey(), device.DeliveryKey!)));
        Assert.Equal(RefusalCode.NoAccess, await session.RefusedAsync(request => new ReadLog(request, log, 0)));
        await session.AskAsync<Subscribed>(request => Open(session, request, log, key));
        await using var unlocked = await device.ConnectAsync(server.Endpoint);
        Assert.Equal(RefusalCode.NoAccess, await unlocked.RefusedAsync(request => unlocked.SubscribeByGrant(request, log, key, device.DeliveryKey!)));
        await unlocked.SubscribeAsync(log, key);
    }

    /// <summary>It seals nothing, so it is no reason for a copy to stop; and whoever has only its key puts nobody out.</summary>
    [Fact]
    public async Task ItLeavesTheDevicesOtherConnectionAndItsCounterAlone()
    {
        await using var server = await TestServer.StartAsync();
        var device = await server.JoinAsync();
        device.DeliveryKey = Device.NewKey();
        await using var unlocked = await device.ConnectAsync(server.Endpoint);
        var (log, _) = await unlocked.NewLogAsync();
        await using (await device.FetchAsync(server.Endpoint))
        await using (await device.FetchAsync(server.Endpoint)) await unlocked.PostAsync(Posts.Application(log, 0));
        await unlocked.PostAsync(Posts.Application(log, 1));
        await using var next = await device.ConnectAsync(server.Endpoint);   // its counter is one higher, and not three
    }

    [Fact]
    public async Task UnlockingEndsIt()
    {
        await using var server = await TestServer.StartAsync();
        var device = await LockedAsync(server);
        await using var session = await device.FetchAsync(server.Endpoint);
        await using var unlocked = await device.ConnectAsync(server.Endpoint);
        Assert.Equal(new Refused(0, RefusalCode.NotLoggedIn), await session.PushAsync());
    }

    [Fact]
    public async Task AKeyThatIsNotTheDevicesOrNoLongerLogsNobodyIn()
    {
        await using var server = await TestServer.StartAsync();
        var device = await server.JoinAsync();
        await using (await device.ConnectAsync(server.Endpoint)) { }
        var (first, second) = (Device.NewKey(), Device.NewKey());
        await AssertRefusedAsync(server, device, first);   // there is none yet
        device.DeliveryKey = first;
        await using (await device.ConnectAsync(server.Endpoint)) { }
        await server.RestartAsync();
        await using (await device.FetchAsync(server.Endpoint)) { }
        await AssertRefusedAsync(server, device, second);
        await AssertRefusedAsync(server, device, device.LoginKey);
        await AssertRefusedAsync(server, new Device(), first);
        device.DeliveryKey = second;   // another in its place
        await using (await device.ConnectAsync(server.Endpoint)) { }
        await AssertRefusedAsync(server, device, first);
        device.DeliveryKey = null;   // taken back
        await using (await device.ConnectAsync(server.Endpoint)) { }
        await AssertRefusedAsync(server, device, second);
        await server.StopAsync();
        if (!Place.IsShared) Assert.False(Disk.Contains(server.Options, second.PublicKey.Span));   // PostgreSQL overwrites later
    }

    /// <summary>It is bound to server and connection, and is no full login; nor is one of these a delivery login.</summary>
    [Fact]
    public async Task ItsSignatureIsGoodForNothingElse()
    {
        await using var server = await TestServer.StartAsync();
        var device = await LockedAsync(server);
        await AssertRefusedAsync(server, session => new DeliveryLogin(device.Id, device.DeliveryKey!.Sign(SignedTexts.DeliveryLogin(server.Endpoint.Key, new byte[32], device.Id))));
        await AssertRefusedAsync(server, session => new DeliveryLogin(device.Id, device.DeliveryKey!.Sign(SignedTexts.DeliveryLogin(new byte[32], session.Nonce, device.Id))));
        await AssertRefusedAsync(server, session => new Login(device.Id, 9, device.DeliveryKey!.Sign(SignedTexts.Login(server.Endpoint.Key, session.Nonce, device.Id, 9))));
        await AssertRefusedAsync(server, session => new DeliveryLogin(device.Id, device.DeliveryKey!.Sign(SignedTexts.Login(server.Endpoint.Key, session.Nonce, device.Id, 0))));
        await AssertRefusedAsync(server, session => new Login(device.Id, 9, device.LoginKey.Sign(SignedTexts.Login(server.Endpoint.Key, session.Nonce, device.Id, 9)))
        {
            DeliveryKey = Device.NewKey().PublicKey,   // which nobody has signed
        });
    }

    /// <summary>A device that has logged in once, has said by which key it fetches, and is gone.</summary>
    private static async Task<Device> LockedAsync(TestServer server)
    {
        var device = await server.JoinAsync();
        device.DeliveryKey = Device.NewKey();
        await using var session = await device.ConnectAsync(server.Endpoint);
        return device;
    }

    private static Subscribe Open(Session session, uint request, LogId log, SignatureKey key) =>
        session.SubscribeByGrant(request, log, key, session.Device!.DeliveryKey!);

    private static Task AssertRefusedAsync(TestServer server, Device device, SignatureKey key) => AssertRefusedAsync(
        server, session => new DeliveryLogin(device.Id, key.Sign(SignedTexts.DeliveryLogin(server.Endpoint.Key, session.Nonce, device.Id))));

    private static async Task AssertRefusedAsync(TestServer server, Func<Session, ClientFrame> login)
    {
        await using var session = await Session.OpenAsync(server.Endpoint);
        await session.SendAsync(login(session));
        Assert.Equal(new Refused(0, RefusalCode.BadLogin), await session.ReceiveAsync());
        Assert.Null(await session.ReceiveAsync());
    }
}
