using System.Net;
using System.Net.WebSockets;
using Holdfast.Protocol;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

public sealed class LoginTests
{
    [Fact]
    public async Task ACounterThatDoesNotRiseIsACloneEvenAfterARestart()
    {
        await using var server = await TestServer.StartAsync();
        var device = await server.JoinAsync();
        device.Counter = 41;
        await using (await device.ConnectAsync(server.Endpoint)) { }
        await server.RestartAsync();
        device.Counter = 41;
        Assert.Equal(RefusalCode.Cloned, await RefusedLoginAsync(server, device));
        device.Counter = 42;
        await using var session = await device.ConnectAsync(server.Endpoint);
    }

    [Fact]
    public async Task AnUnknownDeviceAndAWrongSignatureLookAlike()
    {
        await using var server = await TestServer.StartAsync();
        Assert.Equal(RefusalCode.BadLogin, await RefusedLoginAsync(server, new Device()));
        var device = await server.JoinAsync();
        await using var session = await Session.OpenAsync(server.Endpoint);
        byte[] text = SignedTexts.Login(server.Endpoint.Key, new byte[32], device.Id, 1);   // another connection's nonce
        await session.SendAsync(new Login(device.Id, 1, device.LoginKey.Sign(text)));
        Assert.Equal(new Refused(0, RefusalCode.BadLogin), await session.ReceiveAsync());
        Assert.Null(await session.ReceiveAsync());
    }

    [Fact]
    public async Task ALoginIsBoundToTheServersKey()
    {
        await using var server = await TestServer.StartAsync();
        var device = await server.JoinAsync();
        await using var session = await Session.OpenAsync(server.Endpoint);
        byte[] text = SignedTexts.Login(new byte[32], session.Nonce, device.Id, 1);
        await session.SendAsync(new Login(device.Id, 1, device.LoginKey.Sign(text)));
        Assert.Equal(new Refused(0, RefusalCode.BadLogin), await session.ReceiveAsync());
    }

    [Fact]
    public async Task TheFirstFrameMustBeALogin()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await Session.OpenAsync(server.Endpoint);
        await session.SendAsync(new ReadInbox(1));
        Assert.Equal(new Refused(0, RefusalCode.NotLoggedIn), await session.ReceiveAsync());
        Assert.Null(await session.ReceiveAsync());
    }

    [Fact]
    public async Task ASecondLoginOnAConnectionEndsIt()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        await session.SendAsync(new Login(session.Device!.Id, 9, new byte[64]));
        Assert.Equal(new Refused(0, RefusalCode.Malformed), await session.PushAsync());
    }

    [Fact]
    public async Task ANewConnectionReplacesTheOldOneAndItsSession()
    {
        await using var server = await TestServer.StartAsync();
        await using var first = await server.ConnectAsync();
        await using var second = await first.Device!.ConnectAsync(server.Endpoint);
        Assert.Equal(new Refused(0, RefusalCode.NotLoggedIn), await first.PushAsync());
        await second.AskAsync<InboxItems>(request => new ReadInbox(request));
        await Eventually.Async(async () =>
        {
            using var answer = await first.HttpAsync(HttpMethod.Get, Rest.Blobs + new string('0', 32));
            return answer.StatusCode == HttpStatusCode.Unauthorized;
        });
        await Refusals.ExpectAsync(await second.HttpAsync(HttpMethod.Get, Rest.Blobs + new string('0', 32)), RefusalCode.UnknownBlob);
    }

    /// <summary>ATTACKS B-19: two copies of a profile never both post. What the older one has queued is not carried out after the newer's login.</summary>
    [Fact]
    public async Task NothingThatAnEarlierConnectionAskedForIsDoneAfterALogin()
    {
        await using var server = await TestServer.StartAsync();
        await using var first = await server.ConnectAsync();
        var (log, key) = await first.NewLogAsync();
        using var stop = new CancellationTokenSource();
        var posting = Task.Run(() => PostOnAsync(first, log, stop.Token), TestContext.Current.CancellationToken);
        await Eventually.Async(async () => (await first.AskAsync<Entries>(request => new ReadLog(request, log, 0))).Head > 100);
        await using var second = await first.Device!.ConnectAsync(server.Endpoint);
        ulong head = (await second.SubscribeAsync(log, key)).Head;
        await posting;   // the server has ended it, or it has given up
        Assert.Equal(head, (await second.AskAsync<Entries>(request => new ReadLog(request, log, head))).Head);
        await stop.CancelAsync();
    }

    private static async Task PostOnAsync(Session session, LogId log, CancellationToken cancellationToken)
    {
        try
        {
            for (uint i = 0; i < 20_000 && !cancellationToken.IsCancellationRequested; i++)
                await session.SendAsync(new SubmitPost(1_000_000 + i, Posts.Application(log, 0)));
        }
        catch (Exception ended) when (ended is WebSocketException or IOException or ObjectDisposedException)
        {
            // It was ended: that is what it waits for.
        }
    }

    [Fact]
    public async Task RestNeedsASession()
    {
        await using var server = await TestServer.StartAsync();
        await Refusals.ExpectAsync(await server.Endpoint.Http.PostAsync(new Uri(Rest.KeyPackages, UriKind.Relative), null, TestContext.Current.CancellationToken), RefusalCode.NotLoggedIn);
        foreach (string header in new[] { "Bearer", "Bearer zz", "Basic abc", "Bearer " + new string('a', 64), "Bearer " + new string('g', 64) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Rest.Invites);
            request.Headers.TryAddWithoutValidation("Authorization", header);
            await Refusals.ExpectAsync(await server.Endpoint.Http.SendAsync(request, TestContext.Current.CancellationToken), RefusalCode.NotLoggedIn);
        }
    }

    [Fact]
    public async Task AServerThatIsEndingSaysSo()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        await server.StopAsync();
        Assert.Equal(new Refused(0, RefusalCode.ShuttingDown), await session.PushAsync());
    }

    [Fact]
    public async Task AServerEndsInTimeWhateverItsPeersDo()
    {
        await using var server = await TestServer.StartAsync();
        await using var idle = await Session.OpenAsync(server.Endpoint);   // never logs in, never reads
        await using var session = await server.ConnectAsync();
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var stuck = new StreamContent(new NeverEnding());
        using var request = session.Request(HttpMethod.Post, Rest.Invites, stuck);
        var sending = server.Endpoint.Http.SendAsync(request, giveUp.Token);
        await Task.Delay(100, TestContext.Current.CancellationToken);
        await server.StopAsync().WaitAsync(TimeSpan.FromSeconds(12), TestContext.Current.CancellationToken);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
    }

    private static async Task<RefusalCode> RefusedLoginAsync(TestServer server, Device device)
    {
        await using var session = await Session.OpenAsync(server.Endpoint);
        var refused = Assert.IsType<Refused>(await device.LoginAsync(server.Endpoint, session));
        Assert.Equal(0u, refused.Request);
        Assert.Null(await session.ReceiveAsync());
        return refused.Code;
    }
}
