using Holdfast.Client.Tests.Support;
using Holdfast.Cryptography;

namespace Holdfast.Client.Tests;

/// <summary>Real agents, real vaults, a real server, and their deaths.</summary>
public sealed class EndToEndTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private RealServer _server = null!;
    private Person _alice = null!, _bob = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RealServer.StartAsync(_folder.Of("server"));
        _alice = await Person.JoinAsync(_folder.Of("alice"), "Alice", _server.OwnerInvite);
        _bob = await Person.JoinAsync(_folder.Of("bob"), "Bob", await _alice.InviteAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _alice.DisposeAsync();
        await _bob.DisposeAsync();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task AFileArrivesAsItWasSent()
    {
        string sent = _folder.Of("minutes.pdf");
        await File.WriteAllBytesAsync(sent, RandomSource.System.PublicBytes(10_000_000), TestContext.Current.CancellationToken);
        await _alice.AskAsync(new SendFileCommand("Bob", sent));
        var message = Assert.Single(await _bob.ReadAsync("Alice"));
        Assert.Equal(("attachment", "minutes.pdf"), (message.Kind, message.File!.Name));
        string folder = Directory.CreateDirectory(_folder.Of("saved")).FullName;
        var saved = (await _bob.AskAsync(new SaveCommand(message.Id, folder))).OfType<SavedAnswer>().Single();
        Assert.Equal(await File.ReadAllBytesAsync(sent, TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(saved.Path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task WhoeverFollowsSeesEachMessageOnce()
    {
        await _alice.SendAsync("Bob", ["before"]);
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var seen = new List<string>();
        var following = _bob.FollowAsync("Alice", text => { seen.Add(text); if (text == "after 99") hangUp.Cancel(); }, hangUp.Token);
        await _alice.SendAsync("Bob", Numbered("after"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following.WaitAsync(TimeSpan.FromSeconds(60), CancellationToken.None));
        Assert.Equal(["before", .. Numbered("after")], seen);
    }

    [Fact]
    public async Task AServerThatDiesInTheMiddleLosesAndDoublesNothing()
    {
        var sending = _alice.SendAsync("Bob", Numbered("text"), async i => { if (i == 40) await _server.RestartAsync(); });
        Assert.Equal(100, await sending);
        Assert.Equal(Numbered("text"), (await _bob.ReadAsync("Alice")).Select(static message => message.Text));
        Assert.All(await _alice.ReadAsync("Bob"), static message => Assert.Equal("sent", message.Status));
    }

    [Fact]
    public async Task AVaultThatDiesTakesTheAgentWithItAndNothingIsLost()
    {
        await _alice.SendAsync("Bob", ["first"]);
        await Assert.ThrowsAsync<FaceException>(() => _alice.SendAsync("Bob", Numbered("text"), async i => { if (i == 40) await _alice.KillVaultAsync(); }));
        await _alice.AgentEnded.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await _alice.RestartAsync();
        await _alice.SendAsync("Bob", ["last"]);
        var texts = (await _bob.ReadAsync("Alice")).Select(static message => message.Text).ToList();
        Assert.Equal(["first", .. Numbered("text").Take(texts.Count - 2), "last"], texts);
        Assert.All(await _alice.ReadAsync("Bob"), static message => Assert.Equal("sent", message.Status));
    }

    [Fact]
    public async Task AReceiverWhoseVaultDiesReadsEverythingOnce()
    {
        await _alice.SendAsync("Bob", Numbered("text"), async i => { if (i == 40) await _bob.KillVaultAsync(); });
        await _bob.AgentEnded.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await _bob.RestartAsync();
        Assert.Equal(Numbered("text"), (await _bob.ReadAsync("Alice")).Select(static message => message.Text));
    }

    [Fact]
    public async Task MessagesThatACommitOvertakesArriveOnceAndInOrder()
    {
        await using var carol = await Person.JoinAsync(_folder.Of("carol"), "Carol", await _alice.InviteAsync());
        await _alice.AskAsync(new GroupCreateCommand("Team", ["Bob", "Carol"]));
        await carol.SendAsync("Team", ["here"]);
        await using var dora = await Person.JoinAsync(_folder.Of("dora"), "Dora", await carol.InviteAsync());
        var sending = _alice.SendAsync("Team", Numbered("text"), async i => { if (i == 20) await carol.AskAsync(new GroupAddCommand("Team", ["Dora"])); });
        Assert.Equal(100, await sending);
        var read = await _bob.ReadAsync("Team");
        Assert.Equal(Numbered("text"), read.Where(static message => message.From != "" && message.Text.StartsWith("text", StringComparison.Ordinal)).Select(static message => message.Text));
        Assert.DoesNotContain(read, static message => message.Kind == "unreadable");
    }

    [Fact]
    public async Task WithoutAServerSendingSaysSoAndTakesNothing()
    {
        await _alice.SendAsync("Bob", ["first"]);
        await _server.KillAsync();
        var failed = await Assert.ThrowsAsync<FaceException>(() => _alice.SendAsync("Bob", ["second"]));
        Assert.Equal(ExitCode.Unreachable, failed.Exit);
        await _server.StartAgainAsync();
        Assert.Equal(["first"], (await _bob.ReadAsync("Alice")).Select(static message => message.Text));
    }

    [Fact]
    public async Task ALockedProfileEndsItsAgentAndAsksForThePasscode()
    {
        await _alice.AskAsync(new LockCommand());
        await _alice.AgentEnded.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        _alice.Start();
        var locked = await Assert.ThrowsAsync<FaceException>(() => _alice.AskAsync(new ContactsCommand()));
        Assert.Equal((ExitCode.Locked, FaceCode.Locked), (locked.Exit, locked.Code));
    }

    [Fact]
    public async Task AServerWithAnotherKeyIsToldNothing()
    {
        await _server.KillAsync();
        await _server.StartAgainAsync(_folder.Of("impostor"));
        var failed = await Assert.ThrowsAsync<FaceException>(() => _alice.SendAsync("Bob", ["secret"]));
        Assert.Equal((ExitCode.Unreachable, FaceCode.WrongServer), (failed.Exit, failed.Code));
    }

    [Fact]
    public async Task TheNewestAreAsManyAsWereAskedForHoweverLongTheyAre()
    {
        var long200 = Enumerable.Range(0, 200).Select(static number => $"{number} {new string('x', 60_000)}").ToList();   // 12 MB: more than one answer holds
        await _alice.SendAsync("Bob", long200);
        var all = (await _bob.AskAsync(new ReadCommand("Alice", false, null, null))).OfType<MessageAnswer>().ToList();
        foreach (int count in (int[])[1, 150, 200, 500])
        {
            var read = (await _bob.AskAsync(new ReadCommand("Alice", false, null, (uint)count))).OfType<MessageAnswer>().ToList();
            Assert.Equal(all.TakeLast(count).Select(static message => message.Id), read.Select(static message => message.Id));
        }
    }

    private static List<string> Numbered(string word) => [.. Enumerable.Range(0, 100).Select(number => $"{word} {number}")];
}
