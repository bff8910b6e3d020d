using System.Globalization;
using Holdfast.Client.Tests.Support;
using Holdfast.Tests;

namespace Holdfast.Client.Tests;

/// <summary>
/// ATTACKS B-18: kill -9 of the vault and of the client, at every step of sending, receiving, committing and joining at which something is, or is to
/// be, on the disk or answered. Real processes and a real server. Whoever was killed is started again and unlocked, and that is all.
/// </summary>
public sealed class KillTests : IAsyncLifetime
{
    private static readonly string[] Actions = ["send", "receive", "commit", "join"];

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _acknowledged = [], _tried = [];
    private RealServer _server = null!;
    private AgentProcess _alice = null!;
    private Person _bob = null!;
    private int _kills, _number;

    public async ValueTask InitializeAsync()
    {
        _server = await RealServer.StartAsync(_folder.Of("server"));
        _bob = Person.Without(_folder.Of("bob"), AgentProcess.Program);
        await _bob.JoinAsync("Bob", _server.OwnerInvite);
        _alice = new AgentProcess(_folder.Of("alice"));
        await _alice.JoinAsync("Alice", await _bob.InviteAsync());
        await _bob.AskAsync(new ContactsCommand());
        await _bob.AskAsync(new GroupCreateCommand("Team", ["Alice"]));
        await _alice.ReadAsync("Team");
    }

    public async ValueTask DisposeAsync()
    {
        await _alice.DisposeAsync();
        await _bob.DisposeAsync();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Theory(Skip = "takes minutes", SkipUnless = nameof(LongRun.IsWanted), SkipType = typeof(LongRun))]
    [InlineData("vault"), InlineData("client")]
    public async Task NothingIsLostDoubledOrSealedTwiceWhicheverStepDies(string who)
    {
        foreach (string action in Actions)
        {
            int step = 1;
            while (await DieAsync(who, action, step)) step++;
            Assert.True(step > 4, $"{action} has {step - 1} steps");
        }
        await CheckAsync();
    }

    /// <summary>The same by chance, and from outside at any moment: HOLDFAST_KILLS of them, seeded by HOLDFAST_SEED.</summary>
    [Fact(Skip = "takes minutes", SkipUnless = nameof(LongRun.IsWanted), SkipType = typeof(LongRun))]
    public async Task NothingIsLostDoubledOrSealedTwiceWhoeverDiesWhenever()
    {
        int kills = Setting("HOLDFAST_KILLS", LongRun.IsWanted ? 1000 : 4), seed = Setting("HOLDFAST_SEED", 1);
        var chance = new Random(seed);
        long began = TimeProvider.System.GetTimestamp();
        for (int round = 1; _kills < kills; round++)
        {
            string action = Actions[chance.Next(100) switch { < 47 => 0, < 94 => 1, < 97 => 2, _ => 3 }];
            if (chance.Next(4) == 0) await DieAtAnyMomentAsync(action, chance.Next(60));
            else await DieAsync(chance.Next(2) == 0 ? "vault" : "client", action, 1 + chance.Next(14));
            if (round % 50 == 0) await CheckAsync();
        }
        await CheckAsync();
        if (!LongRun.IsWanted) return;
        Recording.Write("kills", new
        {
            kills = _kills, seed, texts = _tried.Count, acknowledged = _acknowledged.Count, ciphertexts = Sealed().Count,
            minutes = Math.Round(TimeProvider.System.GetElapsedTime(began).TotalMinutes, 1),
        });
    }

    /// <summary>The record of the keys shows one that is used twice.</summary>
    [Fact(Skip = "takes minutes", SkipUnless = nameof(LongRun.IsWanted), SkipType = typeof(LongRun))]
    public async Task AKeyThatIsUsedTwiceIsFound()
    {
        await _alice.SendAsync("Team", "once");
        string[] lines = await File.ReadAllLinesAsync(_folder.Of("alice/vault/sealed"), TestContext.Current.CancellationToken);
        Assert.NotEmpty(Sealed());
        await File.AppendAllTextAsync(_folder.Of("alice/vault/sealed"), lines[^1].Split('\t')[0] + "\tanother\n", TestContext.Current.CancellationToken);
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(Sealed);
    }

    private static int Setting(string name, int usual) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int set) ? set : usual;

    /// <summary>Lets them die at the n-th step of an action; false where it has fewer.</summary>
    private async Task<bool> DieAsync(string who, string action, int step)
    {
        await _alice.ReadAsync("Team");   // it has logged in, and what that writes is written
        _alice.Order(who, step);
        await ActAsync(action);
        if (_alice.TrySpare()) return false;
        _kills++;
        await _alice.RestartAsync();
        return true;
    }

    private async Task DieAtAnyMomentAsync(string action, int milliseconds)
    {
        var acting = ActAsync(action);
        await Task.Delay(milliseconds, TestContext.Current.CancellationToken);
        _alice.Kill();
        _kills++;
        await acting;
        await _alice.RestartAsync();
    }

    private async Task ActAsync(string action)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{action} {++_number}");
        switch (action)
        {
            case "send":
                _tried.Add(name);
                if (await _alice.SendAsync("Team", name)) _acknowledged.Add(name);
                break;
            case "receive":
                _tried.Add(name);
                await _bob.SendAsync("Team", [name]);
                _acknowledged.Add(name);
                await TryAsync(() => _alice.ReadAsync("Team"));
                break;
            case "commit":
                await TryAsync(() => _alice.AskAsync(new GroupCreateCommand(name, ["Bob"])));
                break;
            default:
                await _bob.AskAsync(new GroupCreateCommand(name, ["Alice"]));
                await TryAsync(() => _alice.ReadAsync(name));
                break;
        }
    }

    /// <summary>Whoever carries it out may die.</summary>
    private static async Task TryAsync(Func<Task> act)
    {
        try { await act(); }
        catch (FaceException ended) when (ended.Code == FaceCode.AgentEnded)
        {
            // That is what it is for.
        }
    }

    /// <summary>Both have the same, each text that was acknowledged once, no other more than once, nothing that cannot be read; and can talk on.</summary>
    private async Task CheckAsync()
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"check {++_number}");
        Assert.True(await _alice.SendAsync("Team", name));
        _tried.Add(name);
        _acknowledged.Add(name);
        var (hers, his) = (await _alice.ReadAsync("Team"), await _bob.ReadAllAsync("Team"));
        Assert.DoesNotContain(hers.Concat(his), static message => message.Kind == "unreadable");
        var texts = his.Where(static message => message.Kind == "text").Select(static message => message.Text).ToList();
        Assert.Equal(texts, hers.Where(static message => message.Kind == "text").Select(static message => message.Text));
        Assert.Equal(texts.Distinct(), texts);
        Assert.Empty(_acknowledged.Except(texts));
        Assert.Empty(texts.Except(_tried));
        Assert.Equal(_acknowledged, texts.Where(_acknowledged.Contains));
        var joined = (await _alice.AskAsync(new ConversationsCommand())).OfType<ConversationAnswer>().ToList();
        Assert.All(joined, static conversation => Assert.Equal("active", conversation.State));
        Sealed();
    }

    /// <summary>Which key has sealed what, of all that has left her vault: each has sealed one ciphertext.</summary>
    private Dictionary<string, string> Sealed()
    {
        var used = new Dictionary<string, string>();
        foreach (string[] line in File.ReadLines(_folder.Of("alice/vault/sealed")).Select(static line => line.Split('\t')))
            if (!used.TryAdd(line[0], line[1])) Assert.Equal(used[line[0]], line[1]);
        return used;
    }
}
