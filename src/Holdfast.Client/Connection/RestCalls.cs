using System.Net.Http.Headers;
using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>The REST part but for blobs: accounts, key packages, invites.</summary>
/// <param name="server">The server.</param>
/// <param name="session">The bearer token of the connection; null where none is needed.</param>
internal sealed class RestCalls(PinnedServer server, ReadOnlyMemory<byte>? session)
{
    /// <summary>Whether the server answers and can store.</summary>
    internal async Task CheckHealthAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Rest.Health);
        using var response = await server.SendAsync(request, cancellationToken);
    }

    internal async Task<Pin> RegisterAsync(Registration registration, CancellationToken cancellationToken) =>
        (await AskAsync<Registration, Registered>(Rest.Accounts, registration, cancellationToken)).Pin;

    internal Task UploadKeyPackagesAsync(KeyPackageUpload upload, CancellationToken cancellationToken) =>
        TellAsync(Rest.KeyPackages, upload, cancellationToken);

    internal Task UploadInviteAsync(InviteUpload upload, CancellationToken cancellationToken) =>
        TellAsync(Rest.Invites, upload, cancellationToken);

    /// <summary>One key package for each device of a person.</summary>
    internal async Task<Invitee> ClaimAsync(Pin pin, CancellationToken cancellationToken)
    {
        using var response = await PostAsync(Rest.Claim(pin), [], cancellationToken);
        return new(pin, await ReadAsync<ClaimedKeyPackages>(response, cancellationToken));
    }

    /// <summary>A request with the connection's bearer token.</summary>
    internal HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, path);
        if (session is { } token) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Convert.ToHexStringLower(token.Span));
        return request;
    }

    internal static ByteArrayContent Body(byte[] bytes)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(Rest.ContentType);
        return content;
    }

    private async Task<TAnswer> AskAsync<TBody, TAnswer>(string path, TBody body, CancellationToken cancellationToken)
        where TBody : ITlsStruct<TBody> where TAnswer : ITlsStruct<TAnswer>
    {
        using var response = await PostAsync(path, Tls.Encode(body), cancellationToken);
        return await ReadAsync<TAnswer>(response, cancellationToken);
    }

    private async Task TellAsync<TBody>(string path, TBody body, CancellationToken cancellationToken) where TBody : ITlsStruct<TBody>
    {
        using var response = await PostAsync(path, Tls.Encode(body), cancellationToken);
    }

    private async Task<HttpResponseMessage> PostAsync(string path, byte[] body, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Post, path);
        request.Content = Body(body);
        return await server.SendAsync(request, cancellationToken);
    }

    private async Task<T> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancellationToken) where T : ITlsStruct<T>
    {
        try
        {
            await response.Content.LoadIntoBufferAsync(ProtocolLimits.FrameBytes, cancellationToken);
            return Tls.Decode<T>(await response.Content.ReadAsByteArrayAsync(cancellationToken));
        }
        catch (Exception unreadable) when (unreadable is CodecException or HttpRequestException or IOException)
        {
            throw new UnreachableException(server.Address);
        }
    }
}
