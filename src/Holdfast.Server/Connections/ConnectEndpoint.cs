using System.Security.Cryptography;
using System.Text;
using Holdfast.Protocol;
using Holdfast.Server.Limits;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Holdfast.Server.Connections;

/// <summary>GET /v1/connect: the device's WebSocket.</summary>
internal sealed class ConnectEndpoint(ConnectionServices services, AddressLimits addresses)
{
    private const string AcceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";   // RFC 6455 §1.3

    public async Task HandleAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest || context.Features.Get<IHttpUpgradeFeature>() is not { } upgrade)
            throw new RefusalException(RefusalCode.Malformed);
        var visitor = addresses.VisitorOf(context);
        using var place = visitor.Open();
        var answer = context.Response.Headers;
        (answer.Connection, answer.Upgrade, answer.SecWebSocketAccept) = ("Upgrade", "websocket", AcceptOf(context.Request.Headers.SecWebSocketKey.ToString()));
        var stream = await upgrade.UpgradeAsync();
        using var connection = new Connection(stream, services, visitor, context.RequestAborted);
        try { await connection.RunAsync(); }
        catch (Exception bug) when (bug is not OperationCanceledException)   // a connection's main loop
        {
            Log.ConnectionFailed(services.Log, Fault.Of(bug));
        }
        if (connection.IsCut) context.Abort();   // nobody is there to take the rest
    }

    /// <summary>RFC 6455 §4.2.2: shows that the server speaks this protocol. It protects nothing, and the RFC leaves no other hash.</summary>
#pragma warning disable CA5350
    private static string AcceptOf(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + AcceptSuffix)));
#pragma warning restore CA5350
}
