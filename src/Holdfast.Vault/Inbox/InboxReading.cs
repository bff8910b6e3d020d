using Holdfast.Codec;
using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>Opens what came to the inbox: Welcomes, introductions, requests to be added again.</summary>
internal sealed class InboxReading(OpenVault vault, Upkeep upkeep)
{
    /// <summary>How much may wait in the inbox: far less than the server gives at once, so that what waits never hides the rest.</summary>
    private const int MostWaitingBytes = 1 << 20;

    internal InboxOpened Open(IReadOnlyList<InboxItem> items)
    {
        var (finished, joined, met) = (new List<InboxItemId>(), new List<LogId>(), new List<Pin>());
        int waiting = 0;
        foreach (var item in items)
        {
            bool done = true;
            var (joinedBefore, metBefore) = (joined.Count, met.Count);
            if (!vault.TryAlone(() => done = Open(item, joined, met)))
            {
                joined.RemoveRange(joinedBefore, joined.Count - joinedBefore);
                met.RemoveRange(metBefore, met.Count - metBefore);
            }
            if (done || (waiting > 0 && waiting + item.Bytes.Length > MostWaitingBytes)) finished.Add(item.Id);
            else waiting += item.Bytes.Length;
        }
        vault.ShowRenames();
        return new InboxOpened(finished, joined, met);
    }

    /// <summary>Whether the item is finished with.</summary>
    private bool Open(InboxItem item, List<LogId> joined, List<Pin> met) => InboxSeal.Open(item.Bytes.Span, vault.Profile) switch
    {
        WelcomeItem welcome => TryJoin(welcome, joined),
        IntroductionItem introduction => Meet(introduction, met),
        RejoinItem rejoin => KeepRequest(rejoin),
        _ => true,   // not sealed to us, or malformed: nothing will ever come of it
    };

    /// <summary>
    /// Follows a Welcome; false where it must wait until we have read that we are no longer in the conversation. One that the log
    /// has not borne out keeps no other waiting, for it may be a lie about a place that the log never comes to.
    /// </summary>
    private bool TryJoin(WelcomeItem item, List<LogId> joined)
    {
        var known = vault.Conversations.Find(item.Log);
        if (item.Position > long.MaxValue) return true;
        try
        {
            if (Tls.Decode<MlsMessage>(item.Welcome.Span).Welcome is not { } welcome || vault.KeyPackages.Find(welcome) is not { } bundle) return true;
            using (bundle)
            {
                if (known is { State: ConversationState.Active or ConversationState.Leaving, Joining: null, IsBehind: false }) return false;
                if (known is { IsBehind: true } && known.Position < item.Position) return false;   // first what can still be read of it
                if (Group.Join(item.Welcome.Span, bundle, vault.Profile.Leaf, null, vault.Policy) is not JoinOutcome.Joined outcome) return true;
                try { Enter(item, outcome, known); }
                catch
                {
                    outcome.Group.Dispose();
                    throw;
                }
                vault.KeyPackages.Used(bundle);
            }
            joined.Add(item.Log);
        }
        catch (CodecException)
        {
            // Not a Welcome to a conversation of ours: finished with.
        }
        return true;
    }

    private void Enter(WelcomeItem item, JoinOutcome.Joined joined, Conversation? known)
    {
        var group = joined.Group;
        if (!group.GroupId.Span.SequenceEqual(item.Log.ToBytes())) throw new CodecException("a Welcome to another group than it says");
        string? title = LeafTraits.TitleOf(group);
        var devices = SeatedDevice.Of(group);
        var people = MemberChange.PeopleOf(devices).Where(pin => pin != vault.Profile.Pin).ToList();
        if (title is null && people.Count != 1) throw new CodecException("a conversation of two with other than two people");
        Pin? peer = title is null ? people[0] : null;
        RequireContinues(item, title, peer, known);
        if ((Seating.Doubled(devices) ?? Seating.Mistaken(devices, vault.Contacts)) is not null)
            throw new CodecException("a Welcome to a group in which somebody sits under another identity key than their own");
        foreach (var device in devices) vault.Contacts.Meet(device.Credential.Pin, device.Credential.IdentityKey);
        var place = known?.Place ?? (known?.State == ConversationState.Stranded ? RejoinPlace.Of(vault.Groups.Load(item.Log)) : null);
        if (known is not null) Abandon(item.Log);
        vault.Groups.Save(item.Log, group);
        var adder = DeviceCredential.Verify(group.Members.First(member => member.Index == joined.Inviter).Leaf)!;
        vault.Conversations.Save(new Conversation
        {
            Log = item.Log,
            Title = title,
            Peer = peer,
            EpochAt = item.Position + 1,
            Position = item.Position,   // what we have passed over since, while we were not in it, was for us from the commit on
            Joining = new Joining(item.Commit, adder.Pin, adder.Device, known is { IsHearsay: false }),
            EndedAt = BoundOf(known),
            Place = place,
            CommitDueAt = vault.Now + (place is null ? vault.Jitter(Upkeep.FirstRenewal) : vault.Jitter(Upkeep.AskAgain, least: 0.5)),
        });
        foreach (var card in item.Cards) vault.TakeOfMet(card);
    }

    /// <summary>Gives up the group we had, and with it a wish to leave it.</summary>
    private void Abandon(LogId log)
    {
        foreach (var leave in vault.Outbox.Of(log).Where(static entry => entry.Intent == IntentKind.Leave).ToList()) vault.Outbox.Delete(leave);
        vault.Groups.Delete(log);
    }

    /// <summary>
    /// What may be known before the log is read of a Welcome to a conversation that we were in: its kind and title do not change,
    /// and whoever adds us anew has seen how we went. An old Welcome shown again, or one that would have us read old entries
    /// anew and take them for unreadable, has not.
    /// </summary>
    private static void RequireContinues(WelcomeItem item, string? title, Pin? peer, Conversation? known)
    {
        if (known is null or { IsHearsay: true }) return;
        if (title != known.Title || peer != known.Peer) throw new CodecException("a Welcome to another conversation of the same id");
        if (item.Position < BoundOf(known)) throw new CodecException("a Welcome from before we went, or fell behind");
    }

    /// <summary>
    /// From where on whoever adds us anew has to know the log: where we went or, where what we have is an older state than there was, the last
    /// commit that the log has shown us. What a Welcome says of that before the log has borne it out bounds no other.
    /// </summary>
    private static ulong BoundOf(Conversation? known) => known switch
    {
        null => 0,
        { IsBehind: true, Joining: null } => Math.Max(known.EndedAt, known.EpochAt),
        _ => known.EndedAt,
    };

    private bool Meet(IntroductionItem item, List<Pin> met)
    {
        var known = vault.Contacts.Find(item.Card.Pin);
        var before = known?.State;
        bool invited = vault.GivenInvites.TryUse(item, vault.Now);
        var state = invited || before is ContactState.Known or ContactState.Asked ? ContactState.Known : ContactState.Asks;
        if (item.Card.Pin != vault.Profile.Pin && vault.Take(item.Card, state, isMet: invited || known is { IsMet: true }) is not null && before != state) met.Add(item.Card.Pin);
        return true;
    }

    /// <summary>Only a device that is in the conversation may ask to be added again.</summary>
    private bool KeepRequest(RejoinItem item)
    {
        if (vault.Conversations.Find(item.Log) is not { State: ConversationState.Active } conversation) return true;
        try
        {
            var package = Tls.Decode<KeyPackage>(item.KeyPackage.Span);
            var member = vault.Groups.Load(item.Log).Members.FirstOrDefault(m => m.Leaf.SignatureKey.Span.SequenceEqual(package.LeafNode.SignatureKey.Span));
            if (member is null || DeviceCredential.Verify(member.Leaf) is not { } credential) return true;
            if (!member.Leaf.EncryptionKey.Span.SequenceEqual(item.Leaf.Span) && item.Position < conversation.EpochAt) return true;   // it is spent
            if (!TheirKeyPackage.Verify(vault, item.KeyPackage.Span, credential.Pin).Credential.IsSameDevice(credential)) return true;
            byte[] signed = RejoinItem.ToBeSigned(item.Log, item.Leaf.Span, item.Position, item.KeyPackage.Span);
            if (ConversationSuite.Suite.Signature.Verify(member.Leaf.SignatureKey.Span, signed, item.Signature.Span)) upkeep.Keep(item, member.Leaf);
        }
        catch (Exception refused) when (refused is CodecException or VaultException)
        {
            // A request that proves nothing is finished with.
        }
        return true;
    }
}
