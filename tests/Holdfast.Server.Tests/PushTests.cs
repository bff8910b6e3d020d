using Holdfast.Codec;
using Holdfast.Protocol;
using Holdfast.Server.Connections;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

public sealed class PushTests
{
    [Fact]
    public async Task EveryPostReachesEverySubscriberInOrderThePosterToo()
    {
        await using var server = await TestServer.StartAsync();
        await using var poster = await server.ConnectAsync();
        var (log, key) = await poster.NewLogAsync();
        var listeners = new List<Session> { poster };
        for (int i = 0; i < 10; i++)
        {
            var listener = await server.ConnectAsync();
            await listener.SubscribeAsync(log, key);
            listeners.Add(listener);
        }
        await using var stranger = await server.ConnectAsync();
        var posts = Enumerable.Range(0, 300).Select(_ => Posts.Application(log, 0)).ToList();
        await Task.WhenAll(posts.Select(poster.PostAsync));
        foreach (var listener in listeners)
        {
            var pushed = await listener.PushedAsync(posts.Count);
            Assert.Equal(Enumerable.Range(1, posts.Count).Select(i => (ulong)i), pushed.Select(entry => entry.Position));
            await listener.DisposeAsync();
        }
        await Assert.ThrowsAsync<TimeoutException>(() => stranger.PushAsync().WaitAsync(TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task AHeadAndThePushesAfterItLeaveNoGap()
    {
        await using var server = await TestServer.StartAsync();
        await using var poster = await server.ConnectAsync();
        var (log, key) = await poster.NewLogAsync();
        var posting = Task.Run(async () => { for (int i = 0; i < 400; i++) await poster.PostAsync(Posts.Application(log, 0)); }, TestContext.Current.CancellationToken);
        var heads = new List<(Session Listener, ulong Head)>();
        for (int i = 0; i < 10; i++)
        {
            var listener = await server.ConnectAsync();
            heads.Add((listener, (await listener.SubscribeAsync(log, key)).Head));
        }
        await posting;
        foreach (var (listener, head) in heads)
        {
            ulong next = head + 1;
            while (next <= 400)
                foreach (var entry in await NextAsync(listener))
                    if (entry.Position >= next) Assert.Equal(next++, entry.Position);
            await listener.DisposeAsync();
        }
    }

    /// <summary>Where nodes share a database, whoever listens may be told to read the first entry of an hour.</summary>
    private static async Task<IReadOnlyList<LogEntry>> NextAsync(Session listener) => await listener.PushAsync() switch
    {
        Behind behind when Place.IsShared => await listener.ReadAllAsync(behind.Log),
        var push => Assert.IsType<Entries>(push).Items,
    };

    [Fact]
    public async Task ASlowReaderIsToldThatItIsBehindAndFindsEverythingInTheLog()
    {
        await using var server = await TestServer.StartAsync(options => options with { OutboundBytes = 256 << 10 });
        var node = server.Endpoints[0];
        await using var poster = await (await server.JoinAsync()).ConnectAsync(node);
        var (log, key) = await poster.NewLogAsync();
        var device = await server.JoinAsync();
        await using var slow = await Session.OpenAsync(node);
        Assert.IsType<LoggedIn>(await device.LoginAsync(node, slow));
        await slow.SendAsync(slow.Subscribe(1, log, key));
        Assert.IsType<Subscribed>(await slow.ReceiveAsync());
        const int Count = 60;   // 30 MiB: more than the queue, the pipes and the socket's buffers hold
        for (int i = 0; i < Count; i++) await poster.PostAsync(Posts.Application(log, 0, 1 << 19));

        ulong seen = 0, head = 0, whole = 0;   // pushes are whole up to the first gap; behind a gap they go on where it ended
        while (Math.Max(seen, head) < Count)
        {
            switch (await slow.ReceiveAsync())
            {
                case Entries pushed:
                    Assert.Equal(Math.Max(seen, head) + 1, pushed.Items[0].Position);
                    seen = pushed.Items[^1].Position;
                    if (head == 0) whole = seen;
                    break;
                case Behind behind:
                    Assert.True(behind.Head > seen);
                    head = behind.Head;
                    break;
                case var other:
                    Assert.Fail($"unexpected {other}");
                    break;
            }
        }
        Assert.NotEqual(0ul, head);
        Assert.InRange(whole, 1ul, Count - 1ul);
        slow.StartReading();
        Assert.Equal(Count, (int)whole + (await slow.ReadAllAsync(log, whole)).Count);
        await poster.PostAsync(Posts.Application(log, 0));
        Assert.Equal(Count + 1ul, Assert.Single(await slow.PushedAsync(1)).Position);
    }

    /// <summary>Whoever knows a log's id and no key of it is refused, and hears nothing of it either.</summary>
    [Fact]
    public async Task ARefusedSubscriptionIsPushedNothing()
    {
        await using var server = await TestServer.StartAsync();
        await using var member = await server.ConnectAsync();
        var (log, key) = await member.NewLogAsync();
        await using var stranger = await server.ConnectAsync();
        Assert.Equal(RefusalCode.NoAccess, await stranger.RefusedAsync(request => stranger.Subscribe(request, log, Device.NewKey())));
        await member.PostAsync(Posts.Application(log, 0));
        await stranger.SubscribeAsync(log, key);
        await member.PostAsync(Posts.Application(log, 0));
        Assert.Equal(2ul, Assert.IsType<Entries>(await stranger.PushAsync()).Items[0].Position);
    }

    [Fact]
    public void AConnectionThatHasEndedMayBeToldToEndAgain()
    {
        var outbound = new Outbound(limit: 1);
        outbound.Complete();
        outbound.Answer(new byte[1]);
        outbound.Complete();
        Assert.True(outbound.IsFinished);
    }

    [Fact]
    public async Task ASlowReadersInboxComesOnceItReads()
    {
        await using var server = await TestServer.StartAsync(options => options with { OutboundBytes = 64 << 10 });
        var node = server.Endpoints[0];
        await using var sender = await (await server.JoinAsync()).ConnectAsync(node);
        var device = await server.JoinAsync();
        await using var slow = await Session.OpenAsync(node);
        Assert.IsType<LoggedIn>(await device.LoginAsync(node, slow));
        for (int i = 0; i < 20; i++) await sender.AskAsync<Done>(request => new SubmitDeliveries(request, [Posts.To(device.Id, 1 << 20)]));
        slow.StartReading();
        int pushes = 0;
        while (Assert.IsType<InboxItems>(await slow.PushAsync()).Items.Count == 1) pushes++;   // the last push is a read of what was passed over
        Assert.InRange(pushes, 1, 19);
        int seen = 0;
        while (await slow.AskAsync<InboxItems>(request => new ReadInbox(request)) is { Items.Count: > 0 } part)
        {
            seen += part.Items.Count;
            await slow.AskAsync<Done>(request => new InboxDone(request, [.. part.Items.Select(item => item.Id)]));
        }
        Assert.Equal(20, seen);
    }

    [Fact]
    public async Task APushIsTheSameBytesForAll()
    {
        await using var server = await TestServer.StartAsync();
        await using var poster = await server.ConnectAsync();
        var (log, key) = await poster.NewLogAsync();
        await using var listener = await server.ConnectAsync();
        await listener.SubscribeAsync(log, key);
        await poster.PostAsync(Posts.Application(log, 0));
        Assert.Equal(Tls.Encode(await poster.PushAsync()), Tls.Encode(await listener.PushAsync()));
    }
}
