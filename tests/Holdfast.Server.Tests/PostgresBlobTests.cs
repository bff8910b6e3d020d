using System.Net;
using System.Security.Cryptography;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Tests.Faults;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

/// <summary>Files while the database is away.</summary>
[Trait(Place.Trait, Place.Postgres)]
public sealed class PostgresBlobTests
{
    [Fact]
    public async Task WhileTheDatabaseIsAwayFilesAreRefusedForNowAndItIsNoBug()
    {
        Assert.SkipUnless(Place.IsShared, "HOLDFAST_TEST_DATABASE names no PostgreSQL");
        await using var postgres = await OwnPostgres.StartAsync();
        await using var server = await ServerProcess.StartAsync(postgres.Address);
        await using var session = await (await Device.JoinAsync(server.Endpoint, server.OwnerInvite!)).ConnectAsync(server.Endpoint);
        byte[] content = RandomSource.System.PublicBytes(1000);
        var blob = BlobId.Of(RandomSource.System.PublicBytes(16));
        (await session.HttpAsync(Rest.Blobs + blob, new BlobCreation((ulong)content.Length, SHA256.HashData([1]), ExpiryBucket.Day))).EnsureSuccessStatusCode();
        await postgres.HaltAsync();
        foreach (var method in (HttpMethod[])[HttpMethod.Patch, HttpMethod.Get, HttpMethod.Head, HttpMethod.Delete]) ExpectAway(await AskAsync(method));
        ExpectAway(await session.HttpAsync(Rest.Blobs + blob, new BlobCreation(1, SHA256.HashData([1]), ExpiryBucket.Day)));
        await postgres.GoAsync();
        using (var stored = await AskAsync(HttpMethod.Patch)) Assert.Equal(HttpStatusCode.NoContent, stored.StatusCode);
        using (var got = await AskAsync(HttpMethod.Get)) Assert.Equal(content, await got.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, await server.EndAsync());
        string[] said = await server.ErrorsAsync();
        Assert.DoesNotContain(said, static line => line.Contains("bug", StringComparison.Ordinal));
        Assert.Contains(said, static line => line.Contains("Nothing can be stored", StringComparison.Ordinal));

        Task<HttpResponseMessage> AskAsync(HttpMethod method)
        {
            var request = session.Request(method, Rest.Blobs + blob, method == HttpMethod.Patch ? new ByteArrayContent(content) : null);
            if (method == HttpMethod.Patch) request.Headers.Add(Rest.UploadOffset, "0");
            if (method == HttpMethod.Delete) request.Headers.Add(Rest.DeleteToken, "01");
            return session.HttpAsync(request);
        }
    }

    private static void ExpectAway(HttpResponseMessage answer)
    {
        using (answer)
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.NotNull(answer.Headers.RetryAfter);
        }
    }
}
