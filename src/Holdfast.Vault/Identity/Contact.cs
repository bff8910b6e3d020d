using System.Text;
using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>A person we have met: their identity key, pinned at first sight and never replaced silently.</summary>
/// <param name="Pin">Their PIN.</param>
/// <param name="IdentityKey">Their user identity's public key.</param>
/// <param name="Card">Their card, once we have it.</param>
/// <param name="State">How far the acquaintance has come; null for someone known only as a fellow member.</param>
/// <param name="IsMet">Whether the key is pinned; a stranger who introduces himself has only claimed that the PIN is his.</param>
internal sealed record Contact(Pin Pin, ReadOnlyMemory<byte> IdentityKey, Card? Card, ContactState? State, bool IsMet) : ITlsStruct<Contact>
{
    /// <summary>Their name, or the PIN.</summary>
    internal string ShownName => Card?.Name ?? Pin.ToString();

    /// <inheritdoc/>
    public static Contact Decode(ref TlsReader reader) => new(
        Pin.Decode(ref reader), reader.ReadBytes(ProtocolLimits.PublicKeyBytes).ToArray(), reader.ReadOptional<Card>(),
        reader.ReadPresence() ? (ContactState)reader.ReadUInt8() : null, reader.ReadPresence());

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        Pin.Encode(writer);
        writer.WriteBytes(IdentityKey.Span);
        writer.WriteOptional(Card);
        writer.WritePresence(State is not null);
        if (State is { } state) writer.WriteUInt8((byte)state);
        writer.WritePresence(IsMet);
    }
}

/// <summary>Everyone we have met, and whom their keys are pinned to.</summary>
internal sealed class ContactBook(SealedStore store)
{
    /// <summary>Of so many people what is stored is kept in memory, too: each line of a history names one.</summary>
    private const int MostKept = 4096;

    private readonly Dictionary<Pin, Contact?> _kept = [];

    internal Contact? Find(Pin pin)
    {
        if (_kept.TryGetValue(pin, out var kept)) return kept;
        var found = store.Get(RecordKind.Contact, Key(pin)) is { } bytes ? Tls.Decode<Contact>(bytes) : null;
        if (_kept.Count >= MostKept) _kept.Clear();
        return _kept[pin] = found;
    }

    internal IEnumerable<Contact> All() => store.ScanAll(RecordKind.Contact).Select(record => Tls.Decode<Contact>(record.Value));

    internal void Save(Contact contact)
    {
        _kept.Remove(contact.Pin);
        store.Put(RecordKind.Contact, Key(contact.Pin), Tls.Encode(contact));
    }

    /// <summary>A change was taken back: what is stored is read again.</summary>
    internal void Forget() => _kept.Clear();

    /// <summary>Whether this key may speak for this PIN: the pinned one may, and for a stranger any.</summary>
    internal bool Accepts(Pin pin, ReadOnlySpan<byte> identityKey) =>
        Find(pin) is not { IsMet: true } known || known.IdentityKey.Span.SequenceEqual(identityKey);

    /// <summary>Pins a key at first sight; a stranger's claim to the PIN stays only where it was made with the same key.</summary>
    internal void Meet(Pin pin, ReadOnlyMemory<byte> identityKey)
    {
        var known = Find(pin);
        if (known is { IsMet: true }) return;
        bool isSame = known is not null && known.IdentityKey.Span.SequenceEqual(identityKey.Span);
        Save(isSame ? known! with { IsMet = true } : new Contact(pin, identityKey, null, null, true));
    }

    /// <summary>Takes a card: checks its signature and the pinned key, and keeps the name.</summary>
    /// <returns>The contact, or null where the card is not genuine.</returns>
    internal Contact? Take(Card card, ContactState? state = null, bool isMet = true)
    {
        if (!IsGenuine(card) || !Accepts(card.Pin, card.IdentityKey.Span)) return null;
        var contact = new Contact(card.Pin, card.IdentityKey, card, state ?? Find(card.Pin)?.State, isMet);
        Save(contact);
        return contact;
    }

    private static bool IsGenuine(Card card) => ConversationSuite.Suite.Signature.Verify(
        card.IdentityKey.Span, Card.ToBeSigned(card.Pin, card.IdentityKey.Span, card.Name), card.Signature.Span);

    private static byte[] Key(Pin pin) => Encoding.ASCII.GetBytes(pin.ToString());
}
