using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>
/// Submits one log's posts in their order and deals with each answer: taken, overtaken by a commit, refused for a while, or refused
/// for good. What follows from an answer is the pump's next turn.
/// </summary>
internal sealed class PostSubmitter(ConversationPump pump, SyncEngine engine, OutgoingPosts outgoing)
{
    /// <summary>How many posts may be submitted without an answer.</summary>
    private const int Window = 64;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private bool _heldBack;

    /// <summary>Submits what waits, as far as the window allows.</summary>
    internal void Submit(ServerSession session)
    {
        if (_heldBack) return;
        for (int free = Window - outgoing.InFlight; free > 0 && outgoing.NextWaiting() is { } post; free--)
        {
            post.Stage = PostStage.Submitted;
            _ = FollowAsync(post, session);
        }
    }

    /// <summary>Gives a post up, here and in the vault.</summary>
    internal async Task DropAsync(PendingPost post, string reason, CancellationToken cancellationToken)
    {
        try { await engine.Vault.CallAsync(new LeaveOutbox(post.Id, reason), cancellationToken); }
        catch (VaultRefusedException refused) { Log.VaultRefused(engine.Logger, refused.Error); }   // the vault has given it up before us
        outgoing.Fail(post, new PostGivenUpException(reason));
        engine.Changed(pump.Id, membersMayHave: false);
    }

    private async Task FollowAsync(PendingPost post, ServerSession session)
    {
        try
        {
            Note(post, await session.AskAnyAsync(request => new SubmitPost(request, post.Item.Post)));
            pump.Wake();
        }
        catch (RefusedException refused)
        {
            Log.PostRefused(engine.Logger, refused.Code);
            if (pump.IsOn(session)) await RefuseAsync(post, refused);
        }
        catch (SessionEndedException)
        {
            pump.Wake();   // it is submitted again on the next connection
        }
    }

    private void Note(PendingPost post, ServerFrame answer)
    {
        if (answer is Accepted accepted) post.Accept(accepted.Position);
        if (answer is not HeadMoved moved) return;
        post.Stage = PostStage.Overtaken;
        pump.NoteHead(moved.Head);
    }

    private async Task RefuseAsync(PendingPost post, RefusedException refused)
    {
        if (refused.MayPass) Retry(post, refused);
        else if (refused.Code is RefusalCode.NoAccess or RefusalCode.KeyExpired && post.Refusals++ == 0) TryWithFreshKey(post);
        else
        {
            await DropAsync(post, refused.Sentence, CancellationToken.None);
            pump.Wake();
        }
    }

    private void TryWithFreshKey(PendingPost post)
    {
        post.Stage = PostStage.Waiting;
        pump.NoteKeysChanged();
        pump.Wake();
    }

    /// <summary>Whoever waits is told; the post stays in the outbox and goes out when the server can take it.</summary>
    private void Retry(PendingPost post, RefusedException refused)
    {
        post.Stage = PostStage.Waiting;
        var reason = new PostDelayedException(refused);
        post.Report(reason);
        if (!refused.IsBrief) post.Delay(reason);   // else who waits for the effect goes on waiting
        if (!_heldBack) _ = HoldBackAsync();
    }

    private async Task HoldBackAsync()
    {
        _heldBack = true;
        await pump.WakeAfterAsync(Pause, CancellationToken.None);
        _heldBack = false;
        pump.Wake();
    }
}
