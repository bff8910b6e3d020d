using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>Makes conversations; they are there when everyone's Welcome is filed and the first commit has taken effect here.</summary>
internal static class ConversationStart
{
    internal static async Task<LogId> CreateAsync(
        SyncEngine engine, string? title, IReadOnlyList<Invitee> members, CancellationToken cancellationToken)
    {
        var made = await engine.Vault.CallAsync<Sealed>(new CreateConversation(title, members), CancellationToken.None);
        var post = engine.PumpOf(made.Item.Post.Log).Add(made.Item);
        await engine.WaitAsync(post.Settled, cancellationToken);
        return post.Item.Post.Log;
    }

    /// <summary>The conversation that a name means to a sender: with a contact it is started where there is none.</summary>
    internal static async Task<LogId> FindOrStartAsync(SyncEngine engine, string name, CancellationToken cancellationToken)
    {
        var session = await engine.Connector.ConnectAsync(cancellationToken);
        await engine.WaitAsync(engine.Inbox.CatchUp(), cancellationToken);
        await engine.Starting.WaitAsync(cancellationToken);
        try
        {
            var named = await new ConversationFinder(engine).FindNamedAsync(name, cancellationToken);
            if (named.Conversation is { } conversation) return ConversationFinder.Ours(conversation).Log;
            var person = await session.Rest.ClaimAsync(named.Contact!.Pin, cancellationToken);
            return await CreateAsync(engine, null, [person], cancellationToken);
        }
        finally
        {
            engine.Starting.Release();
        }
    }
}
