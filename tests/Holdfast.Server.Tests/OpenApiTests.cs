using System.Net;
using System.Text.Json;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Tests.Support;
using Holdfast.Server.Web;

namespace Holdfast.Server.Tests;

/// <summary>docs/openapi.json says what there is, and nothing else.</summary>
public sealed class OpenApiTests
{
    private static readonly string[] Methods = ["get", "head", "post", "put", "patch", "delete", "options", "trace"];

    [Fact]
    public async Task EveryRouteIsDescribedAndNothingBesides()
    {
        await using var server = await TestServer.StartAsync();
        using var document = await ReadAsync(server);
        var described = Operations(document).Select(static each => $"{each.Method.ToUpperInvariant()} {each.Path}");
        Assert.Equal(server.Routes.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task EveryCodeIsListedWithItsStatus()
    {
        await using var server = await TestServer.StartAsync();
        using var document = await ReadAsync(server);
        var problem = document.RootElement.GetProperty("components").GetProperty("schemas").GetProperty("Problem");
        var listed = problem.GetProperty("x-statuses").EnumerateObject().Select(static each => $"{each.Name} {each.Value.GetInt32()}");
        Assert.Equal(Enum.GetValues<RefusalCode>().Select(static code => $"{Problems.NameOf(code)} {Problems.StatusOf(code)}").Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
        Assert.Equal(
            Enum.GetValues<RefusalCode>().Select(Problems.NameOf), problem.GetProperty("properties").GetProperty("code").GetProperty("enum").EnumerateArray().Select(static each => each.GetString()));
    }

    /// <summary>A route that is not public answers whoever has no session, an ended one or a made-up one alike, whatever it is asked for.</summary>
    [Fact]
    public async Task WhatNeedsASessionIsRefusedWithoutOne()
    {
        await using var server = await TestServer.StartAsync();
        var session = await server.ConnectAsync();
        string blob = await BlobAsync(session), pin = $"{session.Device!.Pin}";
        using var ended = session.Request(HttpMethod.Get, "/");
        string token = ended.Headers.Authorization!.ToString();
        await session.DisposeAsync();
        await Eventually.Async(() => Task.FromResult(server.Node.Hub.Count == 0));
        using var document = await ReadAsync(server);
        var secured = Operations(document).Where(static each => each.Operation.GetProperty("security").GetArrayLength() > 0).ToList();
        Assert.Equal(8, secured.Count);
        foreach (var (method, path, operation) in secured)
        {
            Assert.True(operation.GetProperty("responses").TryGetProperty("401", out _), path);
            foreach (string? authorization in new[] { null, token, $"Bearer {new string('0', 64)}" })
            {
                foreach (string there in new[] { path.Replace("{blob}", blob, StringComparison.Ordinal).Replace("{pin}", pin, StringComparison.Ordinal), path.Replace("{blob}", $"{BlobId.Of(new byte[16])}", StringComparison.Ordinal).Replace("{pin}", $"{Pin.FromRandom(new byte[8])}", StringComparison.Ordinal) })
                {
                    using var request = new HttpRequestMessage(new HttpMethod(method.ToUpperInvariant()), there);
                    if (authorization is not null) request.Headers.Add("Authorization", authorization);
                    await Refusals.ExpectAsync(await server.Endpoint.Http.SendAsync(request, TestContext.Current.CancellationToken), RefusalCode.NotLoggedIn, hasBody: method != "head");
                }
            }
        }
    }

    /// <summary>A blob that is there and one that is not look alike to whoever may not delete it.</summary>
    [Fact]
    public async Task AWrongDeleteTokenAndNoBlobLookAlike()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var answers = new List<string>();
        foreach (string blob in new[] { await BlobAsync(session), $"{BlobId.Of(RandomSource.System.PublicBytes(16))}" })
        {
            using var request = session.Request(HttpMethod.Delete, Rest.Blobs + blob);
            request.Headers.Add(Rest.DeleteToken, new string('0', 64));
            using var answer = await session.HttpAsync(request);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            answers.Add(string.Join('\n', answer.Headers.Concat(answer.Content.Headers).Where(static header => header.Key != "Date").Select(static header => $"{header.Key}: {string.Join(',', header.Value)}")) +
                await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
        Assert.Equal(answers[0], answers[1]);
    }

    private static async Task<string> BlobAsync(Session session)
    {
        var blob = BlobId.Of(RandomSource.System.PublicBytes(16));
        (await session.HttpAsync(Rest.Blobs + blob, new BlobCreation(3, new byte[32], ExpiryBucket.Day))).EnsureSuccessStatusCode();
        return $"{blob}";
    }

    private static async Task<JsonDocument> ReadAsync(TestServer server)
    {
        using var answer = await server.Endpoint.Http.GetAsync(new Uri(Rest.OpenApi, UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        return JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    private static IEnumerable<(string Method, string Path, JsonElement Operation)> Operations(JsonDocument document) =>
        from path in document.RootElement.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        where Methods.Contains(operation.Name)
        select (operation.Name, path.Name, operation.Value);
}
