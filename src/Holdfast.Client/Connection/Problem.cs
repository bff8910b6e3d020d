using System.Net;
using System.Text.Json;
using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>A refusal over REST: problem+json (RFC 9457) with a stable code, or else what the status alone says.</summary>
internal static class Problem
{
    private const int MostBytes = 16 << 10;

    internal static async Task<RefusalCode> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            await response.Content.LoadIntoBufferAsync(MostBytes, cancellationToken);
            using var problem = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            return problem.RootElement.TryGetProperty("code", out var code) && code.ValueKind == JsonValueKind.String
                ? Parse(code.GetString()!) ?? OfStatus(response.StatusCode)
                : OfStatus(response.StatusCode);
        }
        catch (Exception unreadable) when (unreadable is JsonException or HttpRequestException or IOException or InvalidOperationException)
        {
            return OfStatus(response.StatusCode);
        }
    }

    private static RefusalCode? Parse(string kebab)
    {
        foreach (var code in Enum.GetValues<RefusalCode>())
            if (JsonNamingPolicy.KebabCaseLower.ConvertName(code.ToString()) == kebab) return code;
        return null;
    }

    private static RefusalCode OfStatus(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized => RefusalCode.NotLoggedIn,
        HttpStatusCode.Forbidden => RefusalCode.NoAccess,
        HttpStatusCode.NotFound => RefusalCode.UnknownBlob,
        HttpStatusCode.Conflict => RefusalCode.BlobConflict,
        HttpStatusCode.RequestEntityTooLarge => RefusalCode.TooLarge,
        HttpStatusCode.TooManyRequests => RefusalCode.TooMany,
        >= HttpStatusCode.InternalServerError => RefusalCode.StorageFailed,
        _ => RefusalCode.Malformed,
    };
}
