using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Holdfast.Protocol;
using Holdfast.Server.Storage;
using Holdfast.Server.Storage.Sqlite;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

/// <summary>The real executable, as an operator and a script meet it.</summary>
[Trait(Place.Trait, Place.Sqlite)]
public sealed class CommandLineTests : IDisposable
{
    private readonly string _folder = TestServer.NewFolder();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task InvitesAreMadeBesideARunningServerAndWork()
    {
        await using var server = await ServerProcess.StartAsync(_folder);
        var (code, output, errors) = await ServerProcess.RunAsync("invite", "--data", _folder, "--count", "3", "--expires", "2");
        Assert.Equal((0, ""), (code, errors));
        string[] links = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, links.Distinct().Count());
        foreach (string link in links.Append(server.OwnerInvite!))
        {
            Assert.True(Invite.TryParse(link, out var invite, out _));
            Assert.Null(invite!.Inviter);
            Assert.Equal(server.Endpoint.Key.ToArray(), invite.ServerKey.ToArray());
            using var endpoint = Endpoint.Of(invite);
            await Device.JoinAsync(endpoint, link);
        }
        Assert.Equal(0, await server.EndAsync());
        Assert.False(File.Exists(Path.Combine(_folder, "holdfast.db-wal")), "the write-ahead log outlived the server");
    }

    [Fact]
    public async Task AtRestItIsSmallAndItsKeyIsItsOwn()
    {
        await using var server = await ServerProcess.StartAsync(_folder);
        await using var session = await (await Device.JoinAsync(server.Endpoint, server.OwnerInvite!)).ConnectAsync(server.Endpoint);
        if (!OperatingSystem.IsLinux()) return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, "tls.key")));
        string resident = File.ReadLines($"/proc/{server.Id}/status").Single(line => line.StartsWith("VmRSS", StringComparison.Ordinal));
        int kilobytes = int.Parse(resident.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
        Assert.InRange(kilobytes, 1, 120 << 10);
    }

    /// <summary>As systemd asks: what it starts next finds the server there.</summary>
    [Fact]
    public async Task WhoeverWaitsForItIsToldWhenItServes()
    {
        if (!OperatingSystem.IsLinux()) return;
        string path = Path.Combine(_folder, "waiting");
        using var waiting = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        waiting.Bind(new UnixDomainSocketEndPoint(path));
        var start = new ProcessStartInfo(ServerProcess.Executable, ["run", "--data", Path.Combine(_folder, "data"), "--listen", "https://127.0.0.1:0"]) { RedirectStandardOutput = true };
        start.Environment["NOTIFY_SOCKET"] = path;
        using var server = Process.Start(start)!;
        byte[] told = new byte[64];
        int length = await waiting.ReceiveAsync(told, TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal("READY=1"u8.ToArray(), told[..length]);
        Assert.Equal(0, (await ServerProcess.RunAsync("invite", "--data", Path.Combine(_folder, "data"))).Code);
        server.Kill();
        await server.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task ItEndsWithItsInputWhereItWasToldTo()
    {
        await using (var server = await ServerProcess.StartAsync(_folder, more: "--end-with-input"))
            Assert.Equal(0, await server.CloseInputAsync(TimeSpan.FromSeconds(30)));
        Assert.False(File.Exists(Path.Combine(_folder, "holdfast.db-wal")), "the write-ahead log outlived the server");
        await using var other = await ServerProcess.StartAsync(_folder);
        Assert.Null(await other.CloseInputAsync(TimeSpan.FromSeconds(2)));
    }

    /// <summary>A proxy on the same machine may end TLS; nobody else ever reaches a server that does not speak it.</summary>
    [Fact]
    public async Task WithoutTlsItListensForAProxyOfThisMachineOnly()
    {
        foreach (string[] wrong in (string[][])[["http://127.0.0.1:0"], ["http://0.0.0.0:0", "--public-url", "https://chat.example.org"], ["http://localhost:0", "--public-url", "https://chat.example.org"]])
        {
            var (code, _, errors) = await ServerProcess.RunAsync(["run", "--data", _folder, "--listen", .. wrong]);
            Assert.Equal(2, code);
            Assert.Contains("--listen", errors, StringComparison.Ordinal);
        }
        await using var server = await ServerProcess.StartAsync(_folder, "http://127.0.0.1:0", "--public-url", "https://chat.example.org");
        Assert.Equal(Uri.UriSchemeHttp, server.Endpoint.Address.Scheme);
        Assert.Equal("ok\n", await server.Endpoint.Http.GetStringAsync(new Uri(Rest.Health, UriKind.Relative), TestContext.Current.CancellationToken));
        Assert.True(Invite.TryParse(server.OwnerInvite!, out var invite, out _));
        Assert.Equal("https://chat.example.org", invite!.Server);
    }

    [Fact]
    public async Task APortOrAFolderInUseIsSaidInOneSentence()
    {
        await using var server = await ServerProcess.StartAsync(_folder);
        await ExpectFailureAsync("--data", ["run", "--data", _folder]);
        string other = TestServer.NewFolder();
        await ExpectFailureAsync("--listen", ["run", "--data", other, "--listen", server.Endpoint.Address.GetLeftPart(UriPartial.Authority)]);
        Directory.Delete(other, recursive: true);
        using var taken = new TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        await ExpectFailureAsync($"{taken.LocalEndpoint}: stop it, or choose another port with --metrics",
            ["run", "--data", Path.Combine(_folder, "third"), "--listen", "https://127.0.0.1:0", "--metrics", $"http://{taken.LocalEndpoint}"]);
    }

    /// <summary>Also a folder that was there, for everybody to enter; and what is made in one that stays so.</summary>
    [Fact]
    public async Task WhatAServerHasIsForItsUserAlone()
    {
        if (OperatingSystem.IsWindows()) return;
        const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        foreach (var more in new[] { UnixFileMode.None, UnixFileMode.StickyBit })
        {
            string folder = Directory.CreateDirectory(Path.Combine(_folder, $"{more}")).FullName;
            File.SetUnixFileMode(folder, Own | UnixFileMode.UserExecute | Others | more);
            await using var server = await ServerProcess.StartAsync(folder);
            Assert.Equal(more == UnixFileMode.None, (File.GetUnixFileMode(folder) & Others) == 0);
            foreach (string file in new[] { "holdfast.db", "holdfast.db-wal", "tls.key" }) Assert.Equal(Own, File.GetUnixFileMode(Path.Combine(folder, file)));
        }
    }

    [Fact]
    public async Task AFolderThatWasMovedStartsNoMore()
    {
        await using (await ServerProcess.StartAsync(_folder)) { }
        string mark = Path.Combine(_folder, "moved");
        await File.WriteAllTextAsync(mark, "", TestContext.Current.CancellationToken);
        foreach (string verb in new[] { "run", "invite" }) await ExpectFailureAsync("was moved to PostgreSQL", [verb, "--data", _folder]);
        File.Delete(mark);
        Assert.Equal(0, (await ServerProcess.RunAsync("invite", "--data", _folder)).Code);
    }

    [Fact]
    public async Task APasswordFileThatCannotBeReadIsSaidInOneSentence()
    {
        string none = Path.Combine(_folder, "none");
        await ExpectFailureAsync($"There is no password file {none}.", ["run", "--database", $"postgres://localhost/holdfast?passfile={none}"]);
        var environment = new Dictionary<string, string> { ["PGPASSFILE"] = none };
        var (code, _, errors) = await ServerProcess.RunAsync(environment, "run", "--database", "postgres://localhost/holdfast");
        Assert.Equal((1, $"There is no password file {none}."), (code, errors.Trim()));
        // Nobody reads a folder as a file, not even root.
        await ExpectFailureAsync($"The password file {_folder} cannot be read by this user", ["invite", "--database", $"postgres://localhost/holdfast?passfile={_folder}"]);
    }

    [Fact]
    public async Task WhatIsForFoldersSaysSo()
    {
        await ExpectFailureAsync("pg_dump", ["backup", "--database", "postgres://localhost/holdfast", "--to", Path.Combine(_folder, "backup")]);
        await ExpectFailureAsync("what a folder has", ["stats", "--database", "postgres://localhost/holdfast"]);
    }

    [Fact]
    public void AProxyIsTrustedByItsAddressAlone()
    {
        var proxies = CommandLine.Parse(["run", "--data", "x", "--trusted-proxy", "10.0.0.5,fd00::1,10.1.0.0/16"]).Server.TrustedProxies;
        Assert.Equal(["10.0.0.5/32", "fd00::1/128", "10.1.0.0/16"], proxies.Select(static network => network.ToString()));
        foreach (string wrong in new[] { "10.5", "10", "proxy", "10.0.0.5/33", "" })
            Assert.Throws<UsageException>(() => CommandLine.Parse(["run", "--data", "x", "--trusted-proxy", wrong]));
    }

    /// <summary>Not as if there were nothing.</summary>
    [Fact]
    public async Task AnotherUserIsToldThatTheFolderIsNotTheirs()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "becoming another user takes root");
        await using (await ServerProcess.StartAsync(_folder)) { }
        var start = new ProcessStartInfo("setpriv", ["--reuid=65534", "--clear-groups", ServerProcess.Executable, "invite", "--data", _folder]) { RedirectStandardError = true };
        using var other = Process.Start(start)!;
        Assert.Contains($"This user may not look into {_folder}", await other.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await other.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, other.ExitCode);
    }

    [Fact]
    public async Task AForeignANewerAndAMissingDatabaseAreSaidInOneSentence()
    {
        await ExpectFailureAsync("start the server", ["invite", "--data", _folder]);
        string file = Path.Combine(_folder, "holdfast.db");
        await File.WriteAllTextAsync(file, new string('x', 5000), TestContext.Current.CancellationToken);
        await ExpectFailureAsync("not a Holdfast database", ["run", "--data", _folder]);
        File.Delete(file);
        using (var database = Database.Open(file)) database.Execute("CREATE TABLE theirs (x)");
        await ExpectFailureAsync("another program's", ["run", "--data", _folder]);
        File.Delete(file);
        using (var database = Database.Open(file))
        {
            SqliteSchema.Ensure(database);
            database.Execute("PRAGMA user_version = 99");
        }
        await ExpectFailureAsync("newer", ["run", "--data", _folder]);
        await ExpectFailureAsync("cannot be", ["run", "--data", "/proc/holdfast"]);
        await ExpectFailureAsync("PEM", ["run", "--data", Path.Combine(_folder, "new"), "--tls-cert", file, "--tls-key", file]);
    }

    [Theory]
    [InlineData("frobnicate"), InlineData("run"), InlineData("run --data"), InlineData("run --data x --bogus y"), InlineData("run --data x --data y")]
    [InlineData("run --data x --listen http://127.0.0.1:1"), InlineData("run --data x --tls-cert y"), InlineData("invite --data x --count 0")]
    public async Task WrongUsageIsTwo(string line)
    {
        var (code, output, errors) = await ServerProcess.RunAsync(line.Split(' '));
        Assert.Equal((2, ""), (code, output));
        Assert.NotEmpty(errors);
    }

    private static async Task ExpectFailureAsync(string says, string[] arguments)
    {
        var (code, output, errors) = await ServerProcess.RunAsync(arguments);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains(says, errors, StringComparison.Ordinal);
        Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
