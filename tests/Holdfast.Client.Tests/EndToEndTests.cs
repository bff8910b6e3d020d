using Holdfast.Client.Tests.Support;
using Holdfast.Cryptography;

namespace Holdfast.Client.Tests;

/// <summary>Real agents, real vaults, a real server, and their deaths.</summary>
public sealed class EndToEndTests : IAsyncLifetime
{
    private TwoPeople _two = null!;

    private Person Alice => _two.Alice;

    private Person Bob => _two.Bob;

    public async ValueTask InitializeAsync() => _two = await TwoPeople.MeetAsync();

    public ValueTask DisposeAsync() => _two.DisposeAsync();

    [Fact]
    public async Task AFileArrivesAsItWasSent()
    {
        string sent = _two.Folder.Of("minutes.pdf");
        await File.WriteAllBytesAsync(sent, RandomSource.System.PublicBytes(10_000_000), TestContext.Current.CancellationToken);
        await Alice.AskAsync(new SendFileCommand("Bob", sent));
        var message = Assert.Single(await Bob.ReadAsync("Alice"));
        Assert.Equal(("attachment", "minutes.pdf"), (message.Kind, message.File!.Name));
        string folder = Directory.CreateDirectory(_two.Folder.Of("saved")).FullName;
        var saved = (await Bob.AskAsync(new SaveCommand(message.Id, folder))).OfType<SavedAnswer>().Single();
        Assert.Equal(await File.ReadAllBytesAsync(sent, TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(saved.Path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task WhoeverFollowsSeesEachMessageOnce()
    {
        await Alice.SendAsync("Bob", ["before"]);
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var seen = new List<string>();
        var following = Bob.FollowAsync("Alice", text => { seen.Add(text); if (text == "after 99") hangUp.Cancel(); }, hangUp.Token);
        await Alice.SendAsync("Bob", Numbered("after"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following.WaitAsync(TimeSpan.FromSeconds(60), CancellationToken.None));
        Assert.Equal(["before", .. Numbered("after")], seen);
    }

    [Fact]
    public async Task AServerThatDiesInTheMiddleLosesAndDoublesNothing()
    {
        var sending = Alice.SendAsync("Bob", Numbered("text"), async i => { if (i == 40) await _two.Server.RestartAsync(); });
        Assert.Equal(100, await sending);
        Assert.Equal(Numbered("text"), (await Bob.ReadAsync("Alice")).Select(static message => message.Text));
        Assert.All(await Alice.ReadAsync("Bob"), static message => Assert.Equal("sent", message.Status));
    }

    [Fact]
    public async Task AVaultThatDiesTakesTheAgentWithItAndNothingIsLost()
    {
        await Alice.SendAsync("Bob", ["first"]);
        await Assert.ThrowsAsync<FaceException>(() => Alice.SendAsync("Bob", Numbered("text"), async i => { if (i == 40) await Alice.KillVaultAsync(); }));
        await Alice.AgentEnded.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await Alice.RestartAsync();
        await Alice.SendAsync("Bob", ["last"]);
        var texts = (await Bob.ReadAsync("Alice")).Select(static message => message.Text).ToList();
        Assert.Equal(["first", .. Numbered("text").Take(texts.Count - 2), "last"], texts);
        Assert.All(await Alice.ReadAsync("Bob"), static message => Assert.Equal("sent", message.Status));
    }

    [Fact]
    public async Task AReceiverWhoseVaultDiesReadsEverythingOnce()
    {
        await Alice.SendAsync("Bob", Numbered("text"), async i => { if (i == 40) await Bob.KillVaultAsync(); });
        await Bob.AgentEnded.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await Bob.RestartAsync();
        Assert.Equal(Numbered("text"), (await Bob.ReadAsync("Alice")).Select(static message => message.Text));
    }

    [Fact]
    public async Task MessagesThatACommitOvertakesArriveOnceAndInOrder()
    {
        await using var carol = await Person.JoinAsync(_two.Folder.Of("carol"), "Carol", await Alice.InviteAsync());
        await Alice.AskAsync(new GroupCreateCommand("Team", ["Bob", "Carol"]));
        await carol.SendAsync("Team", ["here"]);
        await using var dora = await Person.JoinAsync(_two.Folder.Of("dora"), "Dora", await carol.InviteAsync());
        var sending = Alice.SendAsync("Team", Numbered("text"), async i => { if (i == 20) await carol.AskAsync(new GroupAddCommand("Team", ["Dora"])); });
        Assert.Equal(100, await sending);
        var read = await Bob.ReadAsync("Team");
        Assert.Equal(Numbered("text"), read.Where(static message => message.From != "" && message.Text.StartsWith("text", StringComparison.Ordinal)).Select(static message => message.Text));
        Assert.DoesNotContain(read, static message => message.Kind == "unreadable");
    }

    [Fact]
    public async Task WithoutAServerSendingSaysSoAndTakesNothing()
    {
        await Alice.SendAsync("Bob", ["first"]);
        await _two.Server.KillAsync();
        var failed = await Assert.ThrowsAsync<FaceException>(() => Alice.SendAsync("Bob", ["second"]));
        Assert.Equal(ExitCode.Unreachable, failed.Exit);
        await _two.Server.StartAgainAsync();
        Assert.Equal(["first"], (await Bob.ReadAsync("Alice")).Select(static message => message.Text));
    }

    [Fact]
    public async Task ALockedProfileEndsItsAgentAndAsksForThePasscode()
    {
        await Alice.AskAsync(new LockCommand());
        await Alice.AgentEnded.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Alice.Start();
        var locked = await Assert.ThrowsAsync<FaceException>(() => Alice.AskAsync(new ContactsCommand()));
        Assert.Equal((ExitCode.Locked, FaceCode.Locked), (locked.Exit, locked.Code));
    }

    [Fact]
    public async Task AServerWithAnotherKeyIsToldNothing()
    {
        await _two.Server.KillAsync();
        await _two.Server.StartAgainAsync(_two.Folder.Of("impostor"));
        var failed = await Assert.ThrowsAsync<FaceException>(() => Alice.SendAsync("Bob", ["secret"]));
        Assert.Equal((ExitCode.Unreachable, FaceCode.WrongServer), (failed.Exit, failed.Code));
    }

    [Fact]
    public async Task TheNewestAreAsManyAsWereAskedForHoweverLongTheyAre()
    {
        var long200 = Enumerable.Range(0, 200).Select(static number => $"{number} {new string('x', 60_000)}").ToList();   // 12 MB: more than one answer holds
        await Alice.SendAsync("Bob", long200);
        var all = (await Bob.AskAsync(new ReadCommand("Alice", false, null, null))).OfType<MessageAnswer>().ToList();
        foreach (int count in (int[])[1, 150, 200, 500])
        {
            var read = (await Bob.AskAsync(new ReadCommand("Alice", false, null, (uint)count))).OfType<MessageAnswer>().ToList();
            Assert.Equal(all.TakeLast(count).Select(static message => message.Id), read.Select(static message => message.Id));
        }
    }

    private static List<string> Numbered(string word) => [.. Enumerable.Range(0, 100).Select(number => $"{word} {number}")];
}
