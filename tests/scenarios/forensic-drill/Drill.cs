using System.Diagnostics;
using System.Globalization;

namespace Holdfast.Scenarios.ForensicDrill;

/// <summary>
/// What is done on the machine, once for all tests: three people of three accounts talk through a server, change a passcode, send files,
/// and lock. What could be found before and after that is kept.
/// </summary>
public sealed class Drill : IAsyncLifetime
{
    /// <summary>Users that nobody else is, also where two drills run at once.</summary>
    private static readonly int Server = (1 << 20) + (Environment.ProcessId * 4), Ada = Server + 1, Ben = Server + 2, Cleo = Server + 3;

    private const string Data = "/srv/holdfast";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly WorkFolder _folder = new();
    private readonly KnownThings _known = new();
    private World? _world;
    private Process? _server;

    /// <summary>Why nothing was done, where that is so.</summary>
    internal string Impossible { get; private set; } = "";

    internal World World => _world ?? throw new InvalidOperationException("there is no world");

    internal KnownThings Known => _known;

    /// <summary>What lay in the memory of each process while the profiles were open: the process, and what.</summary>
    internal IReadOnlyList<(string Process, string What, string Where)> InMemoryBefore { get; private set; } = [];

    /// <summary>What lay in the server's memory when all profiles were locked.</summary>
    internal IReadOnlyList<string> InServersMemory { get; private set; } = [];

    /// <summary>What lay on the disk, in files or in blocks that no file has any more, when the machine was put out.</summary>
    internal IReadOnlyList<string> OnTheDisk { get; private set; } = [];

    /// <summary>Processes of the people that outlived the lock; Cleo's are others.</summary>
    internal IReadOnlyList<string> Left { get; private set; } = [];

    /// <summary>Processes that fetch for Cleo while all is locked: she has chosen that.</summary>
    internal int Fetching { get; private set; }

    /// <summary>What lay in their memory, once they had fetched something.</summary>
    internal IReadOnlyList<string> InFetchersMemory { get; private set; } = [];

    internal IReadOnlyList<string> FilesWhileOpen { get; private set; } = [];

    internal IReadOnlyList<string> FilesWhenLocked { get; private set; } = [];

    /// <summary>Kilobytes of each process that were in swap while the profiles were open.</summary>
    internal IReadOnlyList<(string Process, long Swapped)> Swapped { get; private set; } = [];

    /// <summary>Mappings of a vault that not even root could read.</summary>
    internal int ClosedMappings { get; private set; }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            Impossible = "the forensic drill mounts a disk and reads the memory of others: it takes root, on Linux";
            return;
        }
        _world = World.TryMake(_folder.Path, [(Server, Data), (Ada, "/home/ada"), (Ben, "/home/ben"), (Cleo, "/home/cleo")], out string why);
        Impossible = why;
        if (_world is null) return;
        await PlayAsync(_world);
        _world.PutOut();
        OnTheDisk = new LeakScan(_known.Needles).FindInFile(_world.Image);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        foreach (int user in (int[])[Server, Ada, Ben, Cleo])
            foreach (var process in ResidentProcess.Of(user)) process.Kill();   // where something went wrong on the way
        _server?.Dispose();
        _world?.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task PlayAsync(World world)
    {
        var people = new[]
        {
            new Resident(world, Ada, "ada", _known.Say(KnownThings.Name, "Ada"), _known.Say(KnownThings.Passcode, "ada opens with")),
            new Resident(world, Ben, "ben", _known.Say(KnownThings.Name, "Ben"), _known.Say(KnownThings.Passcode, "ben opens with")),
            new Resident(world, Cleo, "cleo", _known.Say(KnownThings.Name, "Cleo"), _known.Say(KnownThings.Passcode, "cleo opens with")),
        };
        await ArriveAsync(people, await StartServerAsync(world));
        await TalkAsync(people);
        await LookAsync(world, people);
        await FetchAsync(people[0], people[2]);
        await Task.WhenAll(people[..2].Select(static person => person.TypeAsync("lock")));
        Left = [.. people[..2].SelectMany(static person => person.Processes()).Select(static process => process.Arguments)];
        FilesWhenLocked = world.Files();
        EndFetching(people[2]);
        InServersMemory = [.. ResidentProcess.Of(Server).SelectMany(process => new MemoryScan(_known.Needles).Find(process.Id)).Select(static found => $"{found.What} in {found.Where}")];
        _server!.Kill();
        await _server.WaitForExitAsync();
    }

    /// <summary>One locks whose device goes on fetching, and another says something that it fetches.</summary>
    private async Task FetchAsync(Resident speaker, Resident locked)
    {
        var before = locked.Processes().Select(static process => process.Id).ToHashSet();
        await locked.TypeAsync("lock");
        await speaker.TypeAsync("send", locked.Name, _known.Say(KnownThings.Word, "to one who is locked"));
        for (long began = Environment.TickCount64; ; await Task.Delay(100))
        {
            if (Json.Parse((await locked.TypeAsync("status"))[^1]).GetProperty("waiting").GetInt32() > 0) break;
            if (Environment.TickCount64 - began > Patience.TotalMilliseconds) throw new ScenarioException("Nothing is fetched.");
        }
        var fetchers = locked.Processes().Where(static process => process.IsAgent || process.IsVault).ToList();
        if (fetchers.Any(process => before.Contains(process.Id))) throw new ScenarioException("A process that had words has outlived the lock.");
        Fetching = fetchers.Count;
        InFetchersMemory = [.. fetchers.SelectMany(process => new MemoryScan(_known.Needles).Find(process.Id)).Select(static found => $"{found.What} in {found.Where}")];
    }

    /// <summary>By force: what is on the disk then is what is there at any moment.</summary>
    private static void EndFetching(Resident locked)
    {
        foreach (var process in locked.Processes()) process.Kill();
        for (long began = Environment.TickCount64; locked.Processes().Count > 0; Thread.Sleep(20))
            if (Environment.TickCount64 - began > Patience.TotalMilliseconds) throw new ScenarioException("What fetches does not end.");
    }

    private static async Task ArriveAsync(Resident[] people, string ownerInvite)
    {
        await people[0].TypeAsync("join", ownerInvite, "--name", people[0].Name);
        var invites = (await people[0].TypeAsync("invite", "--count", "2")).Select(static line => Json.Parse(line).Text("invite")).ToList();
        await Task.WhenAll(people[1..].Select((person, i) => person.TypeAsync("join", invites[i], "--name", person.Name)));
        await people[2].TypeAsync("passcode", "delivery", "on");
    }

    /// <summary>Before the keys are learnt each has said something, so that the keys of what is said afterwards follow from them.</summary>
    private async Task TalkAsync(Resident[] people)
    {
        var (ada, ben, cleo) = (people[0], people[1], people[2]);
        string title = _known.Say(KnownThings.Name, "Those who know");
        await ada.TypeAsync("contacts");
        await ada.TypeAsync("group", "create", title, ben.Name, cleo.Name);
        await SayAsync(people, title, "says first");
        await ada.TypeAsync("send", ben.Name, _known.Say(KnownThings.Word, "between the two of us"));
        await ada.TypeAsync("send", cleo.Name, _known.Say(KnownThings.Word, "between us two"));
        await cleo.TypeAsync("read", ada.Name);
        await LearnAsync([ada, cleo], "early");
        await SayAsync(people, title, "says more");
        string next = _known.Say(KnownThings.Passcode, "ada opens otherwise with");
        await ada.ChangePasscodeAsync(next);
        string file = ben.Bring(_known.Say(KnownThings.Name, "plans").Replace(' ', '-') + ".txt", _known.MakeFile());
        _known.AddText(KnownThings.Name, Path.GetFileName(file));
        await ben.TypeAsync("send", title, "--file", file);
        await ada.TypeAsync("group", "remove", title, cleo.Name);
        await ada.TypeAsync("send", title, _known.Say(KnownThings.Word, "without cleo"));
        string given = (await ada.TypeAsync("read", title)).Select(Json.Parse).Single(static message => message.TryGetProperty("file_name", out _)).Text("id");
        await ada.TypeAsync("save", given, ada.Pocket);
        await Task.WhenAll(people.Select(person => person.TypeAsync("read", title)));
        await LearnAsync([ada, ben], "late");
    }

    private async Task SayAsync(Resident[] people, string title, string what)
    {
        string[] said = [.. people.Select(person => _known.Say(KnownThings.Word, $"{person.Account} {what}"))];
        await Task.WhenAll(people.Select((person, i) => person.TypeAsync("send", title, said[i])));
    }

    private async Task LearnAsync(Resident[] people, string when)
    {
        var books = await Task.WhenAll(people.Select(person => KnownThings.KeysOfAsync(person, Path.Combine(_folder.Path, "copies", when, person.Account))));
        foreach (string line in books.SelectMany(static book => book)) _known.LearnKey(line);
    }

    /// <summary>Everything is on the disk that ever will be, and the processes that have the words are alive.</summary>
    private async Task LookAsync(World world, Resident[] people)
    {
        await people[0].TypeAsync("unlock");   // the passcode once more, which an open vault checks
        world.Sync();
        FilesWhileOpen = world.Files();
        var found = new List<(string, string, string)>();
        var swapped = new List<(string, long)>();
        foreach (var person in people[..2])
        {
            var processes = person.Processes();
            foreach (var process in processes.Where(static process => process.IsAgent || process.IsVault))
            {
                var scan = new MemoryScan(_known.Needles);
                string name = process.IsAgent ? "agent" : "vault";
                found.AddRange(scan.Find(process.Id).Select(leak => (name, leak.What, leak.Where)));
                swapped.Add((name, SwappedOf(process.Id)));
                if (process.IsVault) ClosedMappings += scan.Closed;
            }
        }
        (InMemoryBefore, Swapped) = (found, swapped);
    }

    private static long SwappedOf(int process)
    {
        const string Field = "VmSwap:";
        string line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/status"))
            .First(static line => line.StartsWith(Field, StringComparison.Ordinal));
        return long.Parse(line[Field.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }

    private async Task<string> StartServerAsync(World world)
    {
        const string Listening = "listening ";
        string[] command = world.Inside(Server, Data, $"{World.Product}/holdfast", "server", "run", "--data", Data, "--listen", "https://127.0.0.1:0");
        _server = Command.Start(command[0], command[1..]);
        using var patience = new CancellationTokenSource(Patience);
        string invite = "";
        bool isListening = false;
        while (await _server.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.StartsWith("holdfast://", StringComparison.Ordinal)) invite = line;
            isListening |= line.StartsWith(Listening, StringComparison.Ordinal);
            if (isListening && invite.Length > 0) return invite;
        }
        throw new ScenarioException($"The server does not start: {await _server.StandardError.ReadToEndAsync(patience.Token)}");
    }
}
