using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>Commands about conversations and who is in them.</summary>
internal sealed class GroupCommands(SyncEngine engine, FaceConnection face)
{
    private readonly ConversationFinder _finder = new(engine);

    internal async Task ListAsync(CancellationToken cancellationToken)
    {
        await engine.LookIntoInboxAsync(cancellationToken);
        var conversations = await engine.Vault.CallAsync<Conversations>(new ListAll(Listed.Conversations), cancellationToken);
        foreach (var conversation in conversations.Items) await face.AnswerAsync(Words.Of(conversation));
    }

    internal async Task CreateAsync(GroupCreateCommand command, CancellationToken cancellationToken)
    {
        var session = await engine.Connector.ConnectAsync(cancellationToken);
        await engine.WaitAsync(engine.Inbox.CatchUp(), cancellationToken);
        await engine.Starting.WaitAsync(cancellationToken);   // so that two commands do not both find the name free
        try
        {
            await _finder.RequireFreeAsync(command.Name, cancellationToken);
            var members = await ClaimAsync(session, await _finder.FindPeopleAsync(command.Members, cancellationToken), cancellationToken);
            var log = await ConversationStart.CreateAsync(engine, command.Name, members, cancellationToken);
            await ShowAsync(log, cancellationToken);
        }
        finally
        {
            engine.Starting.Release();
        }
    }

    internal async Task AddAsync(GroupAddCommand command, CancellationToken cancellationToken)
    {
        await engine.CatchUpAsync(cancellationToken);
        var session = await engine.Connector.ConnectAsync(cancellationToken);
        var conversation = ConversationFinder.Ours(await _finder.FindGroupAsync(command.Conversation, cancellationToken));
        var members = await ClaimAsync(session, await _finder.FindPeopleAsync(command.Members, cancellationToken), cancellationToken);
        await ChangeAsync(conversation.Log, new AddMembers(conversation.Log, members), cancellationToken);
        await ShowAsync(conversation.Log, cancellationToken);
    }

    internal async Task RemoveAsync(GroupRemoveCommand command, CancellationToken cancellationToken)
    {
        await engine.CatchUpAsync(cancellationToken);
        var conversation = ConversationFinder.Ours(await _finder.FindGroupAsync(command.Conversation, cancellationToken));
        var pin = await MemberAsync(conversation.Log, command.Member, cancellationToken);
        await ChangeAsync(conversation.Log, new RemoveMember(conversation.Log, pin), cancellationToken);
        await ShowAsync(conversation.Log, cancellationToken);
    }

    internal async Task LeaveAsync(GroupLeaveCommand command, CancellationToken cancellationToken)
    {
        await engine.CatchUpAsync(cancellationToken);
        var conversation = ConversationFinder.Ours(await _finder.FindGroupAsync(command.Conversation, cancellationToken));
        if (!conversation.IsGroup)
        {
            throw new FaceException(
                ExitCode.Failed, FaceCode.Refused,
                $"A conversation of two cannot be left: it is there as long as one of you writes to it. There is nothing to do but not to answer {conversation.Name}.");
        }
        await ChangeAsync(conversation.Log, new RemoveMember(conversation.Log, null), cancellationToken);
    }

    internal async Task MembersAsync(GroupMembersCommand command, CancellationToken cancellationToken)
    {
        if (await engine.LookIntoInboxAsync(cancellationToken)) await engine.CatchUpAsync(cancellationToken);
        var conversation = ConversationFinder.Ours(await _finder.FindGroupAsync(command.Conversation, cancellationToken));
        var members = await engine.Vault.CallAsync<Members>(new ListAll(Listed.Members, conversation.Log), cancellationToken);
        foreach (var member in members.Items) await face.AnswerAsync(Words.Of(member, members.Suite));
    }

    /// <summary>A change is done when it has come back in the log and taken effect here.</summary>
    private async Task ChangeAsync(LogId log, VaultCall call, CancellationToken cancellationToken)
    {
        var sealing = engine.PumpOf(log).SealAsync(call, cancellationToken);
        await engine.WaitAsync(sealing, cancellationToken);
        if (await sealing is { } post) await engine.WaitAsync(post.Settled, cancellationToken);
    }

    private async Task ShowAsync(LogId log, CancellationToken cancellationToken)
    {
        var conversations = await engine.Vault.CallAsync<Conversations>(new ListAll(Listed.Conversations), cancellationToken);
        foreach (var conversation in conversations.Items)
            if (conversation.Log == log) await face.AnswerAsync(Words.Of(conversation));
    }

    private async Task<Pin> MemberAsync(LogId log, string name, CancellationToken cancellationToken)
    {
        var members = await engine.Vault.CallAsync<Members>(new ListAll(Listed.Members, log), cancellationToken);
        var meant = Meant(members.Items, name).DistinctBy(static member => member.Pin).ToList();
        return meant switch
        {
            [var only] => only.Pin,
            [] => throw new FaceException(ExitCode.Failed, FaceCode.NotFound, $"There is no member \"{name}\": \"holdfast group members\" lists them."),
            _ => throw ConversationFinder.Ambiguous(name, meant.Select(static member => (member.Pin.ToString(), member.Name))),
        };
    }

    /// <summary>The members of a PIN, else of a name as it is written, else of a name but for upper and lower case.</summary>
    private static IEnumerable<MemberInfo> Meant(IReadOnlyList<MemberInfo> members, string name)
    {
        if (Pin.TryParse(name, out var pin, out _) && members.Any(member => member.Pin == pin)) return members.Where(member => member.Pin == pin);
        return members.Any(member => member.Name == name)
            ? members.Where(member => member.Name == name)
            : members.Where(member => NameBook.AreAlike(member.Name, name.Trim()));
    }

    private static async Task<List<Invitee>> ClaimAsync(ServerSession session, IReadOnlyList<ContactInfo> people, CancellationToken cancellationToken)
    {
        var invitees = new List<Invitee>();
        foreach (var person in people) invitees.Add(await session.Rest.ClaimAsync(person.Pin, cancellationToken));
        return invitees;
    }
}
