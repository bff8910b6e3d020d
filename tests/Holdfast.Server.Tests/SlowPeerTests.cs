using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

/// <summary>Who is slow, or says too much at once, is hung up on, and nobody else notices.</summary>
public sealed class SlowPeerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("GET /health HTTP/1.1\r\nHost: a\r\nX: ")]
    [InlineData("POST /v1/accounts HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")]
    [InlineData("POST /v1/accounts HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n10000\r\n")]
    public async Task AByteNowAndThenIsHungUpOn(string begin)
    {
        await using var server = await TestServer.StartAsync();
        await using var slow = await RawConnection.OpenAsync(server.Endpoint);
        Assert.True(await slow.SendAsync(Encoding.ASCII.GetBytes(begin)));
        var reading = slow.ReadAllAsync(Patience);
        while (!reading.IsCompleted && await slow.SendAsync("x"u8.ToArray())) await Task.WhenAny(reading, Task.Delay(500, TestContext.Current.CancellationToken));
        var (text, closed) = await reading;
        Assert.True(closed);
        Assert.True(text.Length == 0 || text.StartsWith("HTTP/1.1 4", StringComparison.Ordinal), text);
    }

    [Fact]
    public async Task FiveHundredHandshakesThatGoNowhereDisturbNobody()
    {
        await using var server = await TestServer.StartAsync();
        await using var alice = await server.ConnectAsync();
        await using var bob = await server.ConnectAsync();
        var (log, key) = await alice.NewLogAsync();
        await bob.SubscribeAsync(log, key);
        var halfOpen = new List<TcpClient>();
        for (int i = 0; i < 500; i++)
        {
            var client = new TcpClient();
            halfOpen.Add(client);
            await client.ConnectAsync(server.Endpoint.Address.Host, server.Endpoint.Address.Port, TestContext.Current.CancellationToken);
            if (i % 2 == 0) await client.GetStream().WriteAsync(new byte[] { 0x16, 0x03, 0x01, 0x02, 0x00, 0x01 }, TestContext.Current.CancellationToken);   // how a ClientHello begins
        }
        for (int i = 0; i < 20; i++) await alice.PostAsync(Posts.Application(log, 0));
        Assert.Equal(20, (await bob.PushedAsync(20)).Count);
        await using (var late = await server.ConnectAsync()) await late.NewLogAsync();
        var buffer = new byte[64];
        foreach (var client in halfOpen)
        {
            using (client)
            {
                try { while (await client.GetStream().ReadAsync(buffer, TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken) > 0) continue; }
                catch (IOException) { continue; }
            }
        }
    }

    [Theory]
    [InlineData(3000, 0, 0), InlineData(0, 1, 20_000), InlineData(0, 60, 10)]
    public async Task LongLinesAndManyHeadersAreRefused(int path, int headers, int headerBytes)
    {
        await using var server = await TestServer.StartAsync();
        await using var connection = await RawConnection.OpenAsync(server.Endpoint);
        string lines = string.Concat(Enumerable.Range(0, headers).Select(i => $"X{i}: {new string('x', headerBytes)}\r\n"));
        await connection.SendAsync(Encoding.ASCII.GetBytes($"GET /{new string('x', path)} HTTP/1.1\r\nHost: a\r\n{lines}\r\n"));
        var (text, closed) = await connection.ReadAllAsync(Patience);
        Assert.True(closed);
        Assert.StartsWith("HTTP/1.1 4", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TlsIs13UnlessSomebodySaysOtherwise()
    {
        await using var strict = await TestServer.StartAsync();
        await using (var connection = await RawConnection.OpenAsync(strict.Endpoint)) Assert.Equal(SslProtocols.Tls13, connection.Protocol);
        await ExpectNoHandshakeAsync(strict.Endpoint);
        await using var lax = await TestServer.StartAsync(options => options with { Tls12 = true });
        await using (var connection = await RawConnection.OpenAsync(lax.Endpoint)) Assert.Equal(SslProtocols.Tls13, connection.Protocol);
        await using (var connection = await RawConnection.OpenAsync(lax.Endpoint, SslProtocols.Tls12)) Assert.Contains("GCM", $"{connection.Suite}", StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            await ExpectNoHandshakeAsync(lax.Endpoint, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA);
    }

    private static async Task ExpectNoHandshakeAsync(Endpoint endpoint, params TlsCipherSuite[] suites)
    {
        var failure = await Record.ExceptionAsync(async () =>
        {
            await using var connection = await RawConnection.OpenAsync(endpoint, SslProtocols.Tls12, suites);
        });
        Assert.True(failure is AuthenticationException or IOException, $"{failure}");
    }
}
