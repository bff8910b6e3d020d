using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

/// <summary>A server that is told to end finishes what it has begun and says so to everybody.</summary>
public sealed class DrainTests
{
    private const string DrainSeconds = "30";   // peers have a twentieth of it to hear of the end: enough on a slow machine

    /// <summary>
    /// Each poster goes on until the server says that it ends, and then waits for what is still unanswered. Accepted is on disk, at that
    /// position; refused is not; and there is no third.
    /// </summary>
    [Fact]
    public async Task EveryPostSentBeforeTheServerEndsIsOnDiskOrRefused()
    {
        string folder = Place.New();
        var accepted = new ConcurrentDictionary<MessageId, ulong>();
        var refused = new ConcurrentDictionary<MessageId, RefusalCode>();
        LogId log;
        SignatureKey key;
        Device device;
        await using (var server = await ServerProcess.StartAsync(folder, "https://127.0.0.1:0", "--drain-seconds", DrainSeconds))
        {
            device = await Device.JoinAsync(server.Endpoint, server.OwnerInvite!);
            await using var owner = await device.ConnectAsync(server.Endpoint);
            (log, key) = await owner.NewLogAsync();
            var sessions = new List<Session>();
            for (int i = 0; i < 4; i++)
            {
                sessions.Add(await (await ServerProcessInvites.JoinAsync(server, folder)).ConnectAsync(server.Endpoint));
                await sessions[i].SubscribeAsync(log, key);
            }
            var posting = sessions.Select(session => PostUntilTheEndAsync(session, log, accepted, refused)).ToArray();
            await Eventually.Async(() => Task.FromResult(accepted.Count > 500));
            Assert.Equal(0, await server.EndAsync());
            await Task.WhenAll(posting);
            foreach (var session in sessions) await session.DisposeAsync();
        }
        Assert.NotEmpty(refused);
        Assert.All(refused.Values, static code => Assert.Equal(RefusalCode.ShuttingDown, code));
        await using (var server = await ServerProcess.StartAsync(folder))
        {
            await using var owner = await device.ConnectAsync(server.Endpoint);
            await owner.SubscribeAsync(log, key);
            var entries = (await owner.ReadAllAsync(log)).ToDictionary(entry => entry.Id, entry => entry.Position);
            Assert.Equal(accepted.OrderBy(static each => each.Value), entries.OrderBy(static each => each.Value));
        }
        Place.Remove(folder);
    }

    /// <summary>Eight posts at a time. When the server says that it ends, one more each, which it must refuse.</summary>
    private static async Task PostUntilTheEndAsync(
        Session session, LogId log, ConcurrentDictionary<MessageId, ulong> accepted, ConcurrentDictionary<MessageId, RefusalCode> refused)
    {
        bool ended = false;
        var hearing = Task.Run(async () =>
        {
            while (await session.PushAsync() is not Refused { Request: 0, Code: RefusalCode.ShuttingDown }) continue;
            Volatile.Write(ref ended, true);
        });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            bool last;
            do
            {
                last = Volatile.Read(ref ended);
                var post = Posts.Application(log, 0, 700);
                switch (await session.AskAsync(request => new SubmitPost(request, post)))
                {
                    case Accepted answer:
                        Assert.False(last);
                        Assert.True(accepted.TryAdd(post.Id, answer.Position));
                        break;
                    case var answer:
                        refused[post.Id] = Assert.IsType<Refused>(answer).Code;
                        break;
                }
            }
            while (!last);
        }).Append(hearing));
    }

    [Fact]
    public async Task WhileItEndsItIsNotReadyAndWhoeverComesIsToldToComeLater()
    {
        await using var server = await TestServer.StartOneAsync(options => options with { DrainTime = TimeSpan.FromSeconds(30) });
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(server, Rest.HealthReady)).StatusCode);
        await using var session = await server.ConnectAsync();
        using var body = new StreamContent(new NeverEnding());
        using var giveUp = new CancellationTokenSource();
        using var request = session.Request(HttpMethod.Post, Rest.Invites, body);
        var stuck = server.Endpoint.Http.SendAsync(request, giveUp.Token);   // keeps the listener open
        var stopping = server.StopAsync();
        using var ready = await GetAsync(server, Rest.HealthReady);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.NotNull(ready.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(server, Rest.HealthLive)).StatusCode);
        foreach (string path in new[] { Rest.Connect, Rest.Accounts, Rest.Invites, "/nothing" })
        {
            using var refusal = await GetAsync(server, path);
            Assert.NotNull(refusal.Headers.RetryAfter);
            await Refusals.ExpectAsync(refusal, RefusalCode.ShuttingDown);
        }
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stuck);
        await stopping;
    }

    [Fact]
    [Trait(Place.Trait, Place.Sqlite)]
    public async Task AnUploadThatIsUnderWayIsFinished()
    {
        const int Half = 1 << 17;   // more than a client holds back
        await using var server = await TestServer.StartOneAsync(options => options with { DrainTime = TimeSpan.FromMinutes(1) });
        await using var session = await server.ConnectAsync();
        string path = Rest.Blobs + BlobId.Of(RandomSource.System.PublicBytes(16));
        (await session.HttpAsync(path, new BlobCreation(2 * Half, SHA256.HashData([1]), ExpiryBucket.Day))).EnsureSuccessStatusCode();
        var pipe = new System.IO.Pipelines.Pipe();
        using var request = session.Request(HttpMethod.Patch, path, new StreamContent(pipe.Reader.AsStream()));
        request.Headers.Add(Rest.UploadOffset, "0");
        request.Headers.TransferEncodingChunked = true;
        var sending = session.HttpAsync(request);
        await pipe.Writer.WriteAsync(new byte[Half], TestContext.Current.CancellationToken);
        await Eventually.Async(() => Task.FromResult(Directory.EnumerateFiles(server.Options.BlobFolder, "*", SearchOption.AllDirectories).Any()));
        var stopping = server.StopAsync();
        await Eventually.Async(async () => !(await GetAsync(server, Rest.HealthReady)).IsSuccessStatusCode);
        await pipe.Writer.WriteAsync(new byte[Half], TestContext.Current.CancellationToken);
        await pipe.Writer.CompleteAsync();
        using var answer = await sending;
        Assert.Equal((HttpStatusCode.NoContent, $"{2 * Half}"), (answer.StatusCode, answer.Headers.GetValues(Rest.UploadOffset).Single()));
        await stopping;
    }

    /// <summary>Whoever comes back does so at once: so not all are sent away at the same moment.</summary>
    [Fact]
    public async Task ConnectionsEndOneAfterTheOther()
    {
        await using var server = await TestServer.StartOneAsync(options => options with { DrainTime = TimeSpan.FromSeconds(20) });
        var ended = new ConcurrentQueue<long>();
        var waiting = new List<Task>();
        for (int i = 0; i < 40; i++)
        {
            var session = await Session.OpenAsync(server.Endpoint);
            waiting.Add(Task.Run(
                async () =>
                {
                    await using (session)
                    {
                        Assert.Equal(new Refused(0, RefusalCode.ShuttingDown), await session.ReceiveAsync());
                        ended.Enqueue(Environment.TickCount64);
                    }
                },
                TestContext.Current.CancellationToken));
        }
        await server.StopAsync();
        await Task.WhenAll(waiting);
        Assert.InRange(ended.Max() - ended.Min(), 100, long.MaxValue);   // 40 times 5 ms, less what the last wave needs not wait
    }

    [Fact]
    public async Task NobodyWearsTheDiskOutByAskingForItsHealth()
    {
        await using var server = await TestServer.StartOneAsync();
        (await GetAsync(server, Rest.Health)).EnsureSuccessStatusCode();
        long before = server.Node.Writer.Commits;
        for (int i = 0; i < 50; i++) (await GetAsync(server, i % 2 == 0 ? Rest.Health : Rest.HealthReady)).EnsureSuccessStatusCode();
        Assert.InRange(server.Node.Writer.Commits - before, 0, 1);
        server.Clock.Advance(TimeSpan.FromSeconds(11));
        (await GetAsync(server, Rest.HealthReady)).EnsureSuccessStatusCode();
        Assert.InRange(server.Node.Writer.Commits - before, 1, 2);
    }

    private static Task<HttpResponseMessage> GetAsync(TestServer server, string path) =>
        server.Endpoint.Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
}
