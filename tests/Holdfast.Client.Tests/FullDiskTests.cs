using System.Diagnostics;
using System.Globalization;
using Holdfast.Client.Tests.Support;
using Holdfast.Tests;

namespace Holdfast.Client.Tests;

/// <summary>A profile whose disk is full: each command ends soon, says so, and can be typed again when there is room.</summary>
public sealed class FullDiskTests : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private RealServer _server = null!;
    private Person _alice = null!;

    public static TheoryData<int> Kibibytes => LongRun.IsWanted ? [4, 8, 16, 24, 32, 40, 48] : [4, 24, 40];

    public async ValueTask InitializeAsync()
    {
        _server = await RealServer.StartAsync(_folder.Of("server"));
        _alice = await Person.JoinAsync(_folder.Of("alice"), "Alice", _server.OwnerInvite);
    }

    public async ValueTask DisposeAsync()
    {
        await _alice.DisposeAsync();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Wherever in it the vault can write no more, from the first byte to behind the account.</summary>
    [Theory, MemberData(nameof(Kibibytes))]
    public async Task AJoinThatStopsInTheMiddleGoesOnWhenItIsTypedAgain(int kibibytes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the limit is set by a shell");
        string invite = await _alice.InviteAsync();
        await using var bob = Person.Without(_folder.Of("bob"), LimitedVault(kibibytes));
        var full = await Assert.ThrowsAsync<FaceException>(() => bob.JoinAsync("Bob", invite).WaitAsync(Soon, TestContext.Current.CancellationToken));
        Assert.Equal((ExitCode.Failed, FaceCode.StorageFailed), (full.Exit, full.Code));
        await bob.EndAgentAsync();
        bob.Vault = Installed.Vault;
        bob.Start();
        var joined = await bob.JoinAsync("Bob", invite);
        await bob.SendAsync("Alice", ["hello"]);
        Assert.Equal("hello", Assert.Single(await _alice.ReadAsync(joined.Pin!)).Text);
        var again = await Assert.ThrowsAsync<FaceException>(() => bob.JoinAsync("Bob", invite));
        Assert.Equal(FaceCode.AlreadyJoined, again.Code);
    }

    [Fact]
    public async Task WithTooLittleRoomNothingIsMadeAndTheInviteStaysGood()
    {
        await using var disk = await SmallDisk.MountAsync(_folder.Of("disk"), "200k");
        string invite = await _alice.InviteAsync();
        await using (var bob = Person.Without(disk.Of("bob")))
        {
            var full = await Assert.ThrowsAsync<FaceException>(() => bob.JoinAsync("Bob", invite).WaitAsync(Soon, TestContext.Current.CancellationToken));
            Assert.Equal((ExitCode.Failed, FaceCode.StorageFailed), (full.Exit, full.Code));
            Assert.False(new Profile(disk.Of("bob")).Exists);
        }
        await using var carol = await Person.JoinAsync(_folder.Of("carol"), "Carol", invite);
    }

    [Fact]
    public async Task OnAFullDiskEveryCommandEndsSoonAndAllIsThereWhenThereIsRoom()
    {
        await using var disk = await SmallDisk.MountAsync(_folder.Of("disk"), "12m");
        await using var bob = await Person.JoinAsync(disk.Of("bob"), "Bob", await _alice.InviteAsync());
        await bob.SendAsync("Alice", ["first"]);
        disk.Fill();
        var filler = Enumerable.Range(0, 60).Select(number => $"{number} {new string('x', 60_000)}").ToList();
        await _alice.SendAsync("Bob", filler);
        Func<Task>[] commands =
        [
            () => bob.ReadAsync("Alice"), () => bob.SendAsync("Alice", [new string('y', 60_000)]), () => bob.AskAsync(new GroupCreateCommand("Team", ["Alice"])),
        ];
        foreach (var command in commands)
        {
            var full = await Assert.ThrowsAsync<FaceException>(() => command().WaitAsync(Soon, TestContext.Current.CancellationToken));
            Assert.Equal((ExitCode.Failed, FaceCode.StorageFailed), (full.Exit, full.Code));
            Assert.Contains("disk is full", full.Message, StringComparison.Ordinal);
        }
        disk.Empty();
        await bob.SendAsync("Alice", ["last"]);
        Assert.Equal(["first", .. filler, "last"], (await bob.ReadAsync("Alice")).Select(static message => message.Text));
        Assert.Equal(["first", .. filler, "last"], (await _alice.ReadAsync("Bob")).Select(static message => message.Text));
    }

    [Fact]
    public async Task AFileThatDoesNotFitLeavesNothing()
    {
        await using var disk = await SmallDisk.MountAsync(_folder.Of("disk"), "100k");
        await using var bob = await Person.JoinAsync(_folder.Of("bob"), "Bob", await _alice.InviteAsync());
        await File.WriteAllBytesAsync(_folder.Of("big"), new byte[1_000_000], TestContext.Current.CancellationToken);
        await _alice.AskAsync(new SendFileCommand("Bob", _folder.Of("big")));
        string id = Assert.Single(await bob.ReadAsync("Alice")).Id;
        var full = await Assert.ThrowsAsync<FaceException>(() => bob.AskAsync(new SaveCommand(id, disk.Path)).WaitAsync(Soon, TestContext.Current.CancellationToken));
        Assert.Equal((ExitCode.Failed, FaceCode.StorageFailed), (full.Exit, full.Code));
        Assert.Empty(Directory.GetFileSystemEntries(disk.Path));
    }

    /// <summary>
    /// The vault with no file longer than so much; the runtime's own code must not need one, so it is started where it drops no variable
    /// any more.
    /// </summary>
    private string LimitedVault(int kibibytes)
    {
        string script = _folder.Of("limited-vault");
        string blocks = (kibibytes * 2).ToString(CultureInfo.InvariantCulture);
        File.WriteAllText(script, $"""
            #!/bin/sh
            [ $# -gt 0 ] || exit 1
            trap '' XFSZ
            ulimit -f {blocks}
            DOTNET_EnableWriteXorExecute=0 exec '{Installed.Vault}' "$@" --again

            """);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return script;
    }

    /// <summary>A file system in memory; where this user may not mount one the test is skipped.</summary>
    private sealed class SmallDisk(string path) : IAsyncDisposable
    {
        public string Path => path;

        public static async Task<SmallDisk> MountAsync(string path, string size)
        {
            Directory.CreateDirectory(path);
            Assert.SkipUnless(OperatingSystem.IsLinux() && await RunAsync("mount", "-t", "tmpfs", "-o", $"size={size}", "holdfast-test", path), "no file system can be mounted here");
            return new SmallDisk(path);
        }

        public string Of(string name) => System.IO.Path.Combine(path, name);

        public void Fill()
        {
            using var file = new FileStream(Of("filler"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            byte[] page = new byte[4096];
            try { while (true) file.Write(page); }
            catch (IOException) { return; }   // full
        }

        public void Empty() => File.Delete(Of("filler"));

        /// <summary>Lazily: a vault that is being ended may still have a file open.</summary>
        public async ValueTask DisposeAsync() => await RunAsync("umount", "--lazy", path);

        private static async Task<bool> RunAsync(string program, params string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return process.ExitCode == 0;
        }
    }
}
