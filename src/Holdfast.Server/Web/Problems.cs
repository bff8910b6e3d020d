using System.Text.Json;
using Holdfast.Protocol;
using Holdfast.Server.Metrics;
using Holdfast.Server.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Holdfast.Server.Web;

/// <summary>Refusals over REST: problem+json (RFC 9457) with a stable code and never a word of the input.</summary>
internal sealed class Problems(RequestDelegate next, ServerMetrics metrics, ILogger<Problems> log, bool isShared)
{
    /// <summary>After how many seconds whoever was refused for now may try again: an hour's measure gives one back within that in most cases.</summary>
    public const string RetryAfterSeconds = "5";

    public async Task InvokeAsync(HttpContext context)
    {
        try { await next(context); }
        catch (RefusalException refusal) { await WriteAsync(context, refusal.Code, refusal.Status); }
        catch (StorageException) { await WriteAsync(context, RefusalCode.StorageFailed); }
        catch (BadHttpRequestException bad)
        {
            await WriteAsync(context, bad.StatusCode == StatusCodes.Status413PayloadTooLarge ? RefusalCode.TooLarge : RefusalCode.Malformed);
        }
        catch (IOException bad) when (bad.InnerException is OverflowException) { await WriteAsync(context, RefusalCode.Malformed); }   // a chunk's length
        catch (Exception gone) when (context.RequestAborted.IsCancellationRequested && gone is OperationCanceledException or IOException)
        {
            context.Abort();   // nobody is there to answer
        }
        catch (Exception bug)   // a request's main loop
        {
            Log.RequestFailed(log, Fault.Of(bug));
            await WriteAsync(context, RefusalCode.StorageFailed, StatusCodes.Status500InternalServerError);
        }
    }

    /// <summary>The HTTP status of a refusal; 503 in place of 507 where the database is another program's, which comes back.</summary>
    public static int StatusOf(RefusalCode code) => code switch
    {
        RefusalCode.Malformed => StatusCodes.Status400BadRequest,
        RefusalCode.TooLarge => StatusCodes.Status413PayloadTooLarge,
        RefusalCode.NotLoggedIn or RefusalCode.BadLogin => StatusCodes.Status401Unauthorized,
        RefusalCode.NoAccess or RefusalCode.KeyExpired or RefusalCode.BadInvite or RefusalCode.ReadOnly => StatusCodes.Status403Forbidden,
        RefusalCode.UnknownPin or RefusalCode.UnknownBlob or RefusalCode.UnknownDevice => StatusCodes.Status404NotFound,
        RefusalCode.Cloned or RefusalCode.LogExists or RefusalCode.BlobConflict => StatusCodes.Status409Conflict,
        RefusalCode.TooMany => StatusCodes.Status429TooManyRequests,
        RefusalCode.StorageFailed => StatusCodes.Status507InsufficientStorage,
        RefusalCode.ShuttingDown => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>The stable code, such as <c>bad-invite</c>.</summary>
    public static string NameOf(RefusalCode code) => JsonNamingPolicy.KebabCaseLower.ConvertName(code.ToString());

    private Task WriteAsync(HttpContext context, RefusalCode code, int? status = null)
    {
        metrics.Refusals.Add(code);
        if (context.Response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }
        context.Response.StatusCode = status ?? (isShared && code == RefusalCode.StorageFailed ? StatusCodes.Status503ServiceUnavailable : StatusOf(code));
        context.Response.ContentType = "application/problem+json";
        if (context.Response.StatusCode is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
        string name = NameOf(code);
        return context.Response.WriteAsync($$"""{"title":"{{name}}","status":{{context.Response.StatusCode}},"code":"{{name}}"}""");
    }
}
