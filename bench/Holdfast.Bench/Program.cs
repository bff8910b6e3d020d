using Holdfast.Bench;

const int Runs = 5, CloneRuns = 5;

if (args is not [var repository, .. var options] || options.Except(["--clone", "--vault"]).Any())
{
    Console.Error.WriteLine("usage: bench/run [--clone | --vault]");
    return 2;
}
string program = Path.Combine(repository, "artifacts", "install", "holdfast");
string folder = Directory.CreateTempSubdirectory("hfb-").FullName;   // short: it is the beginning of sockets' paths
var report = new Report(Path.Combine(repository, "bench", "results", "first-conversation.jsonl"), new Machine());
try
{
    Say("the vault's process");
    string vault = Path.Combine(Path.GetDirectoryName(program)!, "vault", "holdfast-vault");
    foreach (var measurement in new VaultCalls(vault, folder).Measure(Runs)) report.Add(measurement);
    if (options.Contains("--vault")) return Finish();
    await using (var firstMessages = new FirstMessages(program, folder))
    {
        Say("first message after join");
        report.Add(await firstMessages.MeasureAsync(Runs));
        Say("five accounts on each of these servers");
        await firstMessages.LeaveAloneAsync();
        await MeasureConversationAsync();
        Say("the rest of the minute in which the servers are left alone");
        report.Add(await firstMessages.MeasureServersAtRestAsync());
    }
    if (options.Contains("--clone"))
    {
        Say("first message from a clone");
        report.Add(await FreshClone.MeasureAsync(CloneRuns, repository, folder));
    }
}
finally
{
    Directory.Delete(folder, recursive: true);
}
return Finish();

int Finish()
{
    report.Print(Console.Out);
    return report.AllReached ? 0 : 1;
}

async Task MeasureConversationAsync()
{
    const string Group = "Team";
    await using var household = await Household.StartAsync(program, folder);
    await household.JoinAsync("Alice", household.OwnerInvite);
    var invites = await household.InvitesAsync("Alice", 2);
    await household.JoinAsync("Bob", invites[0]);
    await household.JoinAsync("Carol", invites[1]);
    await household.AsAsync("Alice", "group", "create", Group, "Bob", "Carol");
    Say("short messages");
    foreach (var measurement in await new ShortMessages(household, Group).MeasureAsync(Runs, ["Bob", "Carol"])) report.Add(measurement);
    Say("a file of 100 MB");
    foreach (var measurement in await new LargeFiles(household).MeasureAsync(Runs)) report.Add(measurement);
}

static void Say(string text) => Console.Error.WriteLine($"measuring: {text}");
