using Holdfast.Protocol;
using Holdfast.Server.Limits;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Server.Connections;

/// <summary>GET /v1/connect: the device's WebSocket.</summary>
internal sealed class ConnectEndpoint(ConnectionServices services, AddressLimits addresses)
{
    public async Task HandleAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest) throw new RefusalException(RefusalCode.Malformed);
        var visitor = addresses.VisitorOf(context);
        using var place = visitor.Open();
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        using var connection = new Connection(socket, services, visitor, context.RequestAborted);
        try { await connection.RunAsync(); }
        catch (Exception bug) when (bug is not OperationCanceledException)   // a connection's main loop
        {
            Log.ConnectionFailed(services.Log, Fault.Of(bug));
        }
    }
}
