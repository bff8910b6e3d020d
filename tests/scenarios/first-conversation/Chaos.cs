namespace Holdfast.Scenarios.FirstConversation;

/// <summary>Kills the server, agents and vaults with signal 9 at points that the seed decides, and starts the server again.</summary>
internal sealed class Chaos : IDisposable
{
    /// <summary>So often in the whole story.</summary>
    public const int Kills = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), Pause = TimeSpan.FromMilliseconds(10);

    private readonly Server _server;
    private readonly Transcript _transcript;
    private readonly Random _random;
    private readonly Queue<Victim> _victims;
    private readonly SemaphoreSlim _one = new(1);
    private readonly List<Task> _strikes = [];

    /// <summary>Decides who is killed, in which order.</summary>
    public Chaos(Server server, Transcript transcript, Random random)
    {
        (_server, _transcript, _random) = (server, transcript, random);
        Victim[] victims =
        [
            Victim.Server, Victim.Server, Victim.Server, Victim.Agent, Victim.Agent, Victim.Agent, Victim.Agent,
            Victim.Vault, Victim.Vault, Victim.Vault,
        ];
        random.Shuffle(victims);
        _victims = new(victims);
    }

    private enum Victim { Server, Agent, Vault }

    /// <summary>How many have been killed.</summary>
    public int Struck { get; private set; }

    /// <summary>Strikes at random counts while so many things are done; tell the result of each done one.</summary>
    public Action<int> During(int things, int kills, params Person[] people)
    {
        int[] points = [.. Enumerable.Range(0, kills).Select(_ => _random.Next(1, things))];
        Array.Sort(points);
        var strikes = new Queue<(int Point, Action Start)>(points.Select(point => (point, Next(people))));
        int done = 0;
        return count =>
        {
            lock (strikes)
            {
                done += count;
                while (strikes.TryPeek(out var strike) && strike.Point <= done) strikes.Dequeue().Start();
            }
        };
    }

    /// <summary>Strikes at random moments within this time from now.</summary>
    public void Within(TimeSpan time, int kills, params Person[] people)
    {
        for (int i = 0; i < kills; i++)
        {
            var moment = time * _random.NextDouble();
            var start = Next(people);
            Add(Task.Delay(moment).ContinueWith(_ => start(), TaskScheduler.Default));
        }
    }

    /// <summary>Waits until all that was started has struck and the server is up.</summary>
    public async Task SettleAsync()
    {
        while (true)
        {
            Task[] strikes;
            lock (_strikes)
            {
                if (_strikes.Count == 0) return;
                strikes = [.. _strikes];
                _strikes.Clear();
            }
            await Task.WhenAll(strikes);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    /// <summary>Who is next is decided here, in the story's order, so that a seed means the same every time.</summary>
    private Action Next(Person[] people)
    {
        var victim = _victims.Dequeue();
        var order = people.ToArray();
        _random.Shuffle(order);
        return () => Add(Task.Run(() => StrikeAsync(victim, order)));
    }

    private void Add(Task strike)
    {
        lock (_strikes) _strikes.Add(strike);
    }

    private async Task StrikeAsync(Victim victim, Person[] people)
    {
        await _one.WaitAsync();
        try
        {
            if (victim == Victim.Server) await StrikeServerAsync();
            else await StrikePersonAsync(victim, people);
            Struck++;
        }
        finally { _one.Release(); }
    }

    private async Task StrikeServerAsync()
    {
        _transcript.Note("-- kill -9 of the server");
        _server.Kill();
        await _server.StartAsync();
        _transcript.Note("-- the server is up again");
    }

    /// <summary>Whoever comes first in the order and has such a process just now.</summary>
    private async Task StrikePersonAsync(Victim victim, Person[] people)
    {
        for (long start = Environment.TickCount64; Environment.TickCount64 - start < Patience.TotalMilliseconds; await Task.Delay(Pause))
        {
            foreach (var person in people)
            {
                if ((victim == Victim.Agent ? ProcessTable.AgentOf(person.Profile) : ProcessTable.VaultOf(person.Profile)) is not { } process) continue;
                _transcript.Note($"-- kill -9 of {person.Name}'s {(victim == Victim.Agent ? "agent" : "vault")}");
                ProcessTable.Kill(process);
                return;
            }
        }
        throw new ScenarioException($"There was no {victim} to kill.");
    }
}
