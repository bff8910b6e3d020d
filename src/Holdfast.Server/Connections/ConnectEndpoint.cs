using Holdfast.Protocol;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Server.Connections;

/// <summary>GET /v1/connect: the device's WebSocket.</summary>
internal sealed class ConnectEndpoint(ConnectionServices services)
{
    public async Task HandleAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest) throw new RefusalException(RefusalCode.Malformed);
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        using var connection = new Connection(socket, services, context.RequestAborted);
        try { await connection.RunAsync(); }
        catch (Exception bug) when (bug is not OperationCanceledException)   // a connection's main loop
        {
            Log.ConnectionFailed(services.Log, bug);
        }
    }
}
