using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// A state of this device that is older than there was, or a copy: how that shows in the log, what is still read of it, and how a fresh leaf of
/// ours takes the place of the one we had.
/// </summary>
internal sealed partial class OpeningRun
{
    /// <summary>
    /// A message of this very device that is not in its outbox. If it opens, under a key that we have not used, a later state of ours has sent
    /// it: this one was put back, or copied. What can be read is read; from here on nothing is sealed.
    /// </summary>
    private Handled TakeForgotten(LogEntry entry, Group before)
    {
        var handled = before.HandleOwn(entry.Bytes.Span);
        if (handled is not Handled.Rejected) FallBehind(entry);
        return handled;
    }

    private void FallBehind(LogEntry entry)
    {
        if (Conversation.IsBehind) return;
        Conversation = _vault.Freshness.FallBehind(Conversation);
        var notice = _notices.Behind(entry.Position);
        _vault.History.SaveBeside(notice, 0);
        Shown.Add(notice);
        EpochChanged = true;   // there is something due
    }

    /// <summary>What a state that is behind cannot read. Of our own posts the log tells at least that they were taken.</summary>
    private void PassOver(LogEntry entry)
    {
        HasDoubt = true;
        if (entry.Kind == PostKind.Commit)   // a request names how far we have seen
            Conversation = Conversation with { CommitDueAt = Math.Min(Conversation.CommitDueAt, _vault.Now + _vault.Jitter(Upkeep.Haste)) };
        if (_vault.Outbox.Find(entry.Id) is not { Post.Kind: not PostKind.Commit } own || own.Post.Log != Conversation.Log) return;
        if (own.Shown is { } shown) Show(own, shown with { Position = entry.Position, Status = HistoryStatus.Sent });
        _vault.Outbox.Delete(own);
        Landed.Add(entry.Id);
    }

    private bool IsOurs(Member member) =>
        DeviceCredential.Verify(member.Leaf) is { } seated && seated.Pin == _vault.Profile.Pin && seated.Device == _vault.Profile.Device;

    /// <summary>
    /// The leaf that we had was replaced by a fresh one of this device. If it is the one that we have asked for, its Welcome comes; if the other
    /// copy has asked for it, ours is asked for in its place, and soon.
    /// </summary>
    private void AwaitWelcome(LeafNode seated)
    {
        ulong ask = _vault.KeyPackages.Holds(seated) ? _vault.Jitter(Upkeep.AskAgain, least: 0.5) : _vault.Jitter(Upkeep.Haste);
        Conversation = Conversation with
        {
            State = ConversationState.Stranded,
            Place = Conversation.Place! with { Leaf = seated.EncryptionKey },
            CommitDueAt = _vault.Now + ask,
        };
        EpochChanged = true;
    }
}
