using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Holdfast.Client;

namespace Holdfast.Cli.Tests;

/// <summary>The executable against an agent that says what the test wants.</summary>
public sealed class ConversationTests : IDisposable
{
    private const string Invite =
        "holdfast://ARZodHRwczovLzEyNy4wLjAuMTo3NDU1fPpjmpZHjwnQGcpzOMzfjEkbSm_ItE-KfhI2egagBZwJSfJp0vvG3f9lrEPC7cLYAAyD-nk";

    private readonly HoldfastProcess _holdfast = new();

    [Fact]
    public async Task MessagesAreShownWithoutObeyingThem()
    {
        await using var agent = ScriptedAgent.Open(_holdfast.Folder, _ => [.. HostileText.All.Where(Sendable).Select(text => ScriptedAgent.Message(text, from: text)), ScriptedAgent.Done]);
        var read = await _holdfast.RunAsync("read", "--profile", agent.Profile);
        Assert.Equal(0, read.ExitCode);
        Assert.DoesNotContain(read.Output, c => c != '\n' && char.IsControl(c));
        Assert.Equal(read.Output, (await _holdfast.RunAsync("search", "words", "--profile", agent.Profile)).Output);
        var json = await _holdfast.RunAsync("read", "--json", "--profile", agent.Profile);
        Assert.Equal(HostileText.All.Where(Sendable), json.Lines.Select(line => (string?)JsonNode.Parse(line)!["text"]));
    }

    [Fact]
    public async Task WhatWasAskedReachesTheAgent()
    {
        var asked = new List<JsonObject>();
        await using var agent = ScriptedAgent.Open(_holdfast.Folder, command => { asked.Add(command); return [ScriptedAgent.Done]; });
        await _holdfast.RunAsync("read", "Bob", "--since", "7", "--limit", "2", "--profile", agent.Profile);
        await _holdfast.RunAsync("group", "add", "Team", "Bob", "Carol", "--profile", agent.Profile);
        await _holdfast.RunAsync("search", "under", "the clock", "--in", "Bob", "--limit", "3", "--profile", agent.Profile);
        Assert.Equal(3, asked.Count);
        Assert.Equal(("under the clock", "Bob", 3), ((string?)asked[2]["words"], (string?)asked[2]["conversation"], (int)asked[2]["limit"]!));
        Assert.Equal(("Bob", 7, 2), ((string?)asked[0]["conversation"], (int)asked[0]["since"]!, (int)asked[0]["limit"]!));
        Assert.Equal(["Bob", "Carol"], asked[1]["members"]!.AsArray().Select(member => (string?)member));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task TheAgentsReasonIsTheCommandsReason(int exit)
    {
        await using var agent = ScriptedAgent.Open(_holdfast.Folder, _ => [$$"""{"type":"failed","exit":{{exit}},"code":"why","message":"Because\u001b."}"""]);
        var refused = await _holdfast.RunAsync("contacts", "--profile", agent.Profile);
        Assert.Equal((exit, "", "holdfast: Because\\u{1b}.\n"), (refused.ExitCode, refused.Output, refused.Error));
        var json = await _holdfast.RunAsync("contacts", "--json", "--profile", agent.Profile);
        using var error = JsonDocument.Parse(json.Error);
        Assert.Equal(("why", "Because\e."), (error.RootElement.GetProperty("code").GetString(), error.RootElement.GetProperty("error").GetString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"type":"nonsense"}""")]
    [InlineData("not json")]
    public async Task AnAgentThatBreaksOffIsOneSentence(string answer)
    {
        await using var agent = ScriptedAgent.Open(_holdfast.Folder, _ => [answer]);
        var failed = await _holdfast.RunAsync("contacts", "--profile", agent.Profile);
        Assert.Equal(1, failed.ExitCode);
        Assert.Single(failed.Error.TrimEnd('\n').Split('\n'));
        Assert.DoesNotContain("   at ", failed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AWrongPasscodeInAFileIsExitCode4()
    {
        var tried = new List<string>();
        await using var agent = new ScriptedAgent(_holdfast.Folder, command =>
        {
            if ((string?)command["type"] == "status") return [ScriptedAgent.Locked, ScriptedAgent.Done];
            tried.Add(Convert.FromBase64String((string)command["passcode"]!) is var bytes ? System.Text.Encoding.UTF8.GetString(bytes) : "");
            return ["""{"type":"failed","exit":4,"code":"wrong-passcode","message":"The passcode is wrong."}"""];
        });
        string file = Path.Combine(_holdfast.Folder, "passcode");
        await File.WriteAllTextAsync(file, "pässwort 1 \r\nsecond line", TestContext.Current.CancellationToken);
        var refused = await _holdfast.RunAsync("whoami", "--profile", agent.Profile, "--passcode-file", file);
        Assert.Equal(4, refused.ExitCode);
        Assert.Equal(["pässwort 1 "], tried);
    }

    [Fact]
    public async Task WhoHasAnAccountIsToldSoBeforeAPasscodeIsAsked()
    {
        await using var agent = ScriptedAgent.Open(_holdfast.Folder, _ => [ScriptedAgent.Done]);
        var refused = await _holdfast.RunAsync("join", Invite, "--name", "Bob", "--json", "--profile", agent.Profile);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains(FaceCode.AlreadyJoined, refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LinesAreSentUpToTheOneThatIsNotUtf8()
    {
        var sent = new List<string?>();
        await using var agent = ScriptedAgent.Open(_holdfast.Folder, command => AnswerLines(command, sent));
        using var process = _holdfast.Start(_ => { }, "send", "Bob", "-", "--json", "--profile", agent.Profile);
        await process.StandardInput.BaseStream.WriteAsync((byte[])[.. "one\n\nthrée\n"u8, 0xff, .. "\nfive\n"u8], TestContext.Current.CancellationToken);
        process.StandardInput.Close();
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, process.ExitCode);
        Assert.Equal(["one", "thrée"], sent);
        Assert.Equal(2, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("Line 4 ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ATextIsSentAsItIs()
    {
        var sent = new List<string?>();
        await using var agent = ScriptedAgent.Open(_holdfast.Folder, command => AnswerLines(command, sent));
        foreach (string text in (string[])["@bob, look", "-5 degrees", "two\nlines", "a \"quote\""])
            Assert.Equal(0, (await _holdfast.RunAsync("send", "Bob", text, "--profile", agent.Profile)).ExitCode);
        Assert.Equal(0, (await _holdfast.RunAsync("send", "--profile", agent.Profile, "Bob", "--", "--help")).ExitCode);
        Assert.Equal(["@bob, look", "-5 degrees", "two\nlines", "a \"quote\"", "--help"], sent);
    }

    [Fact]
    public async Task FollowingEndsQuietlyWhenItIsInterrupted()
    {
        await using var agent = ScriptedAgent.Open(_holdfast.Folder, _ => [ScriptedAgent.Message("hello")]);
        using var process = _holdfast.Start(_ => { }, "read", "--follow", "--json", "--profile", agent.Profile);
        await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        using (var kill = Process.Start("kill", ["-INT", $"{process.Id}"])) await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (process.ExitCode, await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task FollowingEndsWhenTheReaderHasGone()
    {
        await using var agent = ScriptedAgent.Open(_holdfast.Folder, _ => Enumerable.Repeat(ScriptedAgent.Message("hello"), 1_000_000));
        using var process = _holdfast.Start(_ => { }, "read", "--follow", "--profile", agent.Profile);
        await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        process.StandardOutput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await process.WaitForExitAsync(limit.Token);
        Assert.Equal((0, ""), (process.ExitCode, await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task LockingTellsTheAgentAndSaysWhereItDoesNotEnd()
    {
        var asked = new List<string?>();
        await using var agent = new ScriptedAgent(_holdfast.Folder, command => { asked.Add((string?)command["type"]); return [ScriptedAgent.Done]; });
        var refused = await _holdfast.RunAsync("lock", "--profile", agent.Profile);
        Assert.Equal(["lock"], asked);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains($"process {Environment.ProcessId}", refused.Error, StringComparison.Ordinal);   // the agent is this test, which goes on
    }

    public void Dispose() => _holdfast.Dispose();

    /// <summary>Lone surrogates cannot cross a wire in UTF-8.</summary>
    private static bool Sendable(string text) => !text.EnumerateRunes().Contains(System.Text.Rune.ReplacementChar);

    private static IEnumerable<string> AnswerLines(JsonObject command, List<string?> sent)
    {
        if (command["texts"] is not JsonArray texts) yield break;
        foreach (var text in texts)
        {
            sent.Add((string?)text);
            yield return $$"""{"type":"sent","conversation":"0011","messages":[{"id":"aa","position":{{sent.Count}}}],"total":{{sent.Count}}}""";
        }
        if ((bool)command["last"]!) yield return ScriptedAgent.Done;
    }
}
