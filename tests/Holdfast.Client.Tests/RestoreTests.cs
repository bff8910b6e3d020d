using Holdfast.Client.Tests.Support;

namespace Holdfast.Client.Tests;

/// <summary>The server is lost and restored from a backup: it knows less than its clients, who find together again without anybody's doing.</summary>
public sealed class RestoreTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1), Pause = TimeSpan.FromMilliseconds(200);

    private TwoPeople _two = null!;

    private Person Alice => _two.Alice;

    private Person Bob => _two.Bob;

    private string Backup => _two.Folder.Of("backup");

    public async ValueTask InitializeAsync()
    {
        _two = await TwoPeople.MeetAsync();
        await Alice.SendAsync("Bob", ["before"]);
        await Bob.SendAsync("Alice", ["heard"]);
    }

    public ValueTask DisposeAsync() => _two.DisposeAsync();

    /// <summary>What was said since is with those who have read it, and no later message is taken for it.</summary>
    [Fact]
    public async Task WhereMessagesWereLostTheConversationGoesOnAndNobodyMissesALaterOne()
    {
        await _two.Server.BackUpAsync(Backup);
        await Alice.SendAsync("Bob", ["since", "and more"]);
        await ExpectAsync(Bob, "Alice", "and more");
        await RestoreAsync();
        await SendAsync(Bob, "Alice", "after");
        await SendAsync(Alice, "Bob", "too");
        await ExpectAsync(Bob, "Alice", "too");
        Assert.Equal(["before", "heard", "since", "and more", "after", "too"], await TextsAsync(Bob, "Alice"));
        Assert.Equal(["before", "heard", "since", "and more", "after", "too"], await TextsAsync(Alice, "Bob"));
    }

    /// <summary>The server knows no key of the present epoch: who had an earlier one shows that, and tells it.</summary>
    [Fact]
    public async Task WhereChangesWereLostAllWhoFollowedThemGoOnAlsoWhoCameByThem()
    {
        await using var carol = await Person.JoinAsync(_two.Folder.Of("carol"), "Carol", await Alice.InviteAsync());
        await Alice.AskAsync(new GroupCreateCommand("Team", ["Bob"]));
        await SendAsync(Alice, "Team", "begun");
        await ExpectAsync(Bob, "Team", "begun");
        await _two.Server.BackUpAsync(Backup);
        await Alice.AskAsync(new GroupAddCommand("Team", ["Carol"]));
        await SendAsync(Alice, "Team", "welcome");
        await ExpectAsync(carol, "Team", "welcome");
        await ExpectAsync(Bob, "Team", "welcome");
        await RestoreAsync();
        await SendAsync(Bob, "Team", "from Bob");
        await SendAsync(carol, "Team", "from Carol");
        await SendAsync(Alice, "Team", "from Alice");
        foreach (var person in new[] { Alice, Bob, carol })
            foreach (string text in new[] { "from Bob", "from Carol", "from Alice" }) await ExpectAsync(person, "Team", text);
    }

    [Fact]
    public async Task AConversationThatTheServerHasLostWholeIsMadeAgainByItsMembers()
    {
        await _two.Server.BackUpAsync(Backup);
        await Alice.AskAsync(new GroupCreateCommand("Later", ["Bob"]));
        await SendAsync(Alice, "Later", "begun");
        await ExpectAsync(Bob, "Later", "begun");
        await RestoreAsync();
        await SendAsync(Bob, "Later", "from Bob");
        await SendAsync(Alice, "Later", "from Alice");
        await ExpectAsync(Alice, "Later", "from Bob");
        await ExpectAsync(Bob, "Later", "from Alice");
    }

    /// <summary>Who was away during a change that the server has lost is added again, once the others speak.</summary>
    [Fact]
    public async Task WhoHadNotSeenALostChangeIsAddedAgain()
    {
        await using var carol = await Person.JoinAsync(_two.Folder.Of("carol"), "Carol", await Alice.InviteAsync());
        await Alice.AskAsync(new GroupCreateCommand("Team", ["Bob"]));
        await SendAsync(Alice, "Team", "begun");
        await ExpectAsync(Bob, "Team", "begun");
        await Bob.EndAgentAsync();
        await _two.Server.BackUpAsync(Backup);
        await Alice.AskAsync(new GroupAddCommand("Team", ["Carol"]));
        await SendAsync(Alice, "Team", "without Bob");
        await ExpectAsync(carol, "Team", "without Bob");
        await RestoreAsync();
        await Bob.RestartAsync();
        await SendAsync(Alice, "Team", "after");
        await SendAsync(Bob, "Team", "here again");
        await ExpectAsync(Alice, "Team", "here again");
        await ExpectAsync(carol, "Team", "here again");
    }

    private Task RestoreAsync() => _two.Server.RestoreAsync(Backup, _two.Folder.Of("restored"));

    private static async Task<List<string>> TextsAsync(Person person, string conversation) =>
        [.. (await person.ReadAsync(conversation)).Where(static message => message.Kind == "text").Select(static message => message.Text)];

    private static async Task ExpectAsync(Person person, string conversation, string text)
    {
        List<string> texts = [];
        for (long began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < Patience; await Task.Delay(Pause))
        {
            try { texts = await TextsAsync(person, conversation); }
            catch (FaceException) { continue; }   // not joined yet, or not connected again
            if (texts.Contains(text)) return;
        }
        Assert.Fail($"\"{text}\" does not come; there is {string.Join(", ", texts)}");
    }

    /// <summary>Connections are made again, and members added again, in their time.</summary>
    private static async Task SendAsync(Person person, string conversation, string text)
    {
        for (long began = TimeProvider.System.GetTimestamp(); ; await Task.Delay(Pause))
        {
            try
            {
                await person.SendAsync(conversation, [text]);
                return;
            }
            catch (FaceException) when (TimeProvider.System.GetElapsedTime(began) < Patience) { continue; }
        }
    }
}
