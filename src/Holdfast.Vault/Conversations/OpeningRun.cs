using Holdfast.Codec;
using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>One batch of entries on its way through a group: what it has become, and what to show.</summary>
internal sealed partial class OpeningRun
{
    private readonly OpenVault _vault;
    private readonly Notices _notices;
    private readonly PostRules _rules;
    private readonly bool _hasOwn;   // while a run goes on, the outbox only loses entries
    private Group? _stored;
    private Group? _group;

    internal OpeningRun(OpenVault vault, Conversation conversation)
    {
        (_vault, Conversation) = (vault, conversation);
        (_notices, _rules) = (new Notices(vault, conversation.Log), new PostRules(vault, conversation));
        _hasOwn = !vault.Outbox.IsEmpty;
        if (conversation.State is ConversationState.Active or ConversationState.Leaving)
            _group = _stored = vault.Groups.Load(conversation.Log);
    }

    internal Conversation Conversation { get; private set; }

    internal List<HistoryRecord> Shown { get; } = [];

    internal List<MessageId> Landed { get; } = [];

    internal bool EpochChanged { get; private set; }

    /// <summary>Whether something could be sealed now.</summary>
    internal bool CanSpeak => Conversation.State == ConversationState.Active && _group is { PendingProposals.Count: 0 };

    /// <summary>
    /// Whether an entry was not followed, or one was missing. Where entries come from nobody who answers for them, others may be the true ones.
    /// </summary>
    internal bool HasDoubt { get; private set; }

    /// <summary>We asked to leave, and the commit that came has passed over it.</summary>
    internal bool LeaveAgain { get; private set; }

    /// <summary>Takes an entry; one that fails in a way nobody has foreseen stands as unreadable, and what is behind it is read.</summary>
    internal void Open(LogEntry entry)
    {
        if (TryStep(() => Take(entry))) return;
        HasDoubt = true;
        Show(_notices.Unreadable(entry, QuarantineReason.Unreadable));
        Conversation = Conversation with { Position = entry.Position, HasGap = true };   // if it was a change that the others have followed, we have missed it
    }

    /// <summary>Takes a step, and gives up the group before it; one that fails in a way nobody has foreseen is taken back, here and in the store.</summary>
    private bool TryStep(Action step)
    {
        var (group, conversation, shown, landed, changed, again) = (_group, Conversation, Shown.Count, Landed.Count, EpochChanged, LeaveAgain);
        if (_vault.TryAlone(step))
        {
            if (group != _group && group != _stored) group?.Dispose();
            return true;
        }
        if (group != _group && _group != _stored) _group?.Dispose();
        (Conversation, EpochChanged, LeaveAgain) = (conversation, changed, again);
        Shown.RemoveRange(shown, Shown.Count - shown);
        Landed.RemoveRange(landed, Landed.Count - landed);
        bool isStored = group is not null && group == _stored;   // what was read again from the store takes its place
        _stored = isStored ? _vault.Groups.Load(conversation.Log) : null;
        _group = isStored ? _stored : group;
        return false;
    }

    private void Take(LogEntry entry)
    {
        if (entry.Position <= Conversation.Position)
        {
            Repeat(entry);
            return;
        }
        if (entry.Position > Conversation.Position + 1) (Conversation, HasDoubt) = (Conversation with { HasGap = true }, true);
        if (_group is not null && Conversation.State != ConversationState.Stranded)
        {
            if (Conversation.Joining is { } joining && joining.Commit == entry.Id) Arrive(entry, joining);
            else if (!TryOwn(entry)) Handle(entry);
        }
        else HasDoubt = true;   // it is not for us, and nobody has looked at it
        Conversation = Conversation with { Position = entry.Position };
    }

    internal void Save()
    {
        _vault.Conversations.Save(Conversation);
        if (_group is not null && _group != _stored) _vault.Groups.Save(Conversation.Log, _group);
    }

    /// <summary>
    /// An entry we have processed before. Of our own it is said again that it has landed; what it says is history by now, and whoever wants it
    /// reads it as such, or all of it could be had in entries that somebody has made up.
    /// </summary>
    private void Repeat(LogEntry entry)
    {
        if (_vault.History.At(Conversation.Log, entry.Position) is { Status: HistoryStatus.Sent } record && record.Id == entry.Id) Landed.Add(entry.Id);
    }

    /// <summary>Our own post has come back: only now does a commit of ours take effect.</summary>
    private bool TryOwn(LogEntry entry)
    {
        if (!_hasOwn || _vault.Outbox.Find(entry.Id) is not { } own || own.Post.Log != Conversation.Log
            || own.Post.Kind != entry.Kind || !own.Post.Bytes.Span.SequenceEqual(entry.Bytes.Span))
        {
            return false;
        }
        if (own.Shown is { } shown) Show(own, shown with { Position = entry.Position, Status = HistoryStatus.Sent });
        _vault.Outbox.Delete(own);
        Landed.Add(entry.Id);
        if (own.Post.Kind == PostKind.Commit) Adopt(own, entry);
        return true;
    }

    /// <summary>
    /// Takes the epoch that our commit has begun. Where what is pending is not what this commit leads to, because another commit came before
    /// it, the commit stands for nobody, whatever the server says. And it is judged like anyone's, by what we know now.
    /// </summary>
    private void Adopt(OutboxEntry own, LogEntry entry)
    {
        if (_vault.Groups.LoadPending(Conversation.Log) is not { } next || next.Epoch != _group!.Epoch + 1
            || !AccessKey.PublicOf(next).Span.SequenceEqual(own.Post.NextAccessKey.Span))
        {
            Quarantine(entry, QuarantineReason.Unreadable);
            return;
        }
        var seats = SeatedDevice.Of(next);
        if (!_rules.MaySeat(seats)) GiveUp(entry);   // nobody else takes it either
        else if (Seating.Mistaken(seats, _vault.Contacts) is { } pin) Renounce(entry, next, pin);
        else TakeEffect(entry, next, seats);
    }

    private void GiveUp(LogEntry entry)
    {
        _vault.Groups.DeletePending(Conversation.Log);
        Quarantine(entry, QuarantineReason.Unreadable);
    }

    /// <summary>Our own commit stands for the others, and since it was made we have met somebody who is not who it names.</summary>
    private void Renounce(LogEntry entry, Group next, Pin pin)
    {
        if (_group!.Members.Count == 1)   // there is nobody to be added again by
        {
            Quarantine(entry, QuarantineReason.BegunWithAnother(pin));
            End(entry, "You are not a member of this conversation.");
            return;
        }
        var place = RejoinPlace.Of(_group) with { Leaf = RejoinPlace.Of(next).Leaf };   // for the others our leaf is the commit's
        _vault.Groups.DeletePending(Conversation.Log);
        Strand(entry, QuarantineReason.AnotherIdentity(pin, "this device"));
        Conversation = Conversation with { Place = place };
    }

    private void TakeEffect(LogEntry entry, Group next, List<SeatedDevice> seats)
    {
        bool hasOthers = _group!.Members.Count > 1;   // whoever is added has everyone's card from the Welcome
        _vault.Groups.ReleasePending(Conversation.Log);
        using var made = next;   // before what was read since, whose keys it must not bring back
        var added = Advance(made.After(_group), seats, entry, _vault.Profile.RequirePin(), _vault.Profile.Device);
        Conversation = Conversation with
        {
            CommitDueAt = _vault.Now + _vault.Jitter(Upkeep.Renewal, least: 0.7),
            Unintroduced = hasOthers ? [.. Conversation.Unintroduced.Union(added)] : Conversation.Unintroduced,
        };
    }

    /// <summary>The commit that our Welcome names.</summary>
    private void Arrive(LogEntry entry, Joining joining)
    {
        if (Joining.LeadsTo(_group!, Conversation.Log, entry)) ShowEntry(entry.Position, joining, "");
        else TurnBack(entry, joining);
    }

    /// <summary>
    /// Something opens before the log has shown the commit that added us. Where retention has removed that, there is a gap, and the
    /// line takes its place; where there is none, the Welcome was for another course of the conversation than the log's.
    /// </summary>
    private bool TryArriveLate(LogEntry entry, Joining joining)
    {
        if (!Conversation.HasGap)
        {
            TurnBack(entry, joining);
            return false;
        }
        ShowEntry(entry.Position - 1, joining, "The log no longer has the change itself.");
        return true;
    }

    /// <summary>How we came in, as our history begins.</summary>
    private void ShowEntry(ulong position, Joining joining, string more)
    {
        Show(_notices.Entered(position, joining, MemberChange.PeopleOf(_group!), more));
        Conversation = Conversation with { Joining = null };
        if (Conversation.IsBehind) return;   // we are in it, and in what we have of it we are not the latest
        ulong due = Conversation.Place is null ? Conversation.CommitDueAt : _vault.Now + _vault.Jitter(Upkeep.FirstRenewal);
        Conversation = Conversation with { Place = null, CommitDueAt = due };
    }

    /// <summary>
    /// The log goes another way than the Welcome: we are not in what the others are in, and say so. We know no more of the
    /// conversation than before, so that the next Welcome is judged as if this one had never come.
    /// </summary>
    private void TurnBack(LogEntry entry, Joining joining)
    {
        string adder = _vault.History.NameOf(joining.Adder);
        Quarantine(entry, QuarantineReason.AnotherCourse(adder));
        var before = Conversation;
        End(entry, "You are not a member of this conversation.");
        Conversation = Conversation with { EndedAt = before.EndedAt, Place = before.Place, Joining = before.IsHearsay ? joining : null };
    }

    private void Handle(LogEntry entry)
    {
        var before = _group!;
        var handled = before.Handle(entry.Bytes.Span);
        if (handled is Handled.Rejected { Error: MlsError.OwnMessage }) handled = TakeForgotten(entry, before);
        try { Judge(entry, before, handled); }
        finally
        {
            if (NextOf(handled) is { } next && next != _group) next.Dispose();   // what was not followed leaves no keys
        }
    }

    private static Group? NextOf(Handled handled) => handled switch
    {
        Handled.ApplicationReceived received => received.Next,
        Handled.ProposalReceived proposed => proposed.Next,
        Handled.CommitApplied applied => applied.Next,
        _ => null,
    };

    private void Judge(LogEntry entry, Group before, Handled handled)
    {
        if (Conversation.Joining is { } joining && handled is not Handled.Rejected && !TryArriveLate(entry, joining)) return;
        switch (handled)
        {
            case Handled.ApplicationReceived received when _rules.Fits(entry, PostKind.Application, received.AuthenticatedData):
                Replace(received.Next);
                Receive(entry, received);
                break;
            case Handled.ProposalReceived proposed
                when _rules.Fits(entry, PostKind.Proposal, proposed.AuthenticatedData) && PostRules.IsLeave(proposed):
                Replace(proposed.Next);
                Note(proposed);
                break;
            case Handled.CommitApplied applied
                when _rules.Fits(entry, PostKind.Commit, applied.AuthenticatedData) && SeatedDevice.Of(applied.Next) is var seats && _rules.MaySeat(seats):
                Follow(entry, applied, seats);
                break;
            case Handled.RemovedFromGroup removed
                when _rules.Fits(entry, PostKind.Commit, removed.AuthenticatedData) && _rules.MaySeat(SeatedDevice.After(before, removed.Change)):
                Depart(entry, removed);
                break;
            case Handled.Stranded or Handled.Rejected when Conversation.IsBehind:
                PassOver(entry);
                break;
            case Handled.Stranded stranded
                when _rules.Fits(entry, PostKind.Commit, stranded.AuthenticatedData) && _rules.MaySeat(SeatedDevice.After(before, stranded.Change)):
                Strand(entry, QuarantineReason.CannotFollow);
                break;
            case Handled.Rejected when Conversation.HasGap && Joining.IsLater(before, Conversation.Log, entry):
                Strand(entry, QuarantineReason.AwayTooLong);
                break;
            case Handled.Rejected when Conversation.Joining is { } early && entry.Kind == PostKind.Commit:
                TurnBack(entry, early);   // no commit can land between what the adder had seen and the commit that added us
                break;
            case Handled.Rejected when Conversation.Joining is not null:
                HasDoubt = true;
                break;   // from before we joined: not meant for us
            default:
                Quarantine(entry, QuarantineReason.Unreadable);
                break;
        }
    }

    private void Receive(LogEntry entry, Handled.ApplicationReceived received)
    {
        var sender = DeviceCredential.Verify(received.SenderLeaf)!;
        if (!_vault.Contacts.Accepts(sender.Pin, sender.IdentityKey.Span))   // a group that was stored before this was asked of all that sit in it
        {
            Quarantine(entry, QuarantineReason.SaidByAnother(sender.Pin));
            return;
        }
        try
        {
            if (Contents.Read(_vault, Envelope.Unpad(received.Plaintext)) is { } content) Show(Line(entry, content, sender, received.Sender));
        }
        catch (CodecException)
        {
            Quarantine(entry, QuarantineReason.Unreadable);
        }
    }

    private HistoryRecord Line(LogEntry entry, HistoryRecord content, DeviceCredential sender, LeafIndex leaf) => content with
    {
        Log = Conversation.Log,
        Position = entry.Position,
        Id = entry.Id,
        From = sender.Pin,
        Device = sender.Device,
        Status = leaf == _group!.OwnLeaf ? HistoryStatus.Sent : HistoryStatus.Received,
    };

    private void Note(Handled.ProposalReceived proposed)
    {
        Conversation = Conversation with
        {
            Leaving = [.. Conversation.Leaving, DeviceCredential.Verify(proposed.SenderLeaf!)!.Pin],
            CommitDueAt = Math.Min(Conversation.CommitDueAt, _vault.Now + _vault.Jitter(Upkeep.Haste)),
        };
    }

    /// <summary>Another's commit that every member takes for one: we go along, unless it has somebody in it whom we know to be another.</summary>
    private void Follow(LogEntry entry, Handled.CommitApplied applied, List<SeatedDevice> seats)
    {
        var committer = DeviceCredential.Verify(applied.SenderLeaf)!;
        if (Seating.Mistaken(seats, _vault.Contacts) is { } pin)
        {
            Strand(entry, QuarantineReason.AnotherIdentity(pin, _vault.History.NameOf(committer.Pin)));
            return;
        }
        _vault.Groups.DeletePending(Conversation.Log);
        Advance(applied.Next, seats, entry, committer.Pin, committer.Device);
        LeaveAgain = Conversation.State == ConversationState.Leaving;
    }

    /// <summary>A commit stands: takes the next group, and shows who came and went.</summary>
    private List<Pin> Advance(Group next, List<SeatedDevice> after, LogEntry entry, Pin committer, DeviceId device)
    {
        var before = SeatedDevice.Of(_group!);
        _vault.EarlierKeys.Keep(Conversation.Log, _group!, _vault.Now);
        Replace(next);
        EpochChanged = true;
        _vault.Groups.DeletePending(Conversation.Log);
        foreach (var seated in after) _vault.Contacts.Meet(seated.Credential.Pin, seated.Credential.IdentityKey);
        var change = MemberChange.Between(before, after);
        ShowChange(entry, committer, device, change, before);
        Conversation = Conversation with { Leaving = [.. Conversation.Leaving.Except(change.Removed)], HasGap = false, EpochAt = entry.Position };
        return change.Added;
    }

    /// <summary>The commit may stand for others, and we cannot or will not follow it: from here on nothing here is meant for us.</summary>
    private void Strand(LogEntry entry, string reason)
    {
        Quarantine(entry, reason);
        Conversation = Conversation with { State = ConversationState.Stranded, CommitDueAt = _vault.Now, EndedAt = entry.Position };
        EpochChanged = true;   // our access is over until we are added again
    }

    private void Depart(LogEntry entry, Handled.RemovedFromGroup removed)
    {
        if (Conversation.IsBehind && removed.Change.Added.FirstOrDefault(IsOurs) is { } seat)
        {
            AwaitWelcome(seat.Leaf);
            return;
        }
        var committer = DeviceCredential.Verify(removed.SenderLeaf)!;
        List<Pin> gone = [.. removed.Change.Removed.Select(member => DeviceCredential.Verify(member.Leaf)!.Pin).Distinct()];
        ShowChange(entry, committer.Pin, committer.Device, new MemberChange([], gone, [], [], []), SeatedDevice.Of(_group!));
        End(entry, "You were removed from this conversation before it could be sent.");
    }

    /// <summary>We are not in it, or no longer: no key of it stays; what was still to be said stays as not sent.</summary>
    private void End(LogEntry entry, string reason)
    {
        foreach (var waiting in _vault.Outbox.Of(Conversation.Log).ToList()) _vault.GiveUp(waiting, entry.Position, reason);
        _vault.Groups.Delete(Conversation.Log);
        _group = null;
        Conversation = Conversation with
        {
            State = ConversationState.Left,
            Leaving = [],
            Joining = null,
            Place = null,
            IsBehind = false,
            EndedAt = entry.Position,
        };
        EpochChanged = true;
    }

    private void ShowChange(LogEntry entry, Pin committer, DeviceId device, MemberChange change, List<SeatedDevice> before)
    {
        if (Conversation.Title is null && _group!.Epoch == 1)   // that it began is no news
            change = change with { Added = [.. change.Added.Where(pin => pin != Conversation.Peer)] };
        if (change.IsEmpty) return;
        var (added, removed) = (change.Added, change.Removed);
        bool left = removed.Count > 0 && added.Count == 0 && removed.TrueForAll(IsLeaving);
        if (left) (committer, device) = (removed[0], before.First(seated => seated.Credential.Pin == removed[0]).Credential.Device);
        Show(_notices.Changed(entry, committer, device, change));
    }

    private bool IsLeaving(Pin pin) => Conversation.Leaving.Contains(pin)
        || (pin == _vault.Profile.Pin && Conversation.State == ConversationState.Leaving);

    private void Quarantine(LogEntry entry, string reason)
    {
        HasDoubt = true;
        Show(_notices.Unreadable(entry, reason));
        // A commit that nobody could apply has added an access key all the same, and ours expires a day after it: renew in time.
        if (entry.Kind == PostKind.Commit)
            Conversation = Conversation with { CommitDueAt = Math.Min(Conversation.CommitDueAt, _vault.Now + _vault.Jitter(Upkeep.Soon)) };
    }

    /// <summary>
    /// Keeps a line. What was read once stays read, whoever has us see its place in the log again: what cannot be read then takes no line's place,
    /// and what nobody has written stands beside it.
    /// </summary>
    private void Show(HistoryRecord record)
    {
        bool isWritten = record.Kind is HistoryKind.Text or HistoryKind.Attachment;
        var read = isWritten ? null : _vault.History.At(record.Log, record.Position);
        if (read is null or { Kind: HistoryKind.Unreadable }) _vault.History.Save(record);
        else if (record.Kind == HistoryKind.Unreadable) return;
        else if (read.Id == record.Id) _vault.History.Save(record);
        else _vault.History.SaveBeside(record, 0);
        Shown.Add(record);
    }

    private void Show(OutboxEntry sent, HistoryRecord record)
    {
        _vault.History.Save(record, sent);
        Shown.Add(record);
    }

    /// <summary>The group goes on; the one before stays until the entry is taken, and what is stored until it is known what to store in its place.</summary>
    private void Replace(Group next) => _group = next;
}
