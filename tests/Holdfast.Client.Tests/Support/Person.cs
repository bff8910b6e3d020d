using Holdfast.Cryptography;

namespace Holdfast.Client.Tests.Support;

/// <summary>Someone with a profile, whose agent runs inside the test and whose vault is a process of its own.</summary>
internal sealed class Person : IAsyncDisposable
{
    private readonly Profile _profile;
    private readonly CancellationTokenSource _stop = new();
    private readonly Mistakes _mistakes = new();

    private Person(string folder, string? vault)
    {
        (_profile, Vault) = (new Profile(folder), vault ?? Installed.Vault);
        Start();
    }

    /// <summary>The vault's program at the next start.</summary>
    public string Vault { get; set; }

    public Task AgentEnded { get; private set; } = Task.CompletedTask;

    private static byte[] Passcode => "correct horse"u8.ToArray();

    public static async Task<Person> JoinAsync(string folder, string name, string invite)
    {
        var person = Without(folder);
        await person.JoinAsync(name, invite);
        return person;
    }

    /// <summary>Someone who has not joined.</summary>
    public static Person Without(string folder, string? vault = null) => new(folder, vault);

    public async Task<StatusAnswer> JoinAsync(string name, string invite) =>
        (await AskAsync(new JoinCommand(invite, name, Passcode))).OfType<StatusAnswer>().Single();

    /// <summary>A copy of the profile's files as they lie, also while the vault has them open; its agent does not run.</summary>
    public void CopyTo(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "vault"));
        foreach (string file in Directory.EnumerateFiles(_profile.VaultDirectory)) File.Copy(file, Path.Combine(folder, "vault", Path.GetFileName(file)), overwrite: true);
    }

    /// <summary>Some of the vault's files are put back as they were copied; the others stay.</summary>
    public void PutBack(string folder, string pattern)
    {
        foreach (string file in Directory.EnumerateFiles(_profile.VaultDirectory, pattern)) File.Delete(file);
        foreach (string file in Directory.EnumerateFiles(Path.Combine(folder, "vault"), pattern)) File.Copy(file, Path.Combine(_profile.VaultDirectory, Path.GetFileName(file)));
    }

    public async Task<StatusAnswer> RecoverAsync() => (await AskAsync(new RecoverCommand(Passcode))).OfType<StatusAnswer>().Single();

    public void Start() => AgentEnded = Task.Run(() => AgentHost.RunAsync(
        new AgentOptions(_profile) { VaultPath = Vault }, TimeProvider.System, RandomSource.System, _mistakes, _stop.Token));

    /// <summary>Locks the profile, where its agent has not ended by itself because nothing is open.</summary>
    public async Task EndAgentAsync()
    {
        await using var link = await AgentLink.TryConnectAsync(_profile, TestContext.Current.CancellationToken);
        try { await (link?.DoAsync(new LockCommand(), TestContext.Current.CancellationToken) ?? Task.CompletedTask); }
        catch (FaceException ended) when (ended.Code == FaceCode.AgentEnded) { }
        await AgentEnded.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }

    public async Task RestartAsync()
    {
        Start();
        await UnlockAsync();
    }

    public Task UnlockAsync() => AskAsync(new UnlockCommand(Passcode));

    /// <summary>Whether the device is to fetch while it is locked.</summary>
    public Task ChooseDeliveryAsync(bool delivers) => AskAsync(new SetDeliveryCommand(Passcode, delivers));

    public async Task<StatusAnswer> StatusAsync() => (await AskAsync(new StatusCommand())).OfType<StatusAnswer>().Single();

    /// <summary>Locked; its agent is another one, which fetches until there are so many conversations with sealed news.</summary>
    public async Task FetchAsync(int waiting)
    {
        for (int attempt = 0; attempt < 600; attempt++)
        {
            if ((await StatusAsync()).Delivery is { } delivery && delivery.Waiting >= waiting) return;
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        throw new TimeoutException("it fetches nothing");
    }

    /// <summary>What is shown, and why there is no more, where that is so.</summary>
    public async Task<(List<string> Texts, string? Failed)> TryReadAsync(string conversation)
    {
        await using var link = await ConnectAsync();
        var texts = new List<string>();
        try
        {
            await foreach (var answer in link.AskAsync(new ReadCommand(conversation, false, null, 100_000), TestContext.Current.CancellationToken))
                if (answer is MessageAnswer { Kind: not "members" } message) texts.Add(message.Text);
            return (texts, null);
        }
        catch (FaceException failed) { return (texts, failed.Code); }
    }

    public Task KillVaultAsync() => Task.Run(() => Installed.KillVault(_profile.VaultDirectory));

    public async Task<string> InviteAsync() => (await AskAsync(new InviteCommand(1, 1))).OfType<InviteAnswer>().Single().Link;

    public async Task<List<MessageAnswer>> ReadAsync(string conversation) =>
        [.. (await AskAsync(new ReadCommand(conversation, false, null, null))).OfType<MessageAnswer>().Where(static message => message.Kind != "members")];

    /// <summary>All that lies behind a position.</summary>
    public async Task<List<MessageAnswer>> ReadAllAsync(string conversation, ulong since = 0) =>
        [.. (await AskAsync(new ReadCommand(conversation, false, since, null))).OfType<MessageAnswer>()];

    /// <summary>Everything a command answers.</summary>
    public async Task<List<FaceAnswer>> AskAsync(FaceCommand command)
    {
        await using var link = await ConnectAsync();
        var answers = new List<FaceAnswer>();
        await foreach (var answer in link.AskAsync(command, TestContext.Current.CancellationToken)) answers.Add(answer);
        return answers;
    }

    /// <summary>Sends texts and says how many were acknowledged; something may happen before each of them.</summary>
    public async Task<int> SendAsync(string conversation, IReadOnlyList<string> texts, Func<int, Task>? before = null)
    {
        await using var link = await ConnectAsync();
        int total = 0;
        await foreach (var sent in link.SendTextsAsync(conversation, SpacedAsync(texts, before), TestContext.Current.CancellationToken)) total = sent.Total;
        return total;
    }

    public async Task FollowAsync(string conversation, Action<string> seen, CancellationToken cancellationToken)
    {
        await using var link = await ConnectAsync();
        await foreach (var answer in link.AskAsync(new ReadCommand(conversation, true, null, null), cancellationToken))
            if (answer is MessageAnswer { Kind: "text" } message) seen(message.Text);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await AgentEnded.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        Assert.Empty(_mistakes.Seen);
    }

    private static async IAsyncEnumerable<string> SpacedAsync(IReadOnlyList<string> texts, Func<int, Task>? before)
    {
        for (int i = 0; i < texts.Count; i++)
        {
            if (before is not null)
            {
                await before(i);
                await Task.Delay(2);
            }
            yield return texts[i];
        }
    }

    /// <summary>The agent needs a moment to listen.</summary>
    private async Task<AgentLink> ConnectAsync()
    {
        for (int attempt = 0; attempt < 500; attempt++)
        {
            if (await AgentLink.TryConnectAsync(_profile, TestContext.Current.CancellationToken) is { } link) return link;
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
        throw new TimeoutException("the agent does not listen");
    }
}
