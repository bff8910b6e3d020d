using System.Diagnostics;

namespace Holdfast.Scenarios.FirstConversation;

/// <summary>
/// Someone at a terminal, with a profile of their own. Any command may fail because something was just killed, and then it is typed
/// again, but only where it cannot be done twice: what may or may not have been sent is looked for with <c>read</c> first.
/// </summary>
internal sealed class Person(Installation installation, Transcript transcript, string folder, string name, string passcode)
{
    private const int Done = 0, Failed = 1, Unreachable = 3, Locked = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), Pause = TimeSpan.FromMilliseconds(150);

    private readonly string _passcodeFile = WritePasscode(folder, passcode);

    /// <summary>The name others see.</summary>
    public string Name => name;

    /// <summary>What opens the profile.</summary>
    public string Passcode => passcode;

    /// <summary>All that the product keeps for this person.</summary>
    public string Profile { get; } = Path.Combine(folder, "profile");

    /// <summary>Known after joining.</summary>
    public string Pin { get; private set; } = "";

    /// <summary>Known after joining, in hexadecimal.</summary>
    public string Device { get; private set; } = "";

    /// <summary>Makes the account.</summary>
    public async Task JoinAsync(string invite)
    {
        var me = Json.Parse((await RunAsync("join", invite, "--name", name)).Lines[^1]);
        (Pin, Device) = (me.Text("pin"), me.Text("device"));
    }

    /// <summary>Invites others.</summary>
    public async Task<Queue<string>> InviteAsync(int count) =>
        new((await RunAsync("invite", "--count", $"{count}")).Lines.Select(static line => Json.Parse(line).Text("invite")));

    /// <summary>Locks the profile, which ends its processes.</summary>
    public Task LockAsync() => RunAsync("lock");

    /// <summary>Makes a group, once.</summary>
    public async Task CreateGroupAsync(string title, params Person[] members)
    {
        if (await OnceAsync(["group", "create", title, .. members.Select(static member => member.Name)], async () =>
            (await RunAsync("conversations")).Lines.Any(line => Json.Parse(line).Text("name") == title)) is { } refused) throw refused;
    }

    /// <summary>Adds someone to a group, once.</summary>
    public async Task AddAsync(Conversation group, Person newcomer)
    {
        string[] command = ["group", "add", group.NameFor(this), newcomer.Name];
        if (await OnceAsync(command, () => HasAsync(group, newcomer)) is { } refused) throw refused;
    }

    /// <summary>Removes someone from a group, once.</summary>
    public async Task RemoveAsync(Conversation group, Person member)
    {
        string[] command = ["group", "remove", group.NameFor(this), member.Name];
        if (await OnceAsync(command, async () => !await HasAsync(group, member)) is { } refused) throw refused;
    }

    /// <summary>Sends texts, one process for all, in order, each once.</summary>
    public async Task SendAsync(Conversation conversation, IReadOnlyList<Message> messages, Action<int> sent)
    {
        var left = messages.ToList();
        for (var clock = Stopwatch.StartNew(); left.Count > 0;)
        {
            int acknowledged = 0;
            string[] command = ["send", conversation.NameFor(this), "-"];
            var ended = await TypeAsync(command, [.. left.Select(static message => message.Text)], line =>
            {
                left[acknowledged++].Acknowledge(line);
                sent(1);
            });
            left.RemoveRange(0, acknowledged);
            if (ended.Exit == Done && left.Count > 0) throw new ScenarioException($"{name}: send ended well, but {left.Count} messages were not acknowledged.");
            if (left.Count == 0 && ended.Exit == Done) return;
            await AfterFailureAsync(command, ended, clock);
            sent(await ForgetSentAsync(conversation, left));
        }
    }

    /// <summary>Sends a file, once.</summary>
    public async Task SendAsync(Conversation conversation, Message message)
    {
        string[] command = ["send", conversation.NameFor(this), "--file", message.File!.Path];
        List<Message> left = [message];
        for (var clock = Stopwatch.StartNew(); left.Count > 0;)
        {
            var ended = await TypeAsync(command, null, message.Acknowledge);
            if (ended.Exit == Done) return;
            await AfterFailureAsync(command, ended, clock);
            await ForgetSentAsync(conversation, left);
        }
    }

    /// <summary>Everything this person has of a conversation.</summary>
    public async Task<History> ReadAsync(Conversation conversation) =>
        new(this, (await RunAsync("read", conversation.NameFor(this))).Lines);

    /// <summary>Tries to send into a conversation; returns how that ended.</summary>
    public Task<Ended> TrySendAsync(Conversation conversation, string text) => TypeAsync(["send", conversation.NameFor(this), text], null, null);

    /// <summary>Saves an attachment; returns where it lies.</summary>
    public async Task<string> SaveAsync(string attachment, string target)
    {
        Directory.CreateDirectory(target);
        return Json.Parse((await RunAsync("save", attachment, target)).Lines[^1]).Text("path");
    }

    /// <summary>The log of a conversation, in hexadecimal.</summary>
    public async Task<string> LogOfAsync(Conversation conversation) => (await RunAsync("conversations")).Lines.Select(Json.Parse)
        .Single(found => found.Text("name") == conversation.NameFor(this)).Text("conversation");

    /// <summary>Types a command that may be typed again however it failed.</summary>
    public async Task<Ended> RunAsync(params string[] arguments)
    {
        for (var clock = Stopwatch.StartNew(); ;)
        {
            var ended = await TypeAsync(arguments, null, null);
            if (ended.Exit == Done) return ended;
            await AfterFailureAsync(arguments, ended, clock);
        }
    }

    /// <summary>Ends what runs for this person, without a warning.</summary>
    public void Kill()
    {
        if (ProcessTable.AgentOf(Profile) is { } agent) ProcessTable.Kill(agent);
        if (ProcessTable.VaultOf(Profile) is { } vault) ProcessTable.Kill(vault);
    }

    private static string WritePasscode(string folder, string passcode)
    {
        Directory.CreateDirectory(folder);
        string file = Path.Combine(folder, "passcode");
        File.WriteAllText(file, passcode + "\n");
        return file;
    }

    /// <summary>Types a command until it is done, or until it shows that an earlier try was; returns why the product refuses.</summary>
    private async Task<ScenarioException?> OnceAsync(string[] command, Func<Task<bool>> isDone)
    {
        for (var clock = Stopwatch.StartNew(); ;)
        {
            var ended = await TypeAsync(command, null, null);
            if (ended.Exit == Done || (MayBeDone(ended) && await isDone())) return null;
            if (!MayBeDone(ended)) return await isDone() ? null : Unexpected(command, ended);
            await AfterFailureAsync(command, ended, clock);
        }
    }

    private async Task<bool> HasAsync(Conversation group, Person person) =>
        (await RunAsync("group", "members", group.NameFor(this))).Lines.Any(line => Json.Parse(line).Text("pin") == person.Pin);

    /// <summary>Takes off the list what is in our own history already, be it pending; returns how many those were.</summary>
    private async Task<int> ForgetSentAsync(Conversation conversation, List<Message> left)
    {
        var signs = (await ReadAsync(conversation)).Signs();
        return left.RemoveAll(message => signs.Contains(message.Sign));
    }

    private async Task<Ended> TypeAsync(string[] arguments, IReadOnlyList<string>? input, Action<string>? hear)
    {
        string[] all = [arguments[0], "--json", "--profile", Profile, "--passcode-file", _passcodeFile, .. arguments[1..]];
        var clock = Stopwatch.StartNew();
        var ended = await Command.RunAsync(installation.Holdfast, all, input, hear);
        transcript.Note($"{name}: {string.Join(' ', arguments)} -> {ended.Exit} in {clock.ElapsedMilliseconds} ms {ended.Errors.Trim()}");
        return ended;
    }

    /// <summary>Whether the command failed because something was not there, so that it tells nothing about what was done.</summary>
    private static bool MayBeDone(Ended ended) => ended.Exit is Unreachable or Locked || (ended.Exit == Failed && ended.Code == "agent-ended");

    private async Task AfterFailureAsync(string[] command, Ended ended, Stopwatch clock)
    {
        if (!MayBeDone(ended) || clock.Elapsed > Patience) throw Unexpected(command, ended);
        if (ended.Code == "quota-reached") await TypeAsync(["unlock"], null, null);   // as it says: whoever types the passcode may read on
        await Task.Delay(Pause);
    }

    private ScenarioException Unexpected(string[] command, Ended ended) => new(
        $"""
        {name}: "{string.Join(' ', command)}" ended with {ended.Exit}:
        {ended.Errors.Trim()}
        Its last lines: {string.Join('\n', ended.Lines.TakeLast(3))}
        """);
}
