using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

public sealed class InboxTests
{
    [Fact]
    public async Task AWelcomeIsFiledWithItsCommitAndPushedAndStaysUntilItIsDoneWith()
    {
        await using var server = await TestServer.StartAsync();
        await using var inviter = await server.ConnectAsync();
        await using var online = await server.ConnectAsync();
        var offline = await server.JoinAsync();
        var (log, _) = await inviter.NewLogAsync();
        Delivery[] welcomes = [Posts.To(online.Device!.Id), Posts.To(offline.Id, 100_000)];
        await inviter.PostAsync(Posts.Commit(log, 0, Device.NewKey(), welcomes));

        var pushed = Assert.Single(Assert.IsType<InboxItems>(await online.PushAsync()).Items);
        Assert.Equal(welcomes[0].Bytes.ToArray(), pushed.Bytes.ToArray());
        await server.RestartAsync();
        await using var later = await offline.ConnectAsync(server.Endpoint);
        var waiting = Assert.Single((await later.AskAsync<InboxItems>(request => new ReadInbox(request))).Items);
        Assert.Equal(welcomes[1].Bytes.ToArray(), waiting.Bytes.ToArray());
        await later.AskAsync<Done>(request => new InboxDone(request, [pushed.Id]));   // another device's: not touched
        await later.AskAsync<Done>(request => new InboxDone(request, [waiting.Id]));
        await later.AskAsync<Done>(request => new InboxDone(request, [waiting.Id]));
        Assert.Empty((await later.AskAsync<InboxItems>(request => new ReadInbox(request))).Items);
        await using var again = await online.Device.ConnectAsync(server.Endpoint);
        Assert.Equal(pushed.Id, Assert.Single((await again.AskAsync<InboxItems>(request => new ReadInbox(request))).Items).Id);
    }

    [Fact]
    public async Task ADeliveryToAnUnknownDeviceRefusesTheWholePost()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var (log, _) = await session.NewLogAsync();
        var stranger = DeviceId.Of(RandomSource.System.PublicBytes(16));
        var post = Posts.Commit(log, 0, Device.NewKey(), Posts.To(session.Device!.Id), Posts.To(stranger));
        Assert.Equal(RefusalCode.UnknownDevice, await session.RefusedAsync(request => new SubmitPost(request, post)));
        Assert.Equal(RefusalCode.UnknownDevice, await session.RefusedAsync(request => new SubmitDeliveries(request, post.Deliveries)));
        Assert.Empty(await session.ReadAllAsync(log));
        Assert.Empty((await session.AskAsync<InboxItems>(request => new ReadInbox(request))).Items);
        Assert.Equal(1ul, await session.PostAsync(post with { Deliveries = [] }));
    }

    [Fact]
    public async Task ARefusedOrRepeatedCommitFilesNothing()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var (log, _) = await session.NewLogAsync();
        var first = Posts.Commit(log, 0, Device.NewKey(), Posts.To(session.Device!.Id));
        await session.PostAsync(first);
        await session.PostAsync(first);
        await session.AskAsync<HeadMoved>(request => new SubmitPost(request, Posts.Commit(log, 0, Device.NewKey(), Posts.To(session.Device.Id))));
        Assert.Single((await session.AskAsync<InboxItems>(request => new ReadInbox(request))).Items);
    }

    [Fact]
    public async Task MoreThanOneAnswerHoldsComesInTurns()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var device = await server.JoinAsync();
        for (int i = 0; i < 4; i++)
            await session.AskAsync<Done>(request => new SubmitDeliveries(request, [Posts.To(device.Id, 2 << 20), Posts.To(device.Id, 2 << 20)]));
        await using var reader = await device.ConnectAsync(server.Endpoint);
        int answers = 0, items = 0;
        while (await reader.AskAsync<InboxItems>(request => new ReadInbox(request)) is { Items.Count: > 0 } part)
        {
            await reader.AskAsync<Done>(request => new InboxDone(request, [.. part.Items.Select(item => item.Id)]));
            (answers, items) = (answers + 1, items + part.Items.Count);
        }
        Assert.Equal(8, items);
        Assert.True(answers > 1);
    }
}
