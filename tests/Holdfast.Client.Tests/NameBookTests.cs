using Holdfast.Protocol;

namespace Holdfast.Client.Tests;

public sealed class NameBookTests
{
    private static readonly ContactInfo Bob = Contact(1, "Bob"), OtherBob = Contact(2, "Bob"), Carol = Contact(3, "Carol");

    [Theory]
    [InlineData("Bob")]
    [InlineData("bob")]
    [InlineData(" BOB ")]
    public void CaseAndSpacesAroundDoNotMatterWhereNothingIsWrittenSo(string typed) => Assert.Equal([Bob], Book([Bob, Carol]).Find(typed).People);

    [Fact]
    public void WhatIsWrittenSoIsMeantAndNothingElse()
    {
        var lower = Group(7, "bob");
        AssertFound([Bob], [], Book([Bob], lower).Find("Bob"));
        AssertFound([], [lower], Book([Bob], lower).Find("bob"));
        AssertFound([Bob], [lower], Book([Bob], lower).Find("BOB"));
    }

    [Theory, InlineData("Renée", "RENÉE"), InlineData("Ольга", "ОЛЬГА"), InlineData("Ωμέγα", "ΩΜΈΓΑ")]
    public void CaseDoesNotMatterInAnyScript(string name, string typed) => Assert.True(NameBook.AreAlike(name, typed));

    [Fact]
    public void APinAndTheBeginningOfAnIdMeanOneWhateverOthersCallThemselves()
    {
        var (named, real) = (Contact(4, Bob.Pin.ToString()), Group((UInt128)0x1a2b3c4d << 96, "Team"));
        string id = real.Log.ToString();
        Assert.Equal([Bob], Book([named, Bob]).Find(Bob.Pin.ToString()).People);
        foreach (string typed in (string[])[id, id[..20], id[..8]])
            AssertFound([], [real], Book([Contact(5, typed)], real, Group(9, typed)).Find(typed));
    }

    [Fact]
    public void EveryCandidateCanBeNamedByWhatIsShownForIt()
    {
        ConversationInfo[] groups = [Group(UInt128.MaxValue, "Bob"), Group(UInt128.MaxValue - 1, "Bob"), Group(1, "Bob")];
        var book = Book([Bob, OtherBob], groups);
        var (people, conversations) = book.Find("Bob");
        Assert.Equal((2, 3), (people.Count, conversations.Count));
        Assert.All(people, person => Assert.Equal([person], book.Find(person.Pin.ToString()).People));
        Assert.All(conversations, group => Assert.Equal([group], book.Find(book.ShortId(group.Log)).Conversations));
        Assert.Equal(32, book.ShortId(groups[0].Log).Length);
        Assert.Equal(8, book.ShortId(groups[2].Log).Length);
    }

    [Fact]
    public void AStrangerDoesNotStandInAFriendsWay() =>
        Assert.Equal([Bob], Book([OtherBob with { State = ContactState.Asks }, Bob]).Find("Bob").People);

    [Fact]
    public void ANameIsTakenByPeopleConversationsPinsAndIds()
    {
        var (left, team) = (Group(5, "Old") with { State = ConversationState.Left }, Group(6, "Team"));
        var book = Book([Bob, Contact(8, "Stranger") with { State = ContactState.Asks }], left, team);
        Assert.All((string[])["Bob", "BOB", "team", Bob.Pin.ToString(), team.Log.ToString()[..8]], taken => Assert.True(book.IsTaken(taken), taken));
        Assert.All((string[])["Old", "Stranger", "Bob 2"], free => Assert.False(book.IsTaken(free), free));
    }

    private static void AssertFound(ContactInfo[] people, ConversationInfo[] conversations, (List<ContactInfo> People, List<ConversationInfo> Conversations) found)
    {
        Assert.Equal(people, found.People);
        Assert.Equal(conversations, found.Conversations);
    }

    private static NameBook Book(IReadOnlyList<ContactInfo> contacts, params IReadOnlyList<ConversationInfo> conversations) => new(conversations, contacts);

    private static ContactInfo Contact(byte number, string name) => new(Pin.FromRandom([number, 1, 2, 3, 4, 5, 6]), name, new byte[32], ContactState.Known);

    private static ConversationInfo Group(UInt128 log, string name) => new(new LogId(log), name, true, ConversationState.Active, 1, 3, "suite");
}
