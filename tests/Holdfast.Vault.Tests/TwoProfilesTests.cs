using Holdfast.Protocol;

namespace Holdfast.Vault.Tests;

/// <summary>ATTACKS D-5: two profiles on one machine. What names something in one names nothing in the other, and changes nothing there.</summary>
public sealed class TwoProfilesTests : IDisposable
{
    private readonly Organisation _organisation = new();

    public void Dispose() => _organisation.Dispose();

    [Fact]
    public void NothingOfOneProfileCanBeReachedThroughTheOther()
    {
        Person alice = _organisation.Join("alice"), bob = _organisation.Join("bob"), carol = _organisation.Join("carol");
        var theirs = alice.Create("theirs", bob);
        alice.Say(theirs, "a word");
        var pending = alice.Ask<Sealed>(new SealTexts(theirs, ["not sent yet"])).Item.Post.Id;
        string before = State(alice);
        foreach (var call in CallsAbout(theirs, alice.History(theirs)[^1].Id))
        {
            var failed = Assert.IsType<Failed>(carol.Ask(call));
            Assert.Equal(VaultError.NotFound, failed.Error);
            Assert.DoesNotContain("theirs", failed.Reason, StringComparison.Ordinal);
        }
        // What is not in one's outbox has been dealt with: to say so tells nothing, and changes nothing elsewhere.
        foreach (var call in (VaultCall[])[new Reseal(pending), new LeaveOutbox(pending, null)]) Assert.IsType<Ok>(carol.Ask(call));
        Assert.Contains(alice.Ask<Outbox>(new GetOutbox(0)).Posts, item => item.Post.Id == pending);
        Assert.DoesNotContain(carol.Ask<Conversations>(new ListAll(Listed.Conversations)).Items, item => item.Log == theirs);
        Assert.Equal(before, State(alice));
    }

    /// <summary>The control: whose they are can do all that.</summary>
    [Fact]
    public void ToTheirOwnerTheyAreSomething()
    {
        Person alice = _organisation.Join("alice"), bob = _organisation.Join("bob");
        var theirs = alice.Create("theirs", bob);
        alice.Say(theirs, "a word");
        foreach (var call in CallsAbout(theirs, alice.History(theirs)[^1].Id))
            Assert.False(alice.Ask(call) is Failed { Error: VaultError.NotFound } && call is not FindAttachment, call.GetType().Name);
    }

    private static IEnumerable<VaultCall> CallsAbout(LogId log, MessageId message) =>
    [
        new ListAll(Listed.Members, log), new ReadHistory(log, 0, 10, false), new SealTexts(log, ["for them"]), new FindAttachment(message),
        new AddMembers(log, []), new RemoveMember(log, null),
    ];

    private static string State(Person person) => string.Join('\n', person.Vault.Conversations.All().Select(static conversation => conversation.ToString()));
}
