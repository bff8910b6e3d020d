using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>What a person means by a name: a conversation, or a contact with whom there is none yet.</summary>
/// <param name="Conversation">The conversation.</param>
/// <param name="Contact">The contact; null where the conversation was not found by one.</param>
internal sealed record Named(ConversationInfo? Conversation, ContactInfo? Contact);

/// <summary>Finds conversations and people as <see cref="NameBook"/> says. What fits several is refused, with what to type for each.</summary>
internal sealed class ConversationFinder(SyncEngine engine)
{
    /// <summary>The conversation of a name; where a group and a person share it, the group.</summary>
    /// <exception cref="FaceException">There is none, or there are several.</exception>
    internal async Task<ConversationInfo> FindGroupAsync(string name, CancellationToken cancellationToken)
    {
        var book = await OpenAsync(cancellationToken);
        var all = await AllAsync(book, name, cancellationToken);
        if (all.Exists(IsGroup)) all.RemoveAll(static named => !IsGroup(named));
        var found = Only(book, name, all);
        return found.Conversation ?? throw new FaceException(
            ExitCode.Failed, FaceCode.NotFound, $"There is no group \"{name}\", and no conversation with {found.Contact!.Name} yet: \"holdfast conversations\" lists them.");
    }

    /// <summary>The conversation of a name, or the contact with whom there is none yet.</summary>
    /// <exception cref="FaceException">There is neither, or there are several.</exception>
    internal async Task<Named> FindNamedAsync(string name, CancellationToken cancellationToken)
    {
        var book = await OpenAsync(cancellationToken);
        return Only(book, name, await AllAsync(book, name, cancellationToken));
    }

    /// <summary>The contacts that are meant, by name or PIN, each once.</summary>
    /// <exception cref="FaceException">One is unknown or ambiguous.</exception>
    internal async Task<IReadOnlyList<ContactInfo>> FindPeopleAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var book = await OpenAsync(cancellationToken);
        var people = new Dictionary<Pin, ContactInfo>();
        foreach (string name in names)
        {
            var person = book.People(name) switch
            {
                [var only] => only,
                [] => throw new FaceException(ExitCode.Failed, FaceCode.NotFound, $"There is no contact \"{name}\": add them with \"holdfast add\" and their PIN or invite first."),
                var several => throw Ambiguous(name, several.Select(static contact => (contact.Pin.ToString(), contact.Name))),
            };
            people[person.Pin] = person;
        }
        return [.. people.Values];
    }

    /// <summary>Makes sure that a new group's name is none that means something already.</summary>
    /// <exception cref="FaceException">It does.</exception>
    internal async Task RequireFreeAsync(string title, CancellationToken cancellationToken)
    {
        if ((await OpenAsync(cancellationToken)).IsTaken(title))
            throw new FaceException(ExitCode.Failed, FaceCode.NameTaken, $"A contact or conversation of yours is called \"{title}\" already: give the group another name.");
    }

    /// <summary>The conversation, where we are in it.</summary>
    /// <exception cref="FaceException">We have left it, or were removed.</exception>
    internal static ConversationInfo Ours(ConversationInfo conversation) => conversation.State switch
    {
        ConversationState.Leaving => throw new FaceException(
            ExitCode.Failed, FaceCode.Refused,
            $"You have left {conversation.Name}: it takes effect as soon as another member is connected. What you had can still be read."),
        ConversationState.Left => throw new FaceException(
            ExitCode.Failed, FaceCode.Refused,
            $"You are no longer in {conversation.Name}: you have left, or were removed. What you had can still be read."),
        _ => conversation,
    };

    /// <summary>What to type instead of a name that fits several.</summary>
    internal static FaceException Ambiguous(string name, IEnumerable<(string Typed, string Meant)> candidates) => new(
        ExitCode.Failed, FaceCode.Ambiguous,
        $"\"{name}\" fits several. Type instead of it:\n{string.Join('\n', candidates.Select(static candidate => $"{candidate.Typed}  for {candidate.Meant}"))}");

    private async Task<NameBook> OpenAsync(CancellationToken cancellationToken)
    {
        var conversations = await engine.Vault.CallAsync<Conversations>(new ListAll(Listed.Conversations), cancellationToken);
        var contacts = await engine.Vault.CallAsync<Contacts>(new ListAll(Listed.Contacts), cancellationToken);
        return new NameBook(conversations.Items, contacts.Items);
    }

    private async Task<List<Named>> AllAsync(NameBook book, string name, CancellationToken cancellationToken)
    {
        var (people, conversations) = book.Find(name);
        var found = conversations.ToDictionary(static info => info.Log, static info => new Named(info, null));
        var without = new List<Named>();
        foreach (var contact in people)
        {
            var ofTwo = await WithAsync(book.Conversations, contact.Pin, cancellationToken);
            if (ofTwo is null) without.Add(new Named(null, contact));
            else found[ofTwo.Log] = new Named(ofTwo, contact);
        }
        List<Named> all = [.. found.Values, .. without];
        if (all.Exists(IsLive)) all.RemoveAll(static named => !IsLive(named));   // an old conversation does not stand in a new one's way
        return all;
    }

    private static Named Only(NameBook book, string name, List<Named> all) => all switch
    {
        [var only] => only,
        [] => throw new FaceException(ExitCode.Failed, FaceCode.NotFound, $"There is no conversation or contact \"{name}\": \"holdfast contacts\" and \"holdfast conversations\" list the names."),
        _ => throw Ambiguous(name, all.Select(named => Candidate(book, named))),
    };

    /// <summary>The conversation of two with a person; one that we have left counts only where there is no other.</summary>
    private async Task<ConversationInfo?> WithAsync(IReadOnlyList<ConversationInfo> conversations, Pin pin, CancellationToken cancellationToken)
    {
        ConversationInfo? found = null;
        foreach (var conversation in conversations.Where(static conversation => !conversation.IsGroup && conversation.State != ConversationState.Left))
        {
            var members = await engine.Vault.CallAsync<Members>(new ListAll(Listed.Members, conversation.Log), cancellationToken);
            var people = members.Items.Select(static member => member.Pin).Distinct().ToList();
            if (people.Count > 2 || !people.Contains(pin)) continue;   // what is meant for one must not go to a third
            if (found is null || conversation.Log.Value < found.Log.Value) found = conversation;   // both started one at once: both take the same
        }
        return found;
    }

    private static bool IsGroup(Named named) => named.Conversation is { IsGroup: true };

    private static bool IsLive(Named named) => named.Conversation is not { State: ConversationState.Left };

    private static (string Typed, string Meant) Candidate(NameBook book, Named named) => named switch
    {
        { Contact: { } person } => (person.Pin.ToString(), $"{person.Name}, the person"),
        { Conversation: { IsGroup: true } group } => (book.ShortId(group.Log), $"{group.Name}, the group of {group.Members}"),
        { Conversation: var other } => (book.ShortId(other!.Log), $"{other.Name}, the conversation of two"),
    };
}
