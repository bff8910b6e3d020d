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
