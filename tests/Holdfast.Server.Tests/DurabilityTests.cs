using System.Collections.Concurrent;
using System.Net.WebSockets;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

public sealed class DurabilityTests
{
    /// <summary>
    /// A total-queue check: of every post it is known whether it was acknowledged and where. After each kill the acknowledged
    /// ones are there, once, at their positions; the others are there once or not at all, and sending them again makes it once.
    /// </summary>
    [Fact]
    public async Task KillUnderLoadLosesAndDoublesNothingThatWasAcknowledged()
    {
        string place = Place.New();
        var server = await ServerProcess.StartAsync(place);
        var device = await Device.JoinAsync(server.Endpoint, server.OwnerInvite!);
        LogId log;
        SignatureKey key;
        await using (var session = await device.ConnectAsync(server.Endpoint)) (log, key) = await session.NewLogAsync();
        var acknowledged = new ConcurrentDictionary<MessageId, ulong>();
        var sent = new ConcurrentDictionary<MessageId, Post>();
        for (int round = 0; round < 5; round++)
        {
            await using (var session = await device.ConnectAsync(server.Endpoint))
            {
                await session.SubscribeAsync(log, key);
                var posting = Enumerable.Range(0, 8).Select(_ => PostUntilTheEndAsync(session, log, sent, acknowledged)).ToArray();
                await Task.Delay(250 + (130 * round), TestContext.Current.CancellationToken);
                await server.KillAsync();
                await Task.WhenAll(posting);
            }
            await server.DisposeAsync();
            server = await ServerProcess.StartAsync(place);
            Assert.Null(server.OwnerInvite);
            await using (var session = await device.ConnectAsync(server.Endpoint)) await CheckAsync(session, log, key, sent, acknowledged);
        }
        Assert.True(acknowledged.Count > 100, $"only {acknowledged.Count} posts: that was no load");
        Assert.Equal(0, await server.EndAsync());
        await server.DisposeAsync();
        Place.Remove(place);
    }

    private static async Task PostUntilTheEndAsync(
        Session session, LogId log, ConcurrentDictionary<MessageId, Post> sent, ConcurrentDictionary<MessageId, ulong> acknowledged)
    {
        try
        {
            while (true)
            {
                var post = Posts.Application(log, 0, 700);
                sent[post.Id] = post;
                acknowledged[post.Id] = await session.PostAsync(post);
            }
        }
        catch (WebSocketException) { return; }   // the server was killed
    }

    private static async Task CheckAsync(
        Session session, LogId log, SignatureKey key, ConcurrentDictionary<MessageId, Post> sent, ConcurrentDictionary<MessageId, ulong> acknowledged)
    {
        await session.SubscribeAsync(log, key);
        var entries = await session.ReadAllAsync(log);
        Assert.Equal(Enumerable.Range(1, entries.Count).Select(i => (ulong)i), entries.Select(entry => entry.Position));
        var positions = entries.ToDictionary(entry => entry.Id, entry => entry.Position);   // throws on a double
        foreach (var (id, position) in acknowledged) Assert.Equal(position, positions[id]);
        foreach (var entry in entries) Assert.Equal(sent[entry.Id].Bytes.ToArray(), entry.Bytes.ToArray());
        foreach (var (id, post) in sent.Where(each => !acknowledged.ContainsKey(each.Key)))
        {
            acknowledged[id] = await session.PostAsync(post);
            if (positions.TryGetValue(id, out ulong there)) Assert.Equal(there, acknowledged[id]);
        }
    }

    [Fact]
    public async Task CommitsAreSharedUnderLoad()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var (log, _) = await session.NewLogAsync();
        long before = server.Commits;
        await Task.WhenAll(Enumerable.Range(0, 2000).Select(_ => session.PostAsync(Posts.Application(log, 0))));
        Assert.InRange(server.Commits - before, 1, 1999);
    }
}
