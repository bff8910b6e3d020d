using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

public sealed class BlobTests
{
    private readonly byte[] _token = RandomSource.System.PublicBytes(16);
    private readonly BlobId _blob = BlobId.Of(RandomSource.System.PublicBytes(16));

    private string Path => Rest.Blobs + _blob;

    [Fact]
    public async Task AnUploadBrokenOffIsResumedWhereItEnded()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        byte[] content = RandomSource.System.PublicBytes(3 << 20);
        await CreateAsync(session, content.Length);
        using (var broken = session.Request(HttpMethod.Patch, Path, new BrokenContent(content, 1_500_000)))
        {
            broken.Headers.Add(Rest.UploadOffset, "0");
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => server.Endpoint.Http.SendAsync(broken, TestContext.Current.CancellationToken));
        }
        long there = 0;
        await Eventually.Async(async () =>
        {
            using var head = await session.HttpAsync(HttpMethod.Head, Path);
            there = OffsetOf(head);
            Assert.Equal(content.Length.ToString(CultureInfo.InvariantCulture), head.Headers.GetValues(Rest.UploadLength).Single());
            return there > 0;
        });
        await Refusals.ExpectAsync(await session.HttpAsync(HttpMethod.Get, Path), RefusalCode.UnknownBlob);   // not complete
        HttpResponseMessage rest;
        while ((rest = await AppendAsync(session, there, content[(int)there..])).StatusCode == HttpStatusCode.Conflict) there = OffsetOf(rest);
        Assert.Equal(HttpStatusCode.NoContent, rest.StatusCode);
        Assert.Equal(content.Length, OffsetOf(rest));
        using var got = await session.HttpAsync(HttpMethod.Get, Path);
        Assert.Equal(content, await got.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ARangeIsReadAndABlobOutlivesARestart()
    {
        await using var server = await TestServer.StartAsync();
        var device = await server.JoinAsync();
        byte[] content = RandomSource.System.PublicBytes(100_000);
        await using (var session = await device.ConnectAsync(server.Endpoint))
        {
            await CreateAsync(session, content.Length);
            (await AppendAsync(session, 0, content)).EnsureSuccessStatusCode();
        }
        await server.RestartAsync();
        await using var later = await device.ConnectAsync(server.Endpoint);
        using var request = later.Request(HttpMethod.Get, Path);
        request.Headers.Range = new RangeHeaderValue(50_000, 50_099);
        using var part = await server.Endpoint.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(content[50_000..50_100], await part.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task OnlyTheTokenDeletes()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        await CreateAsync(session, 5);
        (await AppendAsync(session, 0, [1, 2, 3, 4, 5])).EnsureSuccessStatusCode();
        foreach (string wrong in new[] { "", "zz", "00", Convert.ToHexString(RandomSource.System.PublicBytes(16)) })
            await Refusals.ExpectAsync(await DeleteAsync(session, wrong), RefusalCode.UnknownBlob);
        (await session.HttpAsync(HttpMethod.Get, Path)).EnsureSuccessStatusCode().Dispose();
        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync(session, Convert.ToHexString(_token))).StatusCode);
        await Refusals.ExpectAsync(await session.HttpAsync(HttpMethod.Get, Path), RefusalCode.UnknownBlob);
        Assert.Equal(0, Disk.BlobBytes(server.Options));
    }

    [Fact]
    public async Task WhatDoesNotFitIsAConflictAndChangesNothing()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        await CreateAsync(session, 10);
        await CreateAsync(session, 10);   // repeated
        await Refusals.ExpectAsync(await session.HttpAsync(Path, Creation(11)), RefusalCode.BlobConflict);
        (await AppendAsync(session, 0, new byte[4])).EnsureSuccessStatusCode();
        await Refusals.ExpectAsync(await AppendAsync(session, 0, new byte[4]), RefusalCode.BlobConflict);
        await Refusals.ExpectAsync(await AppendAsync(session, 5, new byte[4]), RefusalCode.BlobConflict);
        await Refusals.ExpectAsync(await AppendAsync(session, 4, new byte[7]), RefusalCode.BlobConflict);
        await Refusals.ExpectAsync(await AppendAsync(session, 4, new byte[7], chunked: true), RefusalCode.BlobConflict);
        await Refusals.ExpectAsync(await AppendAsync(session, -4, new byte[7]), RefusalCode.Malformed);
        using var head = await session.HttpAsync(HttpMethod.Head, Path);
        Assert.Equal(4, OffsetOf(head));
    }

    [Fact]
    public async Task ABlobOverTheLimitOrWithoutANameIsRefused()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        await Refusals.ExpectAsync(await session.HttpAsync(Path, Creation((ulong)ProtocolLimits.BlobBytes + 1)), RefusalCode.Malformed);
        await Refusals.ExpectAsync(await session.HttpAsync(Rest.Blobs + "..%2f..%2fetc", Creation(1)), RefusalCode.Malformed);
        await Refusals.ExpectAsync(await AppendAsync(session, 0, new byte[1]), RefusalCode.UnknownBlob);
    }

    [Fact]
    public async Task AnEmptyBlobIsComplete()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        await CreateAsync(session, 0);
        using var got = await session.HttpAsync(HttpMethod.Get, Path);
        Assert.Equal(HttpStatusCode.OK, got.StatusCode);
        Assert.Empty(await got.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    [Trait(Place.Trait, Place.Sqlite)]
    public async Task FileTimesSayNoMoreThanTheDay()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        await CreateAsync(session, 3);
        (await AppendAsync(session, 0, new byte[3])).EnsureSuccessStatusCode();
        string file = Assert.Single(Directory.EnumerateFiles(server.Options.BlobFolder, "*", SearchOption.AllDirectories));
        Assert.Equal(TimeSpan.Zero, File.GetLastWriteTimeUtc(file).TimeOfDay);
        Assert.Equal(TimeSpan.Zero, Directory.GetLastWriteTimeUtc(System.IO.Path.GetDirectoryName(file)!).TimeOfDay);
    }

    private BlobCreation Creation(ulong size) => new(size, SHA256.HashData(_token), ExpiryBucket.Retention);

    private async Task CreateAsync(Session session, int size)
    {
        using var created = await session.HttpAsync(Path, Creation((ulong)size));
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
    }

    private async Task<HttpResponseMessage> AppendAsync(Session session, long offset, byte[] bytes, bool chunked = false)
    {
        var request = session.Request(HttpMethod.Patch, Path, new ByteArrayContent(bytes));
        request.Headers.Add(Rest.UploadOffset, offset.ToString(CultureInfo.InvariantCulture));
        request.Headers.TransferEncodingChunked = chunked;
        return await session.HttpAsync(request);
    }

    private async Task<HttpResponseMessage> DeleteAsync(Session session, string token)
    {
        var request = session.Request(HttpMethod.Delete, Path);
        request.Headers.Add(Rest.DeleteToken, token);
        return await session.HttpAsync(request);
    }

    private static long OffsetOf(HttpResponseMessage response) =>
        long.Parse(response.Headers.GetValues(Rest.UploadOffset).Single(), CultureInfo.InvariantCulture);

    /// <summary>Promises all and breaks off in the middle.</summary>
    private sealed class BrokenContent(byte[] bytes, int sent) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(bytes.AsMemory(0, sent));
            await stream.FlushAsync();
            await Task.Delay(200);
            throw new IOException("broken off");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}
