using Holdfast.Protocol;
using Holdfast.Server.Limits;
using Holdfast.Server.Storage;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Server.Web;

/// <summary>
/// /health and what is below it. Whether the disk takes writes is found out by writing: one write for all who ask, at most one in
/// <see cref="GoodFor"/> while it does and one in <see cref="BadFor"/> while it does not, so that nobody wears the disk out by asking.
/// </summary>
internal sealed class Health(Writer writer, Draining draining, TimeProvider clock)
{
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BadFor = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly byte[] Ok = "ok\n"u8.ToArray();

    private readonly Lock _gate = new();
    private Task<bool> _writing = Task.FromResult(true);
    private long? _wrote;

    /// <summary>GET /health/live: the process answers.</summary>
    public static Task LiveAsync(HttpContext context) => SayOkAsync(context);

    /// <summary>GET /health: whether the server can store.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        if (!await WritesAsync()) throw new RefusalException(RefusalCode.StorageFailed);
        await SayOkAsync(context);
    }

    /// <summary>GET /health/ready: whether the server takes requests, 503 where it does not.</summary>
    public async Task ReadyAsync(HttpContext context)
    {
        if (!draining.HasBegun && await WritesAsync())
        {
            await SayOkAsync(context);
            return;
        }
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = Problems.RetryAfterSeconds;
    }

    private async Task<bool> WritesAsync()
    {
        Task<bool> writing;
        lock (_gate)
        {
            if (_writing.IsCompleted && !IsFresh())
            {
                _wrote = clock.GetTimestamp();
                _writing = WriteAsync();
            }
            writing = _writing;
        }
        try { return await writing.WaitAsync(Patience) && writer.Healthy; }
        catch (TimeoutException) { return false; }   // the disk does not answer
    }

    private bool IsFresh() =>
        _wrote is { } wrote && clock.GetElapsedTime(wrote) < (writer.Healthy && _writing is { IsCompletedSuccessfully: true, Result: true } ? GoodFor : BadFor);

    private async Task<bool> WriteAsync()
    {
        try
        {
            return await writer.RunAsync(
                static stores =>
                {
                    stores.Settings.Set(Settings.Probe, new byte[64]);
                    return true;
                },
                CancellationToken.None);
        }
        catch (RefusalException) { return false; }
    }

    private static Task SayOkAsync(HttpContext context)
    {
        context.Response.ContentType = "text/plain";
        return context.Response.Body.WriteAsync(Ok, context.RequestAborted).AsTask();
    }
}
