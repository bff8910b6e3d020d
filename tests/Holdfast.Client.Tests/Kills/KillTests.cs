using System.Globalization;
using Holdfast.Client.Tests.Support;
using Holdfast.Tests;

namespace Holdfast.Client.Tests.Kills;

/// <summary>
/// ATTACKS B-18: kill -9 of the vault and of the client, at every step of sending, receiving, committing and joining at which something is, or is to
/// be, on the disk or answered. Real processes and a real server. Whoever was killed is started again and unlocked, and that is all.
/// </summary>
public sealed class KillTests : IAsyncLifetime
{
    private const int KillsInAWorld = 500, KillsUntilACheck = 40;

    private static readonly string[] Actions = ["send", "receive", "create", "add", "remove", "join"], Victims = ["vault", "client"];
    private static readonly int[] FewestSteps = [8, 4, 8, 8, 8, 8];

    private readonly TemporaryFolder _folder = new();
    private RealServer _server = null!;
    private Person _carol = null!;
    private string _pin = "";

    public async ValueTask InitializeAsync()
    {
        _server = await RealServer.StartAsync(_folder.Of("server"));
        _carol = Person.Without(_folder.Of("carol"), AgentProcess.Program);
        _pin = (await _carol.JoinAsync("Carol", _server.OwnerInvite)).Pin!;
    }

    public async ValueTask DisposeAsync()
    {
        await _carol.DisposeAsync();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Every step that an action has when nobody dies in it: once the vault dies there, once the client.</summary>
    [Fact]
    public async Task NothingIsLostDoubledOrSealedTwiceWhicheverStepDies() => await Task.WhenAll(Victims.Select(WalkAsync));

    /// <summary>The client dies, and what was going to the server has never arrived; or the server has done it, and its answer is lost.</summary>
    [Fact]
    public async Task NothingIsLostDoubledOrSealedTwiceWhicheverAnswerIsLost()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync(folder);
        foreach (string action in Actions)
        {
            int piece = 1;
            while (await world.DieAtWireAsync(action, piece)) piece++;
            TestContext.Current.TestOutputHelper!.WriteLine($"{piece - 1} pieces of {action}");
            Assert.True(piece > 2, $"{action} goes without the server");
        }
        await world.CheckAllAsync();
    }

    /// <summary>By chance, half of it from outside at any moment: HOLDFAST_KILLS of them, seeded by HOLDFAST_SEED, in HOLDFAST_WORLDS worlds at once.</summary>
    [Fact(Skip = "takes minutes", SkipUnless = nameof(LongRun.IsWanted), SkipType = typeof(LongRun))]
    public async Task NothingIsLostDoubledOrSealedTwiceWhoeverDiesWhenever()
    {
        int kills = Setting("HOLDFAST_KILLS", 1000), seed = Setting("HOLDFAST_SEED", 1), worlds = Setting("HOLDFAST_WORLDS", 1);
        long began = TimeProvider.System.GetTimestamp();
        var seen = new KillCount[worlds];
        await Task.WhenAll(Enumerable.Range(0, worlds).Select(number => KillAsync(kills / worlds, new Random((seed * 100) + number), count => seen[number] += count)));
        var sum = seen.Aggregate(static (left, right) => left + right);
        Recording.Write("kills", new
        {
            seed, kills = sum.Kills, texts = sum.Texts, acknowledged = sum.Acknowledged, ciphertexts = sum.Ciphertexts,
            minutes = Math.Round(TimeProvider.System.GetElapsedTime(began).TotalMinutes, 1),
        });
    }

    private async Task<KillWorld> StartAsync(TemporaryFolder folder) => await KillWorld.StartAsync(folder.Path, await _carol.InviteAsync(), _pin);

    private async Task WalkAsync(string who)
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync(folder);
        foreach (var (action, fewest) in Actions.Zip(FewestSteps))
        {
            var steps = await world.WatchAsync(action);
            TestContext.Current.TestOutputHelper!.WriteLine($"{who}, {steps.Count} steps of {action}: {string.Join(", ", steps)}");
            Assert.True(steps.Count >= fewest, $"{action} has only {steps.Count} steps");
            foreach (var (name, times) in steps.CountBy(static name => name).Where(step => who == "vault" || IsAnswer(step.Key)))
                for (int time = 1; time <= times; time++) await DieAtAsync(world, who, action, time, name);
        }
        await world.CheckAllAsync();
    }

    /// <summary>A client keeps nothing: that it dies while the vault works is no other step than that it dies before the answer.</summary>
    private static bool IsAnswer(string step) => step.EndsWith("answer", StringComparison.Ordinal);

    /// <summary>
    /// A step may be missing from an action now and then, where two things come at once and are one; never from several in a row. But what a call
    /// makes durable behind its own transaction is the store's tidying, which falls into a call once in a while (every step of that is in the
    /// store's CrashTests): where it does not come again it is left.
    /// </summary>
    private static async Task DieAtAsync(KillWorld world, string who, string action, int time, string name)
    {
        for (int attempt = 0; attempt < 5; attempt++)
            if (await world.DieAsync(who, action, time, name)) return;
        if (IsAnswer(name) || name.EndsWith(" 1", StringComparison.Ordinal)) Assert.Fail($"the {who} has not died in {action} {name}, the {time}. time");
        TestContext.Current.TestOutputHelper!.WriteLine($"{who}, {action}: {name} has not come again");
    }

    private static int Setting(string name, int usual) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int set) ? set : usual;

    /// <summary>One world after the other, so that none grows old: what is there is read at every start.</summary>
    private async Task KillAsync(int kills, Random chance, Action<KillCount> seen)
    {
        while (kills > 0)
        {
            using var folder = new TemporaryFolder();
            await using var world = await StartAsync(folder);
            await KillAsync(world, Math.Min(kills, KillsInAWorld), chance);
            kills -= world.Kills;
            seen(world.Count);
        }
    }

    private static async Task KillAsync(KillWorld world, int kills, Random chance)
    {
        int checkedAt = 0;
        while (world.Kills < kills - 1)   // the last is in the last check
        {
            string action = Actions[chance.Next(100) switch { < 44 => 0, < 88 => 1, < 90 => 2, < 94 => 3, < 98 => 4, _ => 5 }], who = Victims[chance.Next(2)];
            if (chance.Next(2) == 0) await world.DieWheneverAsync(who, action, chance.Next(action is "send" or "receive" ? 25 : 100));
            else await world.DieAsync(who, action, 1 + chance.Next(action is "send" or "receive" ? 9 : 30));
            if (world.Kills < checkedAt + KillsUntilACheck) continue;
            checkedAt = world.Kills;
            await world.CheckAsync();
        }
        await world.CheckAllAsync();
    }
}
