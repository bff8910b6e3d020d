using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Holdfast.Server.Metrics;

/// <summary>GET /metrics, on an address of its own that only this machine reaches. There is nothing else on it, and it is nowhere else.</summary>
internal sealed class MetricsEndpoint(ServerMetrics metrics)
{
    private const string Path = "/metrics";
    private const string TextFormat = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Opens the address. Whether a request came in by it is known by the connection, and not by anything the request says.</summary>
    public static void Listen(KestrelServerOptions kestrel, IPEndPoint address) => kestrel.Listen(address, static listen =>
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(static next => connection =>
        {
            connection.Features.Set(new Door());
            return next(connection);
        });
    });

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<Door>() is null) return next(context);
        if (context.Request.Path != Path || !HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }
        context.Response.ContentType = TextFormat;
        return context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(metrics.ToText()), context.RequestAborted).AsTask();
    }

    private sealed class Door;
}
