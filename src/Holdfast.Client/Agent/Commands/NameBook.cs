using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>
/// What a name may mean, in this order: a contact's PIN; the beginning of a conversation's id; a name as it is written; a name but
/// for upper and lower case. Nobody chooses PINs and ids, so whoever takes another's for a name gains nothing by it.
/// </summary>
/// <param name="conversations">Our conversations.</param>
/// <param name="contacts">Our contacts.</param>
internal sealed class NameBook(IReadOnlyList<ConversationInfo> conversations, IReadOnlyList<ContactInfo> contacts)
{
    /// <summary>The fewest digits of an id that are taken for one.</summary>
    internal const int FewestDigits = 8;

    internal IReadOnlyList<ConversationInfo> Conversations => conversations;

    /// <summary>What fits: people, and conversations besides those of two with them.</summary>
    internal (List<ContactInfo> People, List<ConversationInfo> Conversations) Find(string typed)
    {
        if (People(typed) is { Count: > 0 } byPin && IsPinOf(byPin[0], typed)) return (byPin, []);
        var byId = conversations.Where(conversation => IsIdOf(conversation, typed)).ToList();
        return byId.Count > 0 ? ([], byId) : (People(typed), Named(typed));
    }

    /// <summary>The contacts that fit; one who only asks to be known does not stand in a friend's way.</summary>
    internal List<ContactInfo> People(string typed)
    {
        var byPin = contacts.Where(contact => IsPinOf(contact, typed)).ToList();
        return byPin.Count > 0 ? byPin : FriendsFirst(Best(contacts, static contact => contact.Name, typed, IsWritten(typed)));
    }

    /// <summary>Whether one of our conversations or contacts has the name, or would be hidden by it.</summary>
    internal bool IsTaken(string title) =>
        conversations.Any(conversation => conversation.State != ConversationState.Left && (AreAlike(conversation.Name, title) || IsIdOf(conversation, title))) ||
        contacts.Any(contact => IsPinOf(contact, title) || (contact.State != ContactState.Asks && AreAlike(contact.Name, title)));

    /// <summary>The shortest beginning of a conversation's id that means it and nothing else.</summary>
    internal string ShortId(LogId log)
    {
        string id = log.ToString();
        for (int length = FewestDigits; length < id.Length; length++)
        {
            string start = id[..length];
            if (conversations.Count(conversation => IsIdOf(conversation, start)) == 1 && !contacts.Any(contact => IsPinOf(contact, start))) return start;
        }
        return id;
    }

    /// <summary>Whether two names are the same but for upper and lower case, in any script.</summary>
    internal static bool AreAlike(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private List<ConversationInfo> Named(string typed)
    {
        bool arePeople = People(typed).Count > 0;   // a conversation of two is then found by them
        return Best([.. conversations.Where(conversation => conversation.IsGroup || !arePeople)], static conversation => conversation.Name, typed, IsWritten(typed));
    }

    /// <summary>Whether anything has the name exactly as it is written: then nothing else is meant.</summary>
    private bool IsWritten(string typed) => contacts.Any(contact => contact.Name == typed) || conversations.Any(conversation => conversation.Name == typed);

    private static List<T> Best<T>(IReadOnlyList<T> all, Func<T, string> nameOf, string typed, bool isWritten) =>
        [.. all.Where(item => isWritten ? nameOf(item) == typed : AreAlike(nameOf(item), typed.Trim()))];

    private static List<ContactInfo> FriendsFirst(List<ContactInfo> people) =>
        people.Exists(static contact => contact.State != ContactState.Asks) ? people.FindAll(static contact => contact.State != ContactState.Asks) : people;

    private static bool IsPinOf(ContactInfo contact, string typed) => Pin.TryParse(typed, out var pin, out _) && contact.Pin == pin;

    private static bool IsIdOf(ConversationInfo conversation, string typed) =>
        typed.Length >= FewestDigits && conversation.Log.ToString().StartsWith(typed, StringComparison.OrdinalIgnoreCase);
}
