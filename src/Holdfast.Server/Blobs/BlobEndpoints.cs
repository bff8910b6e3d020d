using System.Globalization;
using System.Security.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Connections;
using Holdfast.Server.Limits;
using Holdfast.Server.Metrics;
using Holdfast.Server.Storage;
using Holdfast.Server.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Holdfast.Server.Blobs;

/// <summary>/v1/blobs/{id}: made, appended to (resumable), read in ranges, deleted by whoever has the token. Needs a session, keeps no owner.</summary>
internal sealed class BlobEndpoints(
    Writer writer, Readers readers, Sessions sessions, IBlobContents contents, Retention retention, ServerMetrics metrics,
    ILogger<BlobEndpoints> log)
{
    /// <summary>POST: makes an empty blob; doing it twice is doing it once.</summary>
    public async Task CreateAsync(HttpContext context)
    {
        (await sessions.AuthorizeAsync(context)).Allowance.Take(Limited.Blobs);
        var blob = BlobOf(context);
        var creation = await Body.ReadAsync<BlobCreation>(context);
        long hour = retention.Hour, expires = retention.ExpiresHour(creation.Expiry);
        if (!await writer.RunAsync(stores => stores.Blobs.Add(blob, creation, expires, hour), context.RequestAborted))
            throw new RefusalException(RefusalCode.BlobConflict);
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers[Rest.UploadOffset] = Text(await contents.LengthAsync(blob, context.RequestAborted));
    }

    /// <summary>PATCH with Upload-Offset: appends. What is acknowledged is on disk.</summary>
    public async Task AppendAsync(HttpContext context)
    {
        var (blob, row) = await FindAsync(context);
        if (!long.TryParse(context.Request.Headers[Rest.UploadOffset], NumberStyles.None, CultureInfo.InvariantCulture, out long offset))
            throw new RefusalException(RefusalCode.Malformed);
        context.Response.Headers[Rest.UploadOffset] = Text(await contents.LengthAsync(blob, context.RequestAborted));
        if (offset > row.Size || context.Request.ContentLength > row.Size - offset) throw new RefusalException(RefusalCode.BlobConflict);
        (await sessions.AuthorizeAsync(context)).Allowance.Take(Limited.BlobBytes, context.Request.ContentLength ?? (row.Size - offset));
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = null;   // the blob's own size bounds it
        try
        {
            long length = await contents.AppendAsync(blob, row, offset, context.Request.BodyReader, context.RequestAborted);
            metrics.BlobBytesIn.Add(length - offset);
            context.Response.Headers[Rest.UploadOffset] = Text(length);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (StorageException failure)
        {
            Log.BlobFailed(log, failure.Message);
            throw;
        }
    }

    /// <summary>HEAD: how much is there.</summary>
    public async Task HeadAsync(HttpContext context)
    {
        var (blob, row) = await FindAsync(context);
        context.Response.Headers[Rest.UploadOffset] = Text(await contents.LengthAsync(blob, context.RequestAborted));
        context.Response.Headers[Rest.UploadLength] = Text(row.Size);
        context.Response.Headers.AcceptRanges = "bytes";
    }

    /// <summary>GET: a complete blob, or a range of it.</summary>
    public async Task GetAsync(HttpContext context)
    {
        var (blob, row) = await FindAsync(context);
        if (await contents.LengthAsync(blob, context.RequestAborted) != row.Size) throw new RefusalException(RefusalCode.UnknownBlob);
        var content = row.Size == 0 ? Stream.Null : await contents.OpenReadAsync(blob, context.RequestAborted);
        metrics.BlobBytesOut.Add(row.Size);
        await Results.Stream(content, "application/octet-stream", enableRangeProcessing: row.Size > 0).ExecuteAsync(context);
    }

    /// <summary>DELETE with Delete-Token: the bytes go first, then the row, so that none are ever left without one.</summary>
    public async Task DeleteAsync(HttpContext context)
    {
        var (blob, row) = await FindAsync(context);
        if (!HasToken(context, row)) throw new RefusalException(RefusalCode.UnknownBlob);
        await contents.DeleteAsync(blob, CancellationToken.None);
        await writer.RunAsync(
            stores =>
            {
                stores.Blobs.Remove(blob);
                return true;
            },
            CancellationToken.None);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async ValueTask<(BlobId Blob, BlobRow Row)> FindAsync(HttpContext context)
    {
        await sessions.AuthorizeAsync(context);
        var blob = BlobOf(context);
        long hour = retention.Hour;
        return (blob, await readers.ReadAsync(stores => stores.Blobs.Find(blob, hour), context.RequestAborted)
            ?? throw new RefusalException(RefusalCode.UnknownBlob));
    }

    private static bool HasToken(HttpContext context, BlobRow row)
    {
        string text = context.Request.Headers[Rest.DeleteToken].ToString();
        if (text.Length is 0 or > 2 * ProtocolLimits.DigestBytes || text.Length % 2 != 0 || !text.All(char.IsAsciiHexDigit)) return false;
        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(Convert.FromHexString(text)), row.DeleteTokenHash.Span);
    }

    private static BlobId BlobOf(HttpContext context) =>
        BlobId.Parse((string?)context.GetRouteValue("blob") ?? "") ?? throw new RefusalException(RefusalCode.Malformed);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
