using System.Net;
using System.Security.Cryptography;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Limits;
using Holdfast.Server.Metrics;
using Holdfast.Server.Tests.Support;
using Microsoft.AspNetCore.Connections;

namespace Holdfast.Server.Tests;

/// <summary>Nobody may do anything without end, and nobody is refused for what others do.</summary>
public sealed class LimitTests
{
    private const string Here = "203.0.113.5", There = "198.51.100.7";

    [Fact]
    public async Task FiftyPeopleBehindOneAddressStartAtOnce()
    {
        await using var server = await StartAsync();
        using var office = server.Endpoint.Behind(Here);
        var invites = new List<string>();
        for (int i = 0; i < 50; i++) invites.Add(await server.InviteAsync());
        var sessions = await Task.WhenAll(invites.Select(async invite => await (await Device.JoinAsync(office, invite)).ConnectAsync(office)));
        var logs = await Task.WhenAll(sessions.Select(static session => session.NewLogAsync()));
        Assert.Equal(50, logs.Length);
        foreach (var session in sessions) await session.DisposeAsync();
    }

    [Fact]
    public async Task AnAddressHasSoManyConnectionsAtOnce()
    {
        await using var server = await StartAsync(options => options with { ConnectionsPerAddress = 3 });
        using var here = server.Endpoint.Behind(Here);
        using var there = server.Endpoint.Behind(There);
        var open = new List<Session>();
        for (int i = 0; i < 3; i++) open.Add(await Session.OpenAsync(here));
        var refused = await Assert.ThrowsAsync<ConnectRefusedException>(() => Session.OpenAsync(here));
        Assert.Equal((429, true), (refused.Status, refused.SaysWhen));
        await using var elsewhere = await Session.OpenAsync(there);
        foreach (var session in open) await session.DisposeAsync();
        await Eventually.Async(async () =>
        {
            try { await (await Session.OpenAsync(here)).DisposeAsync(); }
            catch (ConnectRefusedException) { return false; }
            return true;
        });
    }

    /// <summary>Before a byte is read. Another address, a proxy that is trusted and whatever runs on this machine are not counted.</summary>
    [Fact]
    public async Task AnAddressHasSoManySocketsAtOnceAndIsHungUpOn()
    {
        const string Proxy = "10.0.0.1";
        var limits = Limits(static options => options with { ConnectionsPerAddress = 2, TrustedProxies = [IPNetwork.Parse(Proxy + "/32")] }, new Clock());
        var ending = new TaskCompletionSource();
        int served = 0;
        var guard = limits.Guard(async _ =>
        {
            served++;
            await ending.Task;
        });
        var open = Enumerable.Range(0, 4).Select(_ => guard(Socket(Here))).ToList();
        Assert.Equal(4, served);
        await guard(Socket(Here));
        await guard(Socket($"::ffff:{Here}"));
        Assert.Equal(4, served);
        foreach (string other in (string[])[There, Proxy, Proxy, Proxy, Proxy, Proxy, "127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.1"]) open.Add(guard(Socket(other)));
        Assert.Equal(15, served);
        ending.SetResult();
        await Task.WhenAll(open);
        await guard(Socket(Here));
        Assert.Equal(16, served);
    }

    /// <summary>What is remembered of addresses has an end: beyond it, whoever is new shares one measure, and who is remembered keeps their own.</summary>
    [Fact]
    public async Task BeyondAHundredThousandAddressesTheNewOnesShareOneMeasure()
    {
        var clock = new Clock();
        var limits = Limits(static options => options with { ConnectionsPerAddress = 1 }, clock);
        var ending = new TaskCompletionSource();
        int served = 0;
        var guard = limits.Guard(_ =>
        {
            served++;
            return ending.Task.IsCompleted || served <= 100_000 ? Task.CompletedTask : ending.Task;
        });
        for (int i = 0; i < 100_000; i++) await guard(Socket($"2001:db8:{i >> 16:x}:{i & 0xffff:x}::1"));
        Assert.Equal(100_000, limits.Count);
        Task[] open = [guard(Socket(Here)), guard(Socket(There)), guard(Socket("192.0.2.7")), guard(Socket("2001:db8:0:7::1"))];
        Assert.Equal(100_003, served);
        Assert.Equal(100_000, limits.Count);
        ending.SetResult();
        await Task.WhenAll(open);
        clock.Advance(TimeSpan.FromHours(1));
        limits.Tidy();
        Assert.Equal(0, limits.Count);
    }

    /// <summary>Behind a peer on this machine whom nobody has named may be everybody; and nobody names others without being trusted.</summary>
    [Fact]
    public async Task APeerOnThisMachineIsNotLimitedByAddressAndOneThatIsNotTrustedNamesNobody()
    {
        await using var server = await TestServer.StartOneAsync();
        using var here = server.Endpoint.Behind(Here);
        for (int i = 0; i < 101; i++) await Refusals.ExpectAsync(await new Device().RegisterAsync(here, new byte[16]), RefusalCode.BadInvite);
        await Device.JoinAsync(here, await server.InviteAsync());
        Assert.Equal(0, server.Node.Addresses.Count);
    }

    [Fact]
    public async Task ConnectionsInAMinuteAreLimitedByNetworkOf64Bits()
    {
        await using var server = await StartAsync(options => options with { ConnectionsPerAddress = 5 });
        using var one = server.Endpoint.Behind("2001:db8:1:2::1");
        using var other = server.Endpoint.Behind("[2001:db8:1:2:ffff::7]:4711");
        using var neighbour = server.Endpoint.Behind("2001:db8:1:3::1");
        int status = 0;
        for (int i = 0; i < 60 && status == 0; i++) status = await ConnectStatusAsync(one);
        Assert.Equal(429, status);
        Assert.Equal(429, await ConnectStatusAsync(one));
        Assert.Equal(429, await ConnectStatusAsync(other));
        Assert.Equal(0, await ConnectStatusAsync(neighbour));
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, await ConnectStatusAsync(one));
    }

    [Fact]
    public async Task WrongInvitesEndInARefusalThatLooksTheSameForAGoodOne()
    {
        await using var server = await StartAsync();
        using var here = server.Endpoint.Behind(Here);
        using var there = server.Endpoint.Behind(There);
        for (int i = 0; i < 99; i++) await Refusals.ExpectAsync(await new Device().RegisterAsync(here, new byte[16]), RefusalCode.BadInvite);
        for (int i = 0; i < 3; i++) await Device.JoinAsync(here, await server.InviteAsync());   // who has one costs nothing
        await Refusals.ExpectAsync(await new Device().RegisterAsync(here, new byte[16]), RefusalCode.BadInvite);
        byte[] good = Device.Link(await server.InviteAsync());
        var device = new Device();
        using var refused = await device.RegisterAsync(here, good);
        Assert.NotNull(refused.Headers.RetryAfter);
        await Refusals.ExpectAsync(refused, RefusalCode.TooMany);
        await Refusals.ExpectAsync(await new Device().RegisterAsync(here, new byte[16]), RefusalCode.TooMany);
        (await device.RegisterAsync(there, good)).EnsureSuccessStatusCode();
        server.Clock.Advance(TimeSpan.FromMinutes(2));
        await Refusals.ExpectAsync(await new Device().RegisterAsync(here, new byte[16]), RefusalCode.BadInvite);
    }

    [Fact]
    public async Task LoginsThatFailEndInARefusalAndThoseThatSucceedCostNothing()
    {
        await using var server = await StartAsync();
        using var here = server.Endpoint.Behind(Here);
        var honest = await server.JoinAsync();
        for (int i = 0; i < 99; i++) Assert.Equal(RefusalCode.BadLogin, await LoginCodeAsync(here, new Device()));
        for (int i = 0; i < 3; i++) await (await honest.ConnectAsync(here)).DisposeAsync();
        Assert.Equal(RefusalCode.BadLogin, await LoginCodeAsync(here, new Device()));
        Assert.Equal(RefusalCode.TooMany, await LoginCodeAsync(here, new Device()));
        Assert.Equal(RefusalCode.TooMany, await LoginCodeAsync(here, honest));
        using var there = server.Endpoint.Behind(There);
        await (await honest.ConnectAsync(there)).DisposeAsync();
    }

    /// <summary>Who needs somebody's key packages must learn whether there is somebody; who tries out PINs is stopped before learning it.</summary>
    [Fact]
    public async Task WhoeverTriesOutPinsIsRefusedBeforeItIsLookedWhetherTheNextOneIsSomebodys()
    {
        await using var server = await TestServer.StartOneAsync();
        await using var alice = await server.ConnectAsync();
        await using var bob = await server.ConnectAsync();
        for (byte i = 0; i < 200; i++)
            await Refusals.ExpectAsync(await alice.HttpAsync(HttpMethod.Post, Rest.Claim(Pin.FromRandom([i, (byte)(i >> 5), 1, 2, 3, 4, 5, 6]))), RefusalCode.UnknownPin);
        var answers = new List<string>();
        foreach (var pin in new[] { bob.Device!.Pin, Pin.FromRandom([1, 2, 3, 4, 5, 6, 7, 8]) })
        {
            using var answer = await alice.HttpAsync(HttpMethod.Post, Rest.Claim(pin));
            Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
            answers.Add($"{answer.Headers.ToString().Replace($"{answer.Headers.Date:R}", "", StringComparison.Ordinal)}{await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
        }
        Assert.Equal(answers[0], answers[1]);
        (await bob.HttpAsync(HttpMethod.Post, Rest.Claim(alice.Device!.Pin))).EnsureSuccessStatusCode();
    }

    /// <summary>An honest burst passes. Beyond that a post is refused, and so is what was sent right behind it, which would overtake it.</summary>
    [Fact]
    public async Task ADeviceSendsSoManyAndKeepsTheirOrder()
    {
        await using var server = await TestServer.StartOneAsync(options => options with { SendsPerSecond = 1 });
        await using var session = await server.ConnectAsync();
        var (log, key) = await session.NewLogAsync();
        var posts = Enumerable.Range(0, 200).Select(_ => Posts.Application(log, 0)).ToList();
        var answers = await Task.WhenAll(posts.Select(post => session.AskAsync(request => new SubmitPost(request, post))));
        int accepted = answers.TakeWhile(static answer => answer is Accepted).Count();
        Assert.InRange(accepted, 60, 90);
        Assert.All(answers.Skip(accepted), static answer => Assert.Equal(RefusalCode.TooMany, Assert.IsType<Refused>(answer).Code));
        server.Clock.Advance(TimeSpan.FromSeconds(2));   // it may send two more, but might still overtake what was refused
        Assert.Equal(RefusalCode.TooMany, await session.RefusedAsync(request => new SubmitPost(request, Posts.Application(log, 0))));
        await using var other = await server.ConnectAsync();
        await other.SubscribeAsync(log, key);
        await other.PostAsync(Posts.Application(log, 0));
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        foreach (var post in posts.Skip(accepted).Take(60)) await session.PostAsync(post);
        Assert.Equal(posts.Take(accepted + 60).Select(static post => post.Id), (await session.ReadAllAsync(log)).Select(static entry => entry.Id).Where(id => posts.Any(post => post.Id == id)));
    }

    /// <summary>However late its sender hears of a refusal: what waits is the order within a log, and only until the refused one comes again or is given up.</summary>
    [Fact]
    public async Task NothingOvertakesARefusedPostUntilItComesAgain()
    {
        await using var server = await TestServer.StartOneAsync(options => options with { SendsPerSecond = 1 });
        await using var session = await server.ConnectAsync();
        var (log, _) = await session.NewLogAsync();
        var (other, _) = await session.NewLogAsync();
        Post refused;
        do refused = Posts.Application(log, 0);
        while (await session.AskAsync(request => new SubmitPost(request, refused)) is Accepted);
        server.Clock.Advance(TimeSpan.FromSeconds(50));
        Post later = Posts.Application(log, 0), last = Posts.Application(log, 0);
        Assert.Equal(RefusalCode.TooMany, await session.RefusedAsync(request => new SubmitPost(request, later)));
        await session.PostAsync(Posts.Application(other, 0));
        await session.PostAsync(refused);
        Assert.Equal(RefusalCode.TooMany, await session.RefusedAsync(request => new SubmitPost(request, last)));
        await session.PostAsync(later);
        await session.PostAsync(last);

        do refused = Posts.Application(log, 0);
        while (await session.AskAsync(request => new SubmitPost(request, refused)) is Accepted);
        server.Clock.Advance(TimeSpan.FromSeconds(61));
        await session.PostAsync(Posts.Application(log, 0));
    }

    [Fact]
    public async Task AnAccountStoresSoMuchInADay()
    {
        await using var server = await TestServer.StartOneAsync(options => options with { BlobBytesPerDay = 1000 });
        await using var session = await server.ConnectAsync();
        Assert.Equal(HttpStatusCode.NoContent, await UploadAsync(session, 600));
        Assert.Equal(HttpStatusCode.TooManyRequests, await UploadAsync(session, 600));
        Assert.Equal(HttpStatusCode.NoContent, await UploadAsync(session, 400));
        await using var other = await server.ConnectAsync();
        Assert.Equal(HttpStatusCode.NoContent, await UploadAsync(other, 600));
        server.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(HttpStatusCode.NoContent, await UploadAsync(session, 600));
    }

    [Fact]
    public async Task AServerThatCannotKeepUpRefusesAndIsWellAgainAfterwards()
    {
        await using var server = await TestServer.StartOneAsync();
        var device = await server.JoinAsync();
        await using var session = await device.ConnectAsync(server.Endpoint);
        var (log, _) = await session.NewLogAsync();
        using var stuck = new ManualResetEventSlim();
        var began = new TaskCompletionSource();
        var sticking = server.Node.Writer.RunAsync(
            _ =>
            {
                began.TrySetResult();
                return stuck.Wait(TimeSpan.FromMinutes(1));
            },
            CancellationToken.None);
        await began.Task;
        var waiting = session.AskAsync(request => new SubmitPost(request, Posts.Application(log, 0)));
        await Eventually.Async(() => Task.FromResult(server.Node.Writer.IsOverloaded));
        var post = Posts.Application(log, 0);
        Assert.Equal(RefusalCode.TooMany, await session.RefusedAsync(request => new SubmitPost(request, post)));
        var refused = await Assert.ThrowsAsync<ConnectRefusedException>(() => Session.OpenAsync(server.Endpoint));
        Assert.Equal((503, true), (refused.Status, refused.SaysWhen));
        stuck.Set();
        await sticking;
        Assert.IsType<Accepted>(await waiting);
        await session.PostAsync(post);
        await (await device.ConnectAsync(server.Endpoint)).DisposeAsync();
    }

    [Fact]
    public async Task MoreConnectionsThanThereMayBeAreToldToComeLater()
    {
        await using var server = await TestServer.StartOneAsync(options => options with { MostConnections = 2 });
        await using var one = await Session.OpenAsync(server.Endpoint);
        await using var two = await Session.OpenAsync(server.Endpoint);
        Assert.Equal(503, (await Assert.ThrowsAsync<ConnectRefusedException>(() => Session.OpenAsync(server.Endpoint))).Status);
    }

    /// <summary>What is remembered goes when it has refilled, and of an address there is only a hash.</summary>
    [Fact]
    public async Task NothingIsRememberedOfWhoHasDoneNothingForAWhile()
    {
        await using var server = await StartAsync();
        using var here = server.Endpoint.Behind(Here);
        await using (var session = await (await server.JoinAsync()).ConnectAsync(here))
        {
            await session.NewLogAsync();
            await server.Node.Sweeper.SweepAsync(CancellationToken.None);
            Assert.Equal(((1, 1), 1), (server.Node.Allowances.Count, server.Node.Addresses.Count));   // who is connected is never forgotten
        }
        server.Clock.Advance(TimeSpan.FromDays(1));
        await Eventually.Async(async () =>
        {
            await server.Node.Sweeper.SweepAsync(CancellationToken.None);
            return (server.Node.Allowances.Count, server.Node.Addresses.Count) == ((0, 0), 0);
        });
    }

    /// <summary>Only what trusted proxies have written counts: the rest of a header can be anybody's.</summary>
    [Theory]
    [InlineData("192.0.2.1", null, null, "192.0.2.1"), InlineData("192.0.2.1", "203.0.113.5", null, "192.0.2.1")]
    [InlineData("10.0.0.1", "203.0.113.5", null, "203.0.113.5"), InlineData("10.0.0.1", "6.6.6.6, 203.0.113.5", null, "203.0.113.5")]
    [InlineData("10.0.0.1", "203.0.113.5, 10.9.9.9", null, "203.0.113.5"), InlineData("10.0.0.1", "6.6.6.6, nonsense", null, "10.0.0.1")]
    [InlineData("10.0.0.1", null, "for=6.6.6.6, for=\"[2001:db8::1]:47\";proto=https", "2001:db8::1"), InlineData("10.0.0.1", null, "for=_hidden", "10.0.0.1")]
    [InlineData("10.0.0.1", "203.0.113.5", "for=6.6.6.6", "10.0.0.1"), InlineData("10.0.0.1", null, null, "10.0.0.1")]
    [InlineData("::ffff:10.0.0.1", "203.0.113.5:4711", null, "203.0.113.5"), InlineData("10.0.0.1", "", "proto=https", "10.0.0.1")]
    public void AnAddressIsThePeersOrTheOneATrustedProxyNames(string peer, string? forwardedFor, string? forwarded, string expected)
    {
        var headers = new Microsoft.AspNetCore.Http.HeaderDictionary();
        if (forwardedFor is not null) headers["X-Forwarded-For"] = forwardedFor;
        if (forwarded is not null) headers["Forwarded"] = forwarded;
        Assert.Equal(IPAddress.Parse(expected), new Origin([IPNetwork.Parse("10.0.0.0/8")]).Of(IPAddress.Parse(peer), headers));
    }

    private static AddressLimits Limits(Func<ServerOptions, ServerOptions> change, Clock clock)
    {
        var options = change(new ServerOptions(ServerOptions.NoFolder));
        return new AddressLimits(options, new Rates(options), RandomSource.System, clock, new ServerMetrics());
    }

    private static DefaultConnectionContext Socket(string address) => new() { RemoteEndPoint = new IPEndPoint(IPAddress.Parse(address), 4711) };

    private static Task<TestServer> StartAsync(Func<ServerOptions, ServerOptions>? change = null) => TestServer.StartOneAsync(
        options => (change ?? (static same => same))(options with { TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")] }));

    private static async Task<int> ConnectStatusAsync(Endpoint endpoint)
    {
        try { await (await Session.OpenAsync(endpoint)).DisposeAsync(); }
        catch (ConnectRefusedException refused) { return refused.Status; }
        return 0;
    }

    private static async Task<RefusalCode> LoginCodeAsync(Endpoint endpoint, Device device)
    {
        await using var session = await Session.OpenAsync(endpoint);
        return Assert.IsType<Refused>(await device.LoginAsync(endpoint, session)).Code;
    }

    private static async Task<HttpStatusCode> UploadAsync(Session session, int size)
    {
        string path = Rest.Blobs + BlobId.Of(RandomSource.System.PublicBytes(16));
        (await session.HttpAsync(path, new BlobCreation((ulong)size, SHA256.HashData([1]), ExpiryBucket.Day))).EnsureSuccessStatusCode();
        using var request = session.Request(HttpMethod.Patch, path, new ByteArrayContent(new byte[size]));
        request.Headers.Add(Rest.UploadOffset, "0");
        using var answer = await session.HttpAsync(request);
        return answer.StatusCode;
    }
}
