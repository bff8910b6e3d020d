using Holdfast.Protocol;
using Holdfast.Server.Connections;
using Holdfast.Server.Metrics;
using Holdfast.Server.Storage;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Server.Limits;

/// <summary>Who may come in at all. Whoever looks after the server is always answered.</summary>
internal sealed class Admission(Draining draining, Writer writer, Hub hub, ServerMetrics metrics, int mostConnections)
{
    /// <summary>Kestrel renames a Content-Length that stands beside a Transfer-Encoding; a proxy in front may have gone by it.</summary>
    private const string RenamedContentLength = "X-Content-Length";

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Request.Headers;
        if (headers.TransferEncoding.Count > 0 && (headers.ContainsKey(RenamedContentLength) || !IsChunked(headers))) Refuse(context, RefusalCode.Malformed);
        if (context.Request.Path.StartsWithSegments(Rest.Health)) return next(context);
        if (draining.HasBegun) Refuse(context, RefusalCode.ShuttingDown);
        if (context.Request.Path == Rest.Connect || context.Request.Path == Rest.Accounts)
        {
            if (writer.IsOverloaded) RefuseFor(Limited.Overload);
            if (hub.Count >= mostConnections) RefuseFor(Limited.Capacity);
        }
        return next(context);
    }

    private static bool IsChunked(IHeaderDictionary headers) => string.Equals(headers.TransferEncoding, "chunked", StringComparison.OrdinalIgnoreCase);

    private void RefuseFor(Limited what)
    {
        metrics.LimitsHit.Add(what);
        throw new RefusalException(RefusalCode.TooMany, StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>And reads nothing more on that connection.</summary>
    private static void Refuse(HttpContext context, RefusalCode code)
    {
        context.Response.Headers.Connection = "close";
        throw new RefusalException(code);
    }
}
