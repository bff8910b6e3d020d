using Holdfast.Server.Storage;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Server.Web;

/// <summary>GET /health: 200 while the server can store. After a failure it tries a write of its own, so it notices when there is room again.</summary>
internal sealed class Health(Writer writer)
{
    private static readonly byte[] Ok = "ok\n"u8.ToArray();

    public async Task HandleAsync(HttpContext context)
    {
        if (!writer.Healthy)
        {
            await writer.RunAsync(
                static stores =>
                {
                    stores.Settings.Set(Settings.Probe, new byte[64]);
                    return true;
                },
                context.RequestAborted);
        }
        context.Response.ContentType = "text/plain";
        await context.Response.Body.WriteAsync(Ok, context.RequestAborted);
    }
}
