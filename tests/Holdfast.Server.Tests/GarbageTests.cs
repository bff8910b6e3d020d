using System.Net;
using System.Net.WebSockets;
using System.Text;
using CsCheck;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

public sealed class GarbageTests
{
    [Fact]
    public async Task RandomAndMutatedFramesNeverTakeTheServerDown()
    {
        await using var server = await TestServer.StartAsync();
        await using var witness = await server.ConnectAsync();
        var (log, key) = await witness.NewLogAsync();
        var device = await server.JoinAsync();
        byte[][] seeds =
        [
            Tls.Encode<ClientFrame>(new SubmitPost(1, Posts.Commit(log, 0, Device.NewKey(), Posts.To(device.Id)))),
            Tls.Encode<ClientFrame>(witness.Subscribe(2, log, key)),
            Tls.Encode<ClientFrame>(new CreateLog(3, log, key.PublicKey)),
            Tls.Encode<ClientFrame>(new SubmitDeliveries(4, [Posts.To(device.Id)])),
            Tls.Encode<ClientFrame>(new InboxDone(5, [InboxItemId.Of(new byte[16])])),
            Tls.Encode<ClientFrame>(new ReadLog(6, log, ulong.MaxValue)),
            Tls.Encode<ClientFrame>(new Unsubscribe(log)),
        ];
        var mutated = Gen.Select(Gen.Int[0, seeds.Length - 1], Gen.Int[0, 10_000], Gen.Byte, Gen.Int[0, 3], (seed, at, value, how) => Mutate(seeds[seed], at, value, how));
        var frames = Gen.Frequency((3, mutated), (1, Gen.Byte.Array[0, 300])).Array[1, 20];
        await frames.SampleAsync(
            async sequence =>
            {
                await using var session = await device.ConnectAsync(server.Endpoint);
                try { foreach (byte[] frame in sequence) await session.SendRawAsync(frame); }
                catch (WebSocketException) { return; }   // refused in the middle
            },
            iter: 60, threads: 1);
        await witness.PostAsync(Posts.Application(log, (await witness.AskAsync<Entries>(request => new ReadLog(request, log, 0))).Head));
        using var health = await server.Endpoint.Http.GetAsync(new Uri(Rest.Health, UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Theory, InlineData("", true), InlineData("ff", true), InlineData("0200000001", true), InlineData("hello", false)]
    public async Task AFrameThatIsNoneIsMalformedAndEndsTheConnection(string text, bool hex)
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        if (hex) await session.SendRawAsync(Convert.FromHexString(text));
        else await session.SendRawAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);
        Assert.Equal(new Refused(0, RefusalCode.Malformed), await session.PushAsync());
    }

    [Fact]
    public async Task RequestZeroIsMalformed()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        await session.SendAsync(new ReadInbox(0));
        Assert.Equal(new Refused(0, RefusalCode.Malformed), await session.PushAsync());
    }

    [Fact]
    public async Task AFrameOverTheLimitIsTooLarge()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        try { await session.SendRawAsync(new byte[ProtocolLimits.FrameBytes + 1]); }
        catch (WebSocketException) { }   // the server may close before it has all of it
        Assert.Equal(new Refused(0, RefusalCode.TooLarge), await session.PushAsync());
    }

    [Fact]
    public async Task TooManyItemsDoneAtOnceAreTooLarge()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var items = Enumerable.Range(0, 5000).Select(_ => InboxItemId.Of(new byte[16])).ToList();
        Assert.Equal(RefusalCode.TooLarge, await session.RefusedAsync(request => new InboxDone(request, items)));
    }

    [Theory]
    [InlineData("POST", Rest.Accounts), InlineData("POST", Rest.KeyPackages), InlineData("POST", Rest.Invites)]
    [InlineData("POST", Rest.Blobs + "0123456789abcdef0123456789abcdef"), InlineData("PATCH", Rest.Blobs + "0123")]
    public async Task GarbageBodiesAreMalformed(string method, string path)
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        for (int size = 0; size < 40; size++)
            await Refusals.ExpectAsync(await session.HttpAsync(new HttpMethod(method), path, new ByteArrayContent(RandomSource.System.PublicBytes(size * 7))), RefusalCode.Malformed);
    }

    [Fact]
    public async Task ABodyOverTheLimitIsTooLarge()
    {
        await using var server = await TestServer.StartAsync();
        using var content = new ByteArrayContent(new byte[ProtocolLimits.FrameBytes + 1]);
        using var request = new HttpRequestMessage(HttpMethod.Post, Rest.Accounts) { Content = content };
        request.Headers.ExpectContinue = true;
        await Refusals.ExpectAsync(await server.Endpoint.Http.SendAsync(request, TestContext.Current.CancellationToken), RefusalCode.TooLarge);
    }

    [Fact]
    public async Task ConnectWithoutAWebSocketIsMalformed()
    {
        await using var server = await TestServer.StartAsync();
        await Refusals.ExpectAsync(await server.Endpoint.Http.GetAsync(new Uri(Rest.Connect, UriKind.Relative), TestContext.Current.CancellationToken), RefusalCode.Malformed);
    }

    private static byte[] Mutate(byte[] seed, int at, byte value, int how)
    {
        byte[] bytes = [.. seed];
        at %= bytes.Length;
        switch (how)
        {
            case 0: bytes[at] = value; return bytes;
            case 1: return bytes[..at];
            case 2: return [.. bytes, value];
            default: return [.. bytes[..at], value, .. bytes[at..]];
        }
    }
}
