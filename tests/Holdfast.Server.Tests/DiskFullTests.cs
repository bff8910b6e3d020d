using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

[Trait(Place.Trait, Place.Sqlite)]
public sealed class DiskFullTests
{
    [Fact]
    public async Task AFullDiskRefusesWithoutHalfDoingAnythingAndRecovers()
    {
        string folder = TestServer.NewFolder();
        Assert.SkipUnless(await RunAsync("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder), "mounting a small disk needs root");
        try
        {
            await using var server = await TestServer.StartAsync(options => options with { Diagnostics = Microsoft.Extensions.Logging.LogLevel.None }, folder);
            await using var session = await server.ConnectAsync();
            var (log, _) = await session.NewLogAsync();
            string filler = Path.Combine(folder, "filler");
            await File.WriteAllBytesAsync(filler, new byte[1 << 20], TestContext.Current.CancellationToken);

            var accepted = new List<MessageId>();
            Post post;
            while (true)
            {
                var next = Device.NewKey();
                post = Posts.Commit(log, (ulong)accepted.Count, next, Posts.To(session.Device!.Id, 60_000)) with { Position = (ulong)accepted.Count };
                var answer = await session.AskAsync(request => new SubmitPost(request, post));
                if (answer is Refused refused)
                {
                    Assert.Equal(RefusalCode.StorageFailed, refused.Code);
                    break;
                }
                accepted.Add(post.Id);
                await session.SubscribeAsync(log, next);   // as whoever has committed does
                Assert.True(accepted.Count < 100);
            }
            await ExpectBlobRefusedAsync(session);
            Assert.Equal(accepted, (await session.ReadAllAsync(log)).Select(entry => entry.Id));

            File.Delete(filler);
            await Eventually.Async(async () =>
            {
                using var health = await server.Endpoint.Http.GetAsync(new Uri(Rest.Health, UriKind.Relative), TestContext.Current.CancellationToken);
                return health.StatusCode == HttpStatusCode.OK;
            });
            Assert.Equal((ulong)accepted.Count + 1, await session.PostAsync(post));
            Assert.Equal([.. accepted, post.Id], (await session.ReadAllAsync(log)).Select(entry => entry.Id));
        }
        finally
        {
            await RunAsync("umount", "-l", folder);
            Directory.Delete(folder);
        }
    }

    [Fact]
    public async Task AServerThatCannotBeginOnAFullDiskSaysWhatToDo()
    {
        string folder = TestServer.NewFolder();
        Assert.SkipUnless(await RunAsync("mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", folder), "mounting a small disk needs root");
        try
        {
            var (code, output, errors) = await ServerProcess.RunAsync("run", "--data", folder, "--listen", "https://127.0.0.1:0");
            Assert.Equal((1, ""), (code, output));
            Assert.Contains("make room", errors, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        }
        finally
        {
            await RunAsync("umount", "-l", folder);
            Directory.Delete(folder);
        }
    }

    private static async Task ExpectBlobRefusedAsync(Session session)
    {
        var blob = BlobId.Of(RandomSource.System.PublicBytes(16));
        using var created = await session.HttpAsync(Rest.Blobs + blob, new BlobCreation(4 << 20, SHA256.HashData([1]), ExpiryBucket.Day));
        if (!created.IsSuccessStatusCode)
        {
            await Refusals.ExpectAsync(created, RefusalCode.StorageFailed);
            return;
        }
        using var request = session.Request(HttpMethod.Patch, Rest.Blobs + blob, new ByteArrayContent(new byte[4 << 20]));
        request.Headers.Add(Rest.UploadOffset, "0");
        await Refusals.ExpectAsync(await session.HttpAsync(request), RefusalCode.StorageFailed);
        using var head = await session.HttpAsync(HttpMethod.Head, Rest.Blobs + blob);
        Assert.Equal("0", head.Headers.GetValues(Rest.UploadOffset).Single());
    }

    private static async Task<bool> RunAsync(string command, params string[] arguments)
    {
        if (!OperatingSystem.IsLinux()) return false;
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }
}
