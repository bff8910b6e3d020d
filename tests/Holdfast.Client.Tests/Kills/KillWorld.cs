using System.Globalization;
using Holdfast.Client.Tests.Support;
using Holdfast.Protocol;

namespace Holdfast.Client.Tests.Kills;

/// <summary>
/// Alice, whose agent and vault are killed and started again and unlocked, which is all that is ever done for them; and Bob, with whom she talks.
/// Real processes and a real server.
/// </summary>
internal sealed class KillWorld : IAsyncDisposable
{
    private readonly Person _bob;
    private readonly Talk _talk = new();
    private readonly SealedKeys _keys;
    private readonly Wire _wire;
    private readonly string _carol;
    private int _number;

    private KillWorld(string folder, string server, string carol)
    {
        (_wire, _carol) = (new Wire(server), carol);
        _bob = Person.Without(Path.Combine(folder, "bob"), AgentProcess.Program);
        Alice = new AgentProcess(Path.Combine(folder, "alice"));
        _keys = new SealedKeys(Path.Combine(folder, "alice", "vault", "sealed"));
    }

    /// <summary>Who is killed.</summary>
    public AgentProcess Alice { get; }

    /// <summary>How often she was.</summary>
    public int Kills { get; private set; }

    /// <summary>What has been seen.</summary>
    public KillCount Count => new(Kills, _talk.Tried, _talk.Acknowledged, _keys.Count);

    /// <summary>Both have joined and are in a group; she knows a third, Carol, who comes and goes.</summary>
    /// <param name="folder">Where their profiles are.</param>
    /// <param name="invite">For Bob.</param>
    /// <param name="carol">Carol's PIN.</param>
    public static async Task<KillWorld> StartAsync(string folder, string invite, string carol)
    {
        Assert.True(Invite.TryParse(invite, out var parsed, out _));
        var world = new KillWorld(folder, parsed!.Server, carol);
        await world._bob.JoinAsync("Bob", invite);
        Assert.True(Invite.TryParse(await world._bob.InviteAsync(), out parsed, out _));
        await world.Alice.JoinAsync("Alice", (parsed! with { Server = world._wire.Address }).ToLink());
        await world.Alice.AskAsync(new AddContactCommand(carol));
        await world._bob.AskAsync(new ContactsCommand());
        await world._bob.AskAsync(new GroupCreateCommand("Team", ["Alice"]));
        await world.Alice.ReadAsync("Team");
        return world;
    }

    /// <summary>The steps of an action at which nobody dies.</summary>
    public async Task<IReadOnlyList<string>> WatchAsync(string action)
    {
        await SettleAsync(action);
        Alice.Watch();
        await ActAsync(action);
        await SettleAsync();
        Assert.True(Alice.TrySpare());
        return [.. Alice.Watched().Where(static step => !step.Contains("ReadHistory", StringComparison.Ordinal))];   // noted now and then, and no part of it
    }

    /// <summary>Lets them die at the n-th step of an action, or of those of a name; false where it has fewer.</summary>
    public async Task<bool> DieAsync(string who, string action, int step, string? name = null)
    {
        await SettleAsync(action);
        Alice.Order(who, step, name);
        await ActAsync(action);
        await TryAsync(() => SettleAsync());
        if (Alice.TrySpare()) return false;
        await BeginAgainAsync();
        return true;
    }

    /// <summary>Lets the client die instead of what goes to the server, or comes from it, as the n-th since the action began; false where there is less.</summary>
    public async Task<bool> DieAtWireAsync(string action, int piece)
    {
        await SettleAsync(action);
        _wire.Order(piece, Alice.Kill);
        await ActAsync(action);
        if (_wire.TrySpare()) return false;
        await BeginAgainAsync();
        return true;
    }

    /// <summary>kill -9 from outside, while an action goes on.</summary>
    public async Task DieWheneverAsync(string who, string action, int milliseconds)
    {
        if (action is "add" or "remove") await SettleAsync(action);   // else they may die while they begin again
        var acting = ActAsync(action);
        await Task.Delay(milliseconds, TestContext.Current.CancellationToken);
        if (who == "vault") Alice.KillVault();
        else Alice.Kill();
        await acting;
        await BeginAgainAsync();
    }

    /// <summary>
    /// Both have the same, each text that was acknowledged once, no other more than once, nothing that cannot be read, no conversation that is
    /// not as it should be; no key has sealed two texts; and they can talk on.
    /// </summary>
    public async Task CheckAsync()
    {
        string name = NameOf("check");
        _talk.Try(name);
        Assert.True(await Alice.SendAsync("Team", name));
        _talk.Acknowledge(name);
        var (hers, his) = (await Alice.ReadAsync("Team", _talk.Position), await _bob.ReadAllAsync("Team", _talk.Position));
        _talk.Check(Texts(hers), Texts(his));
        var conversations = (await Alice.AskAsync(new ConversationsCommand())).OfType<ConversationAnswer>().ToList();
        Assert.All(conversations, static conversation => Assert.Equal("active", conversation.State));
        _keys.Check();
    }

    /// <summary>The same, and all that has been looked at is still there.</summary>
    public async Task CheckAllAsync()
    {
        await CheckAsync();
        Alice.Kill();
        await BeginAgainAsync();   // who gives the passcode may read back as much as there is
        Assert.Equal(_talk.Lines, Texts(await Alice.ReadAsync("Team")));
        int sent = _talk.Lines.Count(static line => line.Text.StartsWith("send", StringComparison.Ordinal));
        Assert.True(_keys.Count >= sent, $"the record has {_keys.Count} ciphertexts, and she has sent {sent} texts");
    }

    public async ValueTask DisposeAsync()
    {
        await Alice.DisposeAsync();
        await _bob.DisposeAsync();
        await _wire.DisposeAsync();
    }

    private static List<Line> Texts(List<MessageAnswer> messages)
    {
        Assert.DoesNotContain(messages, static message => message.Kind == "unreadable");
        return [.. messages.Where(static message => message.Kind == "text").Select(static message => new Line(message.Position, message.Id, message.Text))];
    }

    /// <summary>She has logged in and read to the end, and what that writes is written; and Carol is where the action wants her.</summary>
    private async Task SettleAsync(string? action = null)
    {
        await Alice.ReadAsync("Team", _talk.Position);
        if (action is not ("add" or "remove")) return;
        var members = (await Alice.AskAsync(new GroupMembersCommand("Team"))).OfType<MemberAnswer>();
        if (members.Any(member => member.Pin == _carol) == (action == "add")) await Alice.AskAsync(Change(action == "add" ? "remove" : "add"));
    }

    private async Task BeginAgainAsync()
    {
        Kills++;
        await Alice.RestartAsync();
    }

    private string NameOf(string action) => string.Create(CultureInfo.InvariantCulture, $"{action} {++_number}");

    private async Task ActAsync(string action)
    {
        string name = NameOf(action);
        switch (action)
        {
            case "send":
                _talk.Try(name);
                if (await Alice.SendAsync("Team", name)) _talk.Acknowledge(name);
                break;
            case "receive":
                _talk.Try(name);
                await _bob.SendAsync("Team", [name]);
                _talk.Acknowledge(name);
                await TryAsync(() => Alice.ReadAsync("Team", _talk.Position));
                break;
            case "create":
                await TryAsync(() => Alice.AskAsync(new GroupCreateCommand(name, ["Bob"])));
                break;
            case "add" or "remove":
                await TryAsync(() => Alice.AskAsync(Change(action)));
                break;
            default:
                await _bob.AskAsync(new GroupCreateCommand(name, ["Alice"]));
                await TryAsync(() => Alice.ReadAsync(name));
                break;
        }
    }

    private FaceCommand Change(string action) => action == "add" ? new GroupAddCommand("Team", [_carol]) : new GroupRemoveCommand("Team", _carol);

    /// <summary>Whoever carries it out may die.</summary>
    private static async Task TryAsync(Func<Task> act)
    {
        try { await act(); }
        catch (FaceException ended) when (ended.Code == FaceCode.AgentEnded)
        {
            // That is what it is for.
        }
    }
}

/// <summary>What was seen: how many kills, texts to be sent, acknowledgements, and ciphertexts under different keys.</summary>
internal readonly record struct KillCount(int Kills, int Texts, int Acknowledged, int Ciphertexts)
{
    public static KillCount operator +(KillCount left, KillCount right) => new(
        left.Kills + right.Kills, left.Texts + right.Texts, left.Acknowledged + right.Acknowledged, left.Ciphertexts + right.Ciphertexts);
}
