using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Keeping;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

/// <summary>A copy is taken while the server works, and another folder is made from it.</summary>
[Trait(Place.Trait, Place.Sqlite)]
public sealed class BackupTests : IDisposable
{
    private const ulong Ahead = 1ul << SteppedBack.PositionBits;

    private readonly string _folder = TestServer.NewFolder();

    private string Data => Path.Combine(_folder, "data");

    private string File => Path.Combine(_folder, "monday.backup");

    private string Restored => Path.Combine(_folder, "restored");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task UnderLoadABackupHasAllThatWasAcknowledgedBeforeItAndNothingIsGivenOutTwiceAfterARestore()
    {
        LogId log;
        SignatureKey key;
        Device device;
        BlobId blob;
        byte[] serverKey, content = RandomSource.System.PublicBytes(300_000);
        List<MessageId> before;
        var acknowledged = new ConcurrentDictionary<MessageId, ulong>();
        await using (var server = await ServerProcess.StartAsync(Data))
        {
            device = await Device.JoinAsync(server.Endpoint, server.OwnerInvite!);
            serverKey = server.Endpoint.Key.ToArray();
            await using var session = await device.ConnectAsync(server.Endpoint);
            (log, key) = await session.NewLogAsync();
            await session.HttpAsync(Rest.KeyPackages, new KeyPackageUpload([new byte[900], new byte[901]], new byte[902]));
            blob = await UploadAsync(session, content);
            using var enough = new CancellationTokenSource();
            var posting = Enumerable.Range(0, 8).Select(_ => PostAsync(session, log, acknowledged, enough.Token)).ToArray();
            await Eventually.Async(() => Task.FromResult(acknowledged.Count > 200));
            before = [.. acknowledged.Keys];
            Assert.Equal(0, (await ServerProcess.RunAsync("backup", "--data", Data, "--to", File)).Code);
            int during = acknowledged.Count;
            Assert.True(during > before.Count, "nobody posted while the backup was made");
            await Eventually.Async(() => Task.FromResult(acknowledged.Count > during));
            await enough.CancelAsync();
            await Task.WhenAll(posting);
            await server.KillAsync();
        }
        Assert.Equal(0, (await ServerProcess.RunAsync("restore", "--data", Restored, "--from", File)).Code);
        await using var again = await ServerProcess.StartAsync(Restored);
        Assert.Equal(serverKey, again.Endpoint.Key.ToArray());
        await using var back = await device.ConnectAsync(again.Endpoint);
        Assert.Equal(0, back.LoggedIn!.KeyPackages);
        Assert.Equal(902, (await ClaimAsync(back)).Length);
        Assert.Equal(Ahead, (await back.SubscribeAsync(log, key)).Head);
        var entries = (await back.ReadAllAsync(log)).ToDictionary(static entry => entry.Id, static entry => entry.Position);
        foreach (var id in before) Assert.Equal(acknowledged[id], entries[id]);
        foreach (var (id, position) in entries.Where(entry => acknowledged.ContainsKey(entry.Key))) Assert.Equal(acknowledged[id], position);
        Assert.Equal(Ahead + 1, await back.PostAsync(Posts.Application(log, acknowledged.Values.Max())));
        using var download = await back.HttpAsync(HttpMethod.Get, Rest.Blobs + blob);
        Assert.Equal(content, await download.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task AfterARestoreInvitesAreVoidAndANewLogBeginsBehindAllThatAnybodyHas()
    {
        await using (var server = await ServerProcess.StartAsync(Data)) await BackUpAndRestoreAsync();
        await using var restored = await ServerProcess.StartAsync(Restored);
        var (code, links, _) = await ServerProcess.RunAsync("invite", "--data", Restored);
        Assert.Equal(0, code);
        var device = await Device.JoinAsync(restored.Endpoint, links.Trim());
        await using var session = await device.ConnectAsync(restored.Endpoint);
        var (log, _) = await session.NewLogAsync();
        Assert.Equal(Ahead + 1, await session.PostAsync(Posts.Application(log, 0)));
        Assert.Equal(0, await restored.EndAsync());
        System.IO.File.Delete(File);
        Assert.Equal(0, (await ServerProcess.RunAsync("backup", "--data", Restored, "--to", File)).Code);
        string twice = Path.Combine(_folder, "twice");
        Assert.Equal(0, (await ServerProcess.RunAsync("restore", "--data", twice, "--from", File)).Code);
        using var database = Storage.Database.Open(Path.Combine(twice, "holdfast.db"));
        Assert.Equal(2L << SteppedBack.PositionBits, database.Scalar("SELECT head FROM logs"));
    }

    /// <summary>The present key of a log's members may be lost: who has an earlier one tells it, nobody else, and the earlier ones stay.</summary>
    [Fact]
    public async Task OnlyWhoMayPostTellsARestoredServerAKeyAndLocksNobodyOut()
    {
        LogId log;
        SignatureKey key;
        Device member, stranger;
        var (first, second, third) = (Device.NewKey(), Device.NewKey(), Device.NewKey());
        await using (var server = await ServerProcess.StartAsync(Data))
        {
            member = await Device.JoinAsync(server.Endpoint, server.OwnerInvite!);
            stranger = await Device.JoinAsync(server.Endpoint, (await ServerProcess.RunAsync("invite", "--data", Data)).Output.Trim());
            await using var session = await member.ConnectAsync(server.Endpoint);
            (log, key) = await session.NewLogAsync();
            Assert.Equal(RefusalCode.LogExists, await session.RefusedAsync(request => new CreateLog(request, log, first.PublicKey)));
            await BackUpAndRestoreAsync();
        }
        await using var restored = await ServerProcess.StartAsync(Restored);
        await using var other = await stranger.ConnectAsync(restored.Endpoint);
        Assert.Equal(RefusalCode.LogExists, await other.RefusedAsync(request => new CreateLog(request, log, first.PublicKey)));
        await using var back = await member.ConnectAsync(restored.Endpoint);
        Assert.Equal(RefusalCode.LogExists, await back.RefusedAsync(request => new CreateLog(request, log, first.PublicKey)));
        await back.SubscribeAsync(log, key);
        foreach (var shown in new[] { first, second }) await back.AskAsync<Done>(request => new CreateLog(request, log, shown.PublicKey));
        await other.SubscribeAsync(log, second);
        await other.PostAsync(Posts.Application(log, 0));
        await back.PostAsync(Posts.Application(log, 0));
        Assert.Equal(RefusalCode.NoAccess, await other.RefusedAsync(request => other.Subscribe(request, log, third)));
    }

    [Fact]
    public async Task AnInviteFromBeforeARestoreIsRefused()
    {
        string invite;
        await using (var server = await ServerProcess.StartAsync(Data))
        {
            invite = server.OwnerInvite!;
            await BackUpAndRestoreAsync();
        }
        await using var restored = await ServerProcess.StartAsync(Restored);
        using var refused = await new Device().RegisterAsync(restored.Endpoint, Device.Link(invite));
        await Refusals.ExpectAsync(refused, RefusalCode.BadInvite);
    }

    /// <summary>Also in a folder that was there, empty, for everybody to enter.</summary>
    [Fact]
    public async Task WhatIsRestoredIsForItsOwnerAlone()
    {
        if (OperatingSystem.IsWindows()) return;
        await using (var server = await ServerProcess.StartAsync(Data)) await BackUpAsync();
        const UnixFileMode Everybody = UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        Directory.CreateDirectory(Restored);
        System.IO.File.SetUnixFileMode(Restored, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | Everybody);
        Assert.Equal(0, (await ServerProcess.RunAsync("restore", "--data", Restored, "--from", File)).Code);
        string[] restored = [Restored, .. Directory.EnumerateFileSystemEntries(Restored, "*", SearchOption.AllDirectories)];
        Assert.Contains(Path.Combine(Restored, "tls.key"), restored);
        foreach (string path in restored)
            Assert.Equal(UnixFileMode.None, System.IO.File.GetUnixFileMode(path) & (Everybody | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite));
    }

    [Fact]
    public async Task ABackupIsForItsOwnerAloneAndReplacesNone()
    {
        await using (await ServerProcess.StartAsync(Data)) await BackUpAsync();
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        Assert.Equal([Data, File], Directory.EnumerateFileSystemEntries(_folder).Order());
        await ExpectAsync("Not into the data folder", "backup", "--data", Data, "--to", Path.Combine(Data, "other"));
        await ExpectAsync("choose another name", "backup", "--data", Data, "--to", File);
        await ExpectAsync("start the server", "backup", "--data", Path.Combine(_folder, "none"), "--to", Path.Combine(_folder, "other"));
        await ExpectAsync("make it", "backup", "--data", Data, "--to", Path.Combine(_folder, "none", "other"));
        await ExpectAsync("There is no backup", "restore", "--data", Restored, "--from", Path.Combine(_folder, "none"));
        await ExpectAsync("new or empty folder", "restore", "--data", Data, "--from", File);
    }

    /// <summary>One that was cut anywhere, or altered anywhere: nothing is made of it.</summary>
    [Fact]
    public async Task ADamagedForeignOrNewerBackupIsRefusedAndLeavesNothing()
    {
        await using (await ServerProcess.StartAsync(Data)) await BackUpAsync();
        byte[] good = await System.IO.File.ReadAllBytesAsync(File, TestContext.Current.CancellationToken);
        foreach (int length in new[] { 24, 25, 60, good.Length / 2, good.Length - 1 }) Expect("cut off", good[..length]);
        foreach (int length in new[] { 0, 5 }) Expect("no backup", good[..length]);
        Expect("cut off", [.. good, 0]);
        foreach (int at in new[] { 16 + 8, 40, good.Length / 2, good.Length - 33, good.Length - 1 })
        {
            byte[] altered = [.. good];
            altered[at] ^= 1;
            Expect("damaged", altered);
        }
        Expect("no backup", RandomNumberGenerator.GetBytes(5000));
        byte[] newer = [.. good];
        BinaryPrimitives.WriteInt64BigEndian(newer.AsSpan(16), BackupFile.Version + 1);
        Expect("newer", newer);
        Expect("not a server's", Written("../outside", [1]));
        Expect("not a server's", Written("blobs/ab/../../../outside", [1]));
        Expect("start the server", Written("tls.crt", [1]));
        Expect("not a Holdfast database", Written("holdfast.db", new byte[5000]));
        Assert.Equal([Data, File], Directory.EnumerateFileSystemEntries(_folder).Where(entry => entry != Restored).Order());
    }

    [Fact]
    public async Task AServerDoesNotStartOnAHalfRestoredFolder()
    {
        Directory.CreateDirectory(Path.Combine(Data, Restore.Unfinished));
        await ExpectAsync("restore again", "run", "--data", Data);
    }

    [Fact]
    public async Task AFullDiskIsSaidAndLeavesNothing()
    {
        string small = Path.Combine(_folder, "small");
        Directory.CreateDirectory(small);
        Assert.SkipUnless(await MountAsync("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small), "mounting a small disk needs root");
        try
        {
            await using (await ServerProcess.StartAsync(Data)) await BackUpAsync();
            await ExpectAsync("make room", "backup", "--data", Data, "--to", Path.Combine(small, "other"));
            Assert.Empty(Directory.EnumerateFileSystemEntries(small));
            await ExpectAsync("make room", "restore", "--data", Path.Combine(small, "data"), "--from", File);
            Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(small, "data")));
        }
        finally { await MountAsync("umount", "-l", small); }
    }

    private static byte[] Written(string name, byte[] content)
    {
        string path = Path.GetTempFileName();
        System.IO.File.Delete(path);
        using (var writer = new BackupFile.Writer(path))
        {
            writer.Add(name, new MemoryStream(content), content.Length);
            writer.Complete();
        }
        byte[] written = System.IO.File.ReadAllBytes(path);
        System.IO.File.Delete(path);
        return written;
    }

    private void Expect(string says, byte[] backup)
    {
        string path = Path.Combine(_folder, "other.backup");
        System.IO.File.WriteAllBytes(path, backup);
        var refused = Assert.Throws<StartupException>(() => Restore.Make(new ServerOptions(Restored), path, TimeProvider.System));
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        Assert.True(!Directory.Exists(Restored) || !Directory.EnumerateFileSystemEntries(Restored).Any(), "something was left");
        System.IO.File.Delete(path);
    }

    private static async Task ExpectAsync(string says, params string[] arguments)
    {
        var (code, output, errors) = await ServerProcess.RunAsync(arguments);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains(says, errors, StringComparison.Ordinal);
        Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private async Task BackUpAsync()
    {
        var (code, output, errors) = await ServerProcess.RunAsync("backup", "--data", Data, "--to", File);
        Assert.Equal((0, ""), (code, errors));
        Assert.StartsWith("Backed up", output, StringComparison.Ordinal);
    }

    private async Task BackUpAndRestoreAsync()
    {
        await BackUpAsync();
        var (code, output, errors) = await ServerProcess.RunAsync("restore", "--data", Restored, "--from", File);
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("invites are void", output, StringComparison.Ordinal);
    }

    private static async Task PostAsync(Session session, LogId log, ConcurrentDictionary<MessageId, ulong> acknowledged, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            var post = Posts.Application(log, 0, 2000);
            acknowledged[post.Id] = await session.PostAsync(post);
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ClaimAsync(Session session)
    {
        using var response = await session.HttpAsync(HttpMethod.Post, Rest.Claim(session.Device!.Pin));
        return Assert.Single(Tls.Decode<ClaimedKeyPackages>(await response.Content.ReadAsByteArrayAsync()).Packages);
    }

    private static async Task<BlobId> UploadAsync(Session session, byte[] content)
    {
        var blob = BlobId.Of(RandomSource.System.PublicBytes(16));
        (await session.HttpAsync(Rest.Blobs + blob, new BlobCreation((ulong)content.Length, SHA256.HashData([1]), ExpiryBucket.Week))).EnsureSuccessStatusCode();
        using var request = session.Request(HttpMethod.Patch, Rest.Blobs + blob, new ByteArrayContent(content));
        request.Headers.Add(Rest.UploadOffset, "0");
        (await session.HttpAsync(request)).EnsureSuccessStatusCode();
        return blob;
    }

    private static async Task<bool> MountAsync(string command, params string[] arguments)
    {
        if (!OperatingSystem.IsLinux()) return false;
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }
}
