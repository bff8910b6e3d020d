using Holdfast.Protocol;

namespace Holdfast.Vault.Tests;

/// <summary>A few thousand members with the longest names: nothing that is said of them overruns a limit.</summary>
public sealed class LargeGroupTests : IDisposable
{
    private const int People = 3000;

    private readonly Organisation _organisation = new();
    private readonly Person _alice, _bob, _carol;

    public LargeGroupTests() =>
        (_alice, _bob, _carol) = (_organisation.Join("Alice"), _organisation.Join("Bob"), _organisation.Join("Carol"));

    public void Dispose() => _organisation.Dispose();

    [Fact]
    public void ALineNamesAsManyAsFit()
    {
        var log = _alice.Create("Team", _bob);
        var cards = Strangers();
        _alice.Vault.Store.Change(() =>
        {
            foreach (var card in cards) _alice.Vault.Contacts.Save(new Contact(card.Pin, card.IdentityKey, card, null, true));
            List<Pin> pins = [.. cards.Select(card => card.Pin)];
            _alice.Vault.History.Save(new HistoryRecord
            {
                Log = log, Position = 99, Id = default, From = _alice.Pin, Device = default, Kind = HistoryKind.Members,
                Added = pins, Removed = pins, Returned = pins, DevicesAdded = pins, DevicesRemoved = pins,
            });
            return true;
        });
        string text = _alice.History(log)[^1].Text;   // through the codec, with its limits
        Assert.Contains($"and {People - 20} more", text, StringComparison.Ordinal);
    }

    [Fact]
    public void PeopleAreIntroducedInAsManyMessagesAsItTakes()
    {
        var log = _alice.Create("Team", _bob, _carol);
        foreach (var person in (Person[])[_bob, _carol, _alice]) person.Sync();
        var identity = _carol.Vault.Profile.Identity;
        var last = new Card(_carol.Pin, identity.PublicKey, "Caroline", identity.Sign(Card.ToBeSigned(_carol.Pin, identity.PublicKey.Span, "Caroline")));
        _alice.Vault.Store.Change(() =>
        {
            new Sending(_alice.Vault).SealCards(log, [.. Strangers(), last]);
            return true;
        });
        var posts = _alice.Ask<Outbox>(new GetOutbox(0)).Posts;
        Assert.True(posts.Count > 1);
        Assert.All(posts, item => Assert.InRange(item.Post.Bytes.Length, 1, ProtocolLimits.EntryBytes));
        _alice.Sync();
        _bob.Sync();
        Assert.DoesNotContain(_bob.History(log), item => item.Kind == HistoryKind.Unreadable);
        Assert.Contains(_bob.Ask<Members>(new ListAll(Listed.Members, log)).Items, member => member.Name == "Caroline");
    }

    private static List<Card> Strangers() => [.. Enumerable.Range(0, People).Select(number => new Card(
        Pin.FromRandom([.. BitConverter.GetBytes((ulong)(1_000_000 + number))]), new byte[32], new string('n', ProtocolLimits.NameBytes), new byte[64]))];
}
