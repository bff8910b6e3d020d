using Holdfast.Client.Tests.Support;
using Holdfast.Tests;

namespace Holdfast.Client.Tests.Kills;

/// <summary>
/// kill -9 of the vault and of the client at every step of a first join. Whoever types the same again is in, with one account, and can talk.
/// </summary>
public sealed class EnrolmentKillTests : IAsyncLifetime
{
    /// <summary>The longer run takes them all; here it is until the account is there, and without those between two writes of a new store.</summary>
    private const int FewestSteps = 16, Few = 6;

    private readonly TemporaryFolder _folder = new();
    private RealServer _server = null!;
    private Person _carol = null!;
    private int _number;

    public async ValueTask InitializeAsync()
    {
        _server = await RealServer.StartAsync(_folder.Of("server"));
        _carol = Person.Without(_folder.Of("carol"), AgentProcess.Program);
        await _carol.JoinAsync("Carol", _server.OwnerInvite);
    }

    public async ValueTask DisposeAsync()
    {
        await _carol.DisposeAsync();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task WhoDiesWhileJoiningTypesItAgainAndIsIn()
    {
        var steps = await WatchAsync();
        TestContext.Current.TestOutputHelper!.WriteLine($"{steps.Count} steps: {string.Join(", ", steps)}");
        Assert.True(steps.Count >= FewestSteps, $"only {steps.Count} steps");
        var answers = steps.Where(static step => step.EndsWith("answer", StringComparison.Ordinal)).ToList();
        foreach (string step in LongRun.IsWanted ? steps.Distinct() : answers.Take(Few)) await DieAsync("vault", step);
        foreach (string step in LongRun.IsWanted ? answers.Distinct() : answers.Take(Few)) await DieAsync("client", step);
    }

    private async Task<IReadOnlyList<string>> WatchAsync()
    {
        await using var dave = new AgentProcess(_folder.Of("dave"));
        dave.Watch();
        await dave.JoinAsync("Dave", await _carol.InviteAsync());
        Assert.True(dave.TrySpare());
        return dave.Watched();
    }

    private async Task DieAsync(string who, string step)
    {
        string name = $"Dave {++_number}";
        await using var dave = new AgentProcess(_folder.Of(name));
        string invite = await _carol.InviteAsync();
        dave.Order(who, 1, step);
        Exception? failed = await Record.ExceptionAsync(() => dave.JoinAsync(name, invite));
        if (dave.TrySpare()) Assert.Fail($"the {who} has not died {step}");
        Assert.True(failed is null or FaceException { Code: FaceCode.AgentEnded }, $"{who} {step}: {failed}");
        await dave.JoinAgainAsync(name, invite);
        Assert.True(await dave.SendAsync("Carol", $"{name} is in"), $"{who} {step}");
        var people = (await _carol.AskAsync(new ContactsCommand())).OfType<ContactAnswer>();
        Assert.Single(people, contact => contact.Name == name);
    }
}
