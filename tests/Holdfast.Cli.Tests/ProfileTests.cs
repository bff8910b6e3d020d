using System.Text.Json;

namespace Holdfast.Cli.Tests;

public sealed class ProfileTests : IDisposable
{
    private const string NoProfile = "not-joined";

    private readonly HoldfastProcess _holdfast = new();

    public static TheoryData<string> NeedAProfile =>
    [
        "invite", "whoami", "contacts", "add ANVH4SKT", "devices list", "group create Team Bob", "group add Team Bob",
        "group remove Team Bob", "group leave Team", "group members Team", "send Bob hello", "send Bob -", "read", "read Bob --follow",
        "save 00112233445566778899aabbccddeeff .", "conversations", "lock", "unlock",
    ];

    [Theory, MemberData(nameof(NeedAProfile))]
    public async Task WithoutAProfileACommandSaysHowToMakeOne(string command)
    {
        var refused = await _holdfast.RunAsync(command.Split(' '));
        Assert.Equal(1, refused.ExitCode);
        Assert.Equal("", refused.Output);
        Assert.Contains("holdfast join", refused.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_holdfast.Folder, "data")), "nothing is made by looking");
    }

    [Fact]
    public async Task WithoutAProfileTheStatusIsEmpty()
    {
        var status = await _holdfast.RunAsync("status", "--json");
        Assert.Equal(0, status.ExitCode);
        using var json = JsonDocument.Parse(Assert.Single(status.Lines));
        Assert.Equal("empty", json.RootElement.GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("whoami")]
    [InlineData("send Bob hello")]
    [InlineData("send Bob -")]
    [InlineData("unlock")]
    [InlineData("read --follow")]
    public async Task ALockedProfileWithoutATerminalIsExitCode4AndSaysWhatToDo(string command)
    {
        string profile = MakeLocked();
        var refused = await _holdfast.RunAsync([.. command.Split(' '), "--profile", profile]);
        Assert.Equal(4, refused.ExitCode);
        Assert.Contains("--passcode-file", refused.Error, StringComparison.Ordinal);
        Assert.Contains("holdfast unlock", refused.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(profile, "agent.sock")), "no agent is left behind");
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData(null)]
    public async Task APasscodeFileThatHoldsNoneIsWrongUsage(string? content)
    {
        string file = Path.Combine(_holdfast.Folder, "passcode");
        if (content is not null) await File.WriteAllTextAsync(file, content, TestContext.Current.CancellationToken);
        var refused = await _holdfast.RunAsync("whoami", "--json", "--profile", MakeLocked(), "--passcode-file", file);
        Assert.Equal(2, refused.ExitCode);
        using var error = JsonDocument.Parse(refused.Error);
        Assert.Equal("usage", error.RootElement.GetProperty("code").GetString());
    }

    [Fact]
    public async Task LockingALockedProfileIsDone()
    {
        var locked = await _holdfast.RunAsync("lock", "--profile", MakeLocked());
        Assert.Equal(0, locked.ExitCode);
    }

    [Theory]
    [InlineData("https://example.org", "starts with holdfast://")]
    [InlineData("holdfast://abc", "its checksum does not match")]
    [InlineData("holdfast://", "mistyped")]
    public async Task AMistypedInviteIsToldBeforeAPasscodeIsAsked(string invite, string problem)
    {
        var refused = await _holdfast.RunAsync("join", invite, "--name", "Bob");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(problem, refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheProfileMayBeNamedByTheEnvironment()
    {
        using var process = _holdfast.Start(start => start["HOLDFAST_PROFILE"] = MakeLocked(), "status", "--json");
        using var json = JsonDocument.Parse(await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
        Assert.Equal("locked", json.RootElement.GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("save 00112233445566778899aabbccddeeff nowhere")]
    [InlineData("send Bob --file nothing.txt")]
    public async Task AMissingFileOrFolderIsNamed(string command)
    {
        var refused = await _holdfast.RunAsync([.. command.Split(' '), "--json"]);
        Assert.Equal(1, refused.ExitCode);
        using var error = JsonDocument.Parse(refused.Error);
        Assert.Equal("not-found", error.RootElement.GetProperty("code").GetString());
        Assert.DoesNotContain(NoProfile, refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AReaderThatHasGoneIsNoError()
    {
        using var process = _holdfast.Start(_ => { }, "status");
        process.StandardOutput.Close();
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal("", error);
        Assert.Equal(0, process.ExitCode);
    }

    public void Dispose() => _holdfast.Dispose();

    /// <summary>To a face, a profile is a folder with a vault in it.</summary>
    private string MakeLocked() => _holdfast.MakeLockedProfile("profile");
}
