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

    private static readonly string[] Actions = ["send", "receive", "commit", "join"], Victims = ["vault", "client"];
    private static readonly int[] FewestSteps = [8, 4, 8, 4];

    private readonly TemporaryFolder _folder = new();
    private RealServer _server = null!;
    private Person _owner = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RealServer.StartAsync(_folder.Of("server"));
        _owner = Person.Without(_folder.Of("owner"), AgentProcess.Program);
        await _owner.JoinAsync("Owner", _server.OwnerInvite);
    }

    public async ValueTask DisposeAsync()
    {
        await _owner.DisposeAsync();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>
    /// Every step that an action has when nobody dies in it: once the vault dies there, once the client. What is between the client's steps and the
    /// server's is between two of these: a post that the server has and has not acknowledged is one whose entry the vault is about to store.
    /// </summary>
    [Fact]
    public async Task NothingIsLostDoubledOrSealedTwiceWhicheverStepDies() => await Task.WhenAll(Victims.Select(WalkAsync));

    /// <summary>By chance, half of it from outside at any moment: HOLDFAST_KILLS of them, seeded by HOLDFAST_SEED, in HOLDFAST_WORLDS worlds at once.</summary>
    [Fact(Skip = "takes minutes", SkipUnless = nameof(LongRun.IsWanted), SkipType = typeof(LongRun))]
    public async Task NothingIsLostDoubledOrSealedTwiceWhoeverDiesWhenever()
    {
        int kills = Setting("HOLDFAST_KILLS", 1000), seed = Setting("HOLDFAST_SEED", 1), worlds = Setting("HOLDFAST_WORLDS", 1);
        long began = TimeProvider.System.GetTimestamp();
        var seen = new KillCount[worlds];
        await Task.WhenAll(Enumerable.Range(0, worlds).Select(number => KillAsync(number, kills / worlds, new Random((seed * 100) + number), count => seen[number] += count)));
        var sum = seen.Aggregate(static (left, right) => left + right);
        Recording.Write("kills", new
        {
            seed, kills = sum.Kills, texts = sum.Texts, acknowledged = sum.Acknowledged, ciphertexts = sum.Ciphertexts,
            minutes = Math.Round(TimeProvider.System.GetElapsedTime(began).TotalMinutes, 1),
        });
    }

    private async Task WalkAsync(string who)
    {
        using var folder = new TemporaryFolder();
        await using var world = await KillWorld.StartAsync(folder.Path, await _owner.InviteAsync());
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

    /// <summary>A step may be missing from an action now and then, where two things come at once and are one; never from several in a row.</summary>
    private static async Task DieAtAsync(KillWorld world, string who, string action, int time, string name)
    {
        for (int attempt = 0; attempt < 5; attempt++)
            if (await world.DieAsync(who, action, time, name)) return;
        Assert.Fail($"the {who} has not died in {action} {name}, the {time}. time");
    }

    private static int Setting(string name, int usual) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int set) ? set : usual;

    /// <summary>One world after the other, so that none grows old: what is there is read at every start.</summary>
    private async Task KillAsync(int worker, int kills, Random chance, Action<KillCount> seen)
    {
        for (int number = 0; kills > 0; number++)
        {
            using var folder = new TemporaryFolder();
            await using var world = await KillWorld.StartAsync(folder.Path, await _owner.InviteAsync());
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
            string action = Actions[chance.Next(100) switch { < 47 => 0, < 94 => 1, < 97 => 2, _ => 3 }], who = Victims[chance.Next(2)];
            if (chance.Next(2) == 0) await world.DieWheneverAsync(who, action, chance.Next(action is "send" or "receive" ? 25 : 100));
            else await world.DieAsync(who, action, 1 + chance.Next(action is "send" or "receive" ? 9 : 30));
            if (world.Kills < checkedAt + KillsUntilACheck) continue;
            checkedAt = world.Kills;
            await world.CheckAsync();
        }
        await world.CheckAllAsync();
    }
}
