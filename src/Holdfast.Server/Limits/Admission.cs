using Holdfast.Protocol;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Server.Limits;

/// <summary>Who may come in at all. Whoever looks after the server is always answered.</summary>
internal sealed class Admission(Draining draining)
{
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path.StartsWithSegments(Rest.Health)) return next(context);
        if (draining.HasBegun)
        {
            context.Response.Headers.Connection = "close";
            throw new RefusalException(RefusalCode.ShuttingDown);
        }
        return next(context);
    }
}
