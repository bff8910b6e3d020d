using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>What a person means by a name: a conversation, or a contact with whom there is none yet.</summary>
/// <param name="Conversation">The conversation.</param>
/// <param name="Contact">The contact, where there is no conversation.</param>
internal sealed record Named(ConversationInfo? Conversation, ContactInfo? Contact);

/// <summary>Finds conversations and people by exact name, PIN, or the beginning of a log's id. What fits several is refused.</summary>
internal sealed class ConversationFinder(SyncEngine engine)
{
    private const int FewestDigits = 8;

    /// <summary>The conversation of a name.</summary>
    /// <exception cref="FaceException">There is none, or there are several.</exception>
    internal async Task<ConversationInfo> FindAsync(string name, CancellationToken cancellationToken)
    {
        var named = await FindNamedAsync(name, cancellationToken);
        return named.Conversation ?? throw new FaceException(
            ExitCode.Failed, FaceCode.NotFound, $"There is no conversation with {named.Contact!.Name} yet: send something first.");
    }

    /// <summary>The conversation of a name, or the contact with whom there is none yet.</summary>
    /// <exception cref="FaceException">There is neither, or there are several.</exception>
    internal async Task<Named> FindNamedAsync(string name, CancellationToken cancellationToken)
    {
        var conversations = (await engine.Vault.CallAsync<Conversations>(new ListConversations(), cancellationToken)).Items;
        var contacts = await ContactsAsync(name, cancellationToken);
        var found = conversations.Where(conversation => Fits(conversation, name, contacts.Count > 0))
            .ToDictionary(static info => info.Log, static info => new Named(info, null));
        var people = new List<Named>();
        foreach (var contact in contacts)
        {
            var ofTwo = await WithAsync(conversations, contact.Pin, cancellationToken);
            if (ofTwo is null) people.Add(new Named(null, contact));
            else found[ofTwo.Log] = new Named(ofTwo, contact);
        }
        List<Named> all = [.. found.Values, .. people];
        if (all.Exists(IsLive)) all.RemoveAll(static named => !IsLive(named));   // an old conversation does not stand in a new one's way
        return all.Count switch
        {
            1 => all[0],
            0 => throw new FaceException(ExitCode.Failed, FaceCode.NotFound, $"There is no conversation or contact \"{name}\": \"holdfast contacts\" and \"holdfast conversations\" list the names."),
            _ => throw new FaceException(ExitCode.Failed, FaceCode.Ambiguous, $"The name fits several, type instead what stands in brackets: {string.Join("; ", all.Select(Describe))}."),
        };
    }

    /// <summary>The contacts that are meant, by name or PIN, each once.</summary>
    /// <exception cref="FaceException">One is unknown or ambiguous.</exception>
    internal async Task<IReadOnlyList<ContactInfo>> FindPeopleAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var people = new Dictionary<Pin, ContactInfo>();
        foreach (string name in names)
        {
            var contacts = await ContactsAsync(name, cancellationToken);
            if (contacts.Count == 0) throw new FaceException(ExitCode.Failed, FaceCode.NotFound, $"There is no contact \"{name}\": add them by PIN or invite first.");
            if (contacts.Count > 1)
                throw new FaceException(ExitCode.Failed, FaceCode.Ambiguous, $"Several contacts are called \"{name}\", say which by PIN: {string.Join("; ", contacts.Select(static contact => contact.Pin))}.");
            people[contacts[0].Pin] = contacts[0];
        }
        return [.. people.Values];
    }

    private async Task<List<ContactInfo>> ContactsAsync(string name, CancellationToken cancellationToken)
    {
        var contacts = await engine.Vault.CallAsync<Contacts>(new ListContacts(), cancellationToken);
        var pin = Pin.TryParse(name, out var typed, out _) ? typed : (Pin?)null;
        var byPin = contacts.Items.Where(contact => contact.Pin == pin).ToList();
        if (byPin.Count > 0) return byPin;   // whoever calls himself by another's PIN
        var byName = contacts.Items.Where(contact => contact.Name == name).ToList();
        return byName.Exists(IsAnswered) ? byName.FindAll(IsAnswered) : byName;   // a stranger does not stand in a friend's way
    }

    /// <summary>The conversation of two with a person; one that we have left counts only where there is no other.</summary>
    private async Task<ConversationInfo?> WithAsync(IReadOnlyList<ConversationInfo> conversations, Pin pin, CancellationToken cancellationToken)
    {
        ConversationInfo? found = null;
        foreach (var conversation in conversations.Where(static conversation => !conversation.IsGroup && conversation.State != ConversationState.Left))
        {
            var members = await engine.Vault.CallAsync<Members>(new ListMembers(conversation.Log), cancellationToken);
            var people = members.Items.Select(static member => member.Pin).Distinct().ToList();
            if (people.Count > 2 || !people.Contains(pin)) continue;   // what is meant for one must not go to a third
            if (found is null || conversation.Log.Value < found.Log.Value) found = conversation;   // both started one at once: both take the same
        }
        return found;
    }

    /// <summary>Where contacts have the name, a conversation of two is found by them.</summary>
    private static bool Fits(ConversationInfo conversation, string name, bool areContacts) =>
        (conversation.Name == name && (conversation.IsGroup || !areContacts)) ||
        (name.Length >= FewestDigits && conversation.Log.ToString().StartsWith(name, StringComparison.OrdinalIgnoreCase));

    private static bool IsAnswered(ContactInfo contact) => contact.State != ContactState.Asks;

    private static bool IsLive(Named named) => named.Conversation is not { State: ConversationState.Left };

    private static string Describe(Named named) => named.Conversation is { } conversation
        ? $"{(conversation.IsGroup ? "the group " : "")}{conversation.Name} ({conversation.Log.ToString()[..FewestDigits]})"
        : $"{named.Contact!.Name} ({named.Contact.Pin})";
}
