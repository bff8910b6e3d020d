using System.Globalization;
using System.Reflection;
using System.Text;
using Holdfast.Codec;
using Holdfast.Protocol;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

/// <summary>
/// Requests that a proxy in front might read in another way than we do. Behind each lies a second request, which would make an account.
/// </summary>
public sealed class SmugglingTests(SmugglingTests.Running running) : IClassFixture<SmugglingTests.Running>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>In each, [LEN] is the length of what follows the headers, and [REQUEST] the second request.</summary>
    [Theory]
    [InlineData("Content-Length: [LEN]\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n[REQUEST]")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: [LEN]\r\n\r\n0\r\n\r\n[REQUEST]")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n[REQUEST]")]
    [InlineData("Content-Length: 0\r\nContent-Length: [LEN]\r\n\r\n[REQUEST]")]
    [InlineData("Content-Length: [LEN]\r\nContent-Length: 0\r\n\r\n[REQUEST]")]
    [InlineData("Content-Length: 0\r\nContent-Length: 0\r\n\r\n[REQUEST]")]
    [InlineData("Content-Length: 0, 0\r\n\r\n[REQUEST]")]
    [InlineData("Content-Length: 1+\r\n\r\n[REQUEST]"), InlineData("Content-Length: 1 1\r\n\r\n[REQUEST]"), InlineData("Content-Length: -1\r\n\r\n[REQUEST]")]
    [InlineData("Content-Length: 0x0\r\n\r\n[REQUEST]"), InlineData("Content-Length: 0a\r\n\r\n[REQUEST]"), InlineData("Content-Length: \r\n\r\n[REQUEST]")]
    [InlineData("Content-Length: 99999999999999999999\r\n\r\n[REQUEST]"), InlineData("Content-Length : 0\r\n\r\n[REQUEST]")]
    [InlineData("Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n[REQUEST]"), InlineData("Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n[REQUEST]")]
    [InlineData("Transfer-Encoding: identity\r\n\r\n[REQUEST]"), InlineData("Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n[REQUEST]")]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n[REQUEST]")]
    [InlineData("Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n[REQUEST]"), InlineData("Transfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n[REQUEST]")]
    [InlineData("Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n[REQUEST]"), InlineData(" Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n[REQUEST]")]
    [InlineData("X: y\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n[REQUEST]"), InlineData("X: y\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n[REQUEST]")]
    [InlineData("X: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n[REQUEST]"), InlineData("Content-Length: 0\n\r\n[REQUEST]"), InlineData("Content-Length: 0\n\n[REQUEST]")]
    [InlineData("Content-Length\r\n\r\n[REQUEST]"), InlineData("X\0: y\r\nContent-Length: 0\r\n\r\n[REQUEST]"), InlineData("X: \0\r\nContent-Length: 0\r\n\r\n[REQUEST]")]
    [InlineData("Host: b\r\nContent-Length: 0\r\n\r\n[REQUEST]"), InlineData(": y\r\nContent-Length: 0\r\n\r\n[REQUEST]")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n0\n\n[REQUEST]"), InlineData("Transfer-Encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n[REQUEST]")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n1;a\nx\r\n0\r\n\r\n[REQUEST]"), InlineData("Transfer-Encoding: chunked\r\n\r\n1;a\rb\r\nx\r\n0\r\n\r\n[REQUEST]")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n1;a\n\r\nx\r\n0\r\n\r\n[REQUEST]"), InlineData("Transfer-Encoding: chunked\r\n\r\n+1\r\nx\r\n0\r\n\r\n[REQUEST]")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n0x1\r\nx\r\n0\r\n\r\n[REQUEST]"), InlineData("Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n[REQUEST]")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF1\r\nx\r\n0\r\n\r\n[REQUEST]"), InlineData("Transfer-Encoding: chunked\r\n\r\n1\r\nxYZ0\r\n\r\n[REQUEST]")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n \r\n\r\n[REQUEST]"), InlineData("Transfer-Encoding: chunked\r\n\r\n1\r\nx\n0\r\n\r\n[REQUEST]")]
    public async Task WhatCanBeReadInTwoWaysIsRefusedAndWhatLiesBehindItIsNotSeen(string form)
    {
        long before = running.Accounts;
        var (text, closed) = await SendAsync("POST /v1/accounts HTTP/1.1\r\nHost: a\r\n", form);
        Assert.True(closed, text);
        Assert.True(text.Length == 0 || text.StartsWith("HTTP/1.1 4", StringComparison.Ordinal) || text.StartsWith("HTTP/1.1 5", StringComparison.Ordinal), text);
        Assert.Equal(text.Length == 0 ? 0 : 1, Answers(text));
        Assert.Equal(before, running.Accounts);
    }

    [Theory]
    [InlineData("POST /v1/accounts HTTP/1.0\r\nHost: a\r\n", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n[REQUEST]")]
    [InlineData("POST /v1/accounts HTTP/1.1\r\n", "Content-Length: 0\r\n\r\n[REQUEST]"), InlineData("POST /v1/accounts HTTP/1.1\nHost: a\r\n", "Content-Length: 0\r\n\r\n[REQUEST]")]
    [InlineData("POST /v1/accounts HTTP/2.0\r\nHost: a\r\n", "Content-Length: 0\r\n\r\n[REQUEST]"), InlineData("POST  /v1/accounts HTTP/1.1\r\nHost: a\r\n", "Content-Length: 0\r\n\r\n[REQUEST]")]
    public async Task ABrokenRequestLineIsRefusedAndWhatLiesBehindItIsNotSeen(string head, string form)
    {
        long before = running.Accounts;
        var (text, closed) = await SendAsync(head, form);
        Assert.True(closed, text);
        Assert.True(text.Length == 0 || text.StartsWith("HTTP/1.1 4", StringComparison.Ordinal) || text.StartsWith("HTTP/1.1 5", StringComparison.Ordinal), text);
        Assert.Equal(before, running.Accounts);
    }

    /// <summary>What the tests above look for would show: sent in order, the request behind makes an account.</summary>
    [Fact]
    public async Task TheSecondRequestWouldMakeAnAccount()
    {
        await using var server = await TestServer.StartAsync();
        byte[] token = Device.Link(await server.InviteAsync());
        await using var connection = await RawConnection.OpenAsync(server.Endpoint);
        await connection.SendAsync(Bytes("POST /v1/accounts HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx[REQUEST]", token));
        var (text, _) = await connection.ReadAllAsync(Patience);
        Assert.Equal(2, Answers(text));
        Assert.Contains("HTTP/1.1 200", text, StringComparison.Ordinal);
    }

    /// <summary>All the forms there are.</summary>
    internal static string[] Forms() =>
        [.. typeof(SmugglingTests).GetMethod(nameof(WhatCanBeReadInTwoWaysIsRefusedAndWhatLiesBehindItIsNotSeen))!
            .GetCustomAttributes<InlineDataAttribute>().Select(static each => (string)each.Data[0]!)];

    private async Task<(string Text, bool Closed)> SendAsync(string head, string form)
    {
        await using var connection = await RawConnection.OpenAsync(running.Server.Endpoint);
        await connection.SendAsync(Bytes(head + form, running.Token));
        return await connection.ReadAllAsync(Patience);
    }

    internal static byte[] Bytes(string form, byte[] token)
    {
        byte[] body = Tls.Encode(new Device().Registration(token));
        string request = $"POST /v1/accounts HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n{Encoding.Latin1.GetString(body)}";
        string text = form.Replace("[REQUEST]", request, StringComparison.Ordinal);
        int length = text.Length - text.IndexOf("\r\n\r\n", StringComparison.Ordinal) - 4;
        return Encoding.Latin1.GetBytes(text.Replace("[LEN]", length.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
    }

    private static int Answers(string text) => text.Split("HTTP/1.1 ").Length - 1;

    /// <summary>One server for all of them, and an invite that stays unused.</summary>
    public sealed class Running : IAsyncLifetime
    {
        internal TestServer Server { get; private set; } = null!;

        internal byte[] Token { get; private set; } = [];

        internal long Accounts => Server.Node.Metrics.InvitesUsed.Value;

        public async ValueTask InitializeAsync()
        {
            Server = await TestServer.StartAsync();
            await using var member = await Server.ConnectAsync();
            Token = new byte[16];
            (await member.HttpAsync(Rest.Invites, new InviteUpload(InviteSecret.TokenHash(Token), 1, ProtocolLimits.InviteUses))).EnsureSuccessStatusCode();
        }

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
