using Holdfast.Codec;
using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// The vault's half of changing a group: a commit is built as pending (RFC 9420 §14: nothing changes yet), with the Welcomes
/// that go with it, and takes effect only when it comes back in the log. One at a time in each conversation.
/// </summary>
internal sealed class Changing(OpenVault vault, Sending sending)
{
    /// <summary>What fits one frame with what goes around it.</summary>
    private const int MostPostBytes = ProtocolLimits.FrameBytes - 1024;

    /// <summary>Makes a conversation: an empty log to create, and the commit that adds everyone.</summary>
    internal OutboxEntry Create(string? title, IReadOnlyList<Invitee> members)
    {
        if (title is not null && DisplayName.Problem(title) is { } problem) throw new VaultException(VaultError.Refused, problem);
        if (title is null && members.Count > 1) throw new VaultException(VaultError.Refused, "A conversation of more than two needs a title.");
        if (members.Count == 0) throw new VaultException(VaultError.Refused, "Name at least one other member.");
        vault.RequireNotCloned();
        var packages = Admissible(members);
        var log = LogId.Of(vault.Random.PublicBytes(Id128.Size));
        using var own = vault.KeyPackages.Make();
        var group = Group.Create(
            own.Suite, log.ToBytes(), own, vault.Profile.Leaf, [LeafTraits.Describe(title)], vault.Policy, vault.Random);
        var conversation = new Conversation
        {
            Log = log, Title = title, Peer = title is null ? members[0].Pin : null, CommitDueAt = vault.Now + vault.Jitter(Upkeep.FirstRenewal),
        };
        vault.Conversations.Save(conversation);
        vault.Groups.Save(log, group);
        vault.Freshness.Begin(log);
        var entry = sending.NewEntry(IntentKind.Add, packages, null) with { FirstAccessKey = AccessKey.PublicOf(group) };
        return Commit(conversation, entry, vault.NewMessageId())!;
    }

    internal OutboxEntry Add(LogId log, IReadOnlyList<Invitee> members)
    {
        var conversation = vault.Conversations.RequireActive(log);
        if (conversation.Title is null) throw new VaultException(VaultError.Refused, "A conversation of two stays one: make a group instead.");
        return Begin(conversation, IntentKind.Add, Admissible(members), "They are members already.");
    }

    internal OutboxEntry Remove(LogId log, Pin pin)
    {
        var conversation = vault.Conversations.RequireActive(log);
        if (pin == vault.Profile.Pin) throw new VaultException(VaultError.Refused, "To go yourself, leave the conversation.");
        return Begin(conversation, IntentKind.Remove, [Tls.Encode(pin)], "They are not a member.");
    }

    internal OutboxEntry Leave(LogId log)
    {
        var conversation = vault.Conversations.Require(log);
        if (conversation is not { State: ConversationState.Active, Joining: not null })   // who waits in vain to be in may go, too
            conversation = vault.Conversations.RequireActive(log);
        var group = vault.Groups.Load(log);
        if (group.Members.Count == 1) throw new VaultException(VaultError.Refused, "You are its only member: there is nobody to leave.");
        return Propose(conversation, sending.NewEntry(IntentKind.Leave, [], null), vault.NewMessageId());
    }

    internal OutboxEntry Propose(Conversation conversation, OutboxEntry entry, MessageId id)
    {
        var group = vault.Freshness.LoadToSeal(conversation);
        var proposal = group.Propose(new RemoveProposal(group.OwnLeaf), vault.Random, AuthenticatedData.For(id));
        var post = new Post(
            conversation.Log, id, conversation.Position, PostKind.Proposal, ExpiryBucket.Retention, ReadOnlyMemory<byte>.Empty, proposal.Message, []);
        vault.Groups.Save(conversation.Log, proposal.Next);
        vault.Conversations.Save(conversation with { State = ConversationState.Leaving, Place = null });
        var proposed = entry with { Post = post };
        vault.Outbox.Save(proposed);
        return proposed;
    }

    internal OutboxEntry Begin(Conversation conversation, IntentKind intent, IReadOnlyList<ReadOnlyMemory<byte>> payload, string moot)
    {
        if (vault.Groups.HasPending(conversation.Log))
            throw new VaultException(VaultError.Refused, "Another change to this conversation is under way. Try again in a moment.");
        return Commit(conversation, sending.NewEntry(intent, payload, null), vault.NewMessageId())
            ?? throw new VaultException(VaultError.Refused, moot);
    }

    /// <summary>Builds the commit of an entry in the group's present epoch; null where there is nothing left to change.</summary>
    internal OutboxEntry? Commit(Conversation conversation, OutboxEntry entry, MessageId id)
    {
        var group = vault.Freshness.LoadToSeal(conversation);
        if (Plan(group, entry) is not { } proposals) return null;
        PendingCommit pending;
        try
        {
            pending = group.Commit(new CommitOptions { Proposals = proposals, AuthenticatedData = AuthenticatedData.For(id), Now = vault.Clock.GetUtcNow() }, vault.Random);
        }
        catch (MlsException refused)
        {
            throw new VaultException(VaultError.Refused, $"The change is not possible: {refused.Message}");
        }
        RequireSeats(pending);
        var post = new Post(
            conversation.Log, id, conversation.Position, PostKind.Commit, ExpiryBucket.Retention, AccessKey.PublicOf(pending.Next), pending.Message,
            Welcomes(conversation, pending, id));
        if (Tls.Encode(post).Length > MostPostBytes)
            throw new VaultException(VaultError.Refused, "These are too many to be added at once: name fewer, and add the others afterwards.");
        vault.Groups.Save(conversation.Log, pending.Current);
        vault.Groups.SavePending(conversation.Log, pending.Next);
        var committed = entry with { Post = post };
        vault.Outbox.Save(committed);
        return committed;
    }

    /// <summary>Whom we have met since may be another than was to be added.</summary>
    private void RequireSeats(PendingCommit pending)
    {
        var seats = SeatedDevice.Of(pending.Next);
        if ((Seating.Doubled(seats) ?? Seating.Mistaken(seats, vault.Contacts)) is not { } pin) return;
        pending.Current.Dispose();
        pending.Next.Dispose();
        throw new VaultException(
            VaultError.Refused,
            $"Refused: {pin} would be in the conversation under another identity key than the one you know them by, or twice. Speak to them before you go on.");
    }

    /// <summary>What an intent means in the group as it is now; null where it has been done or cannot be any more.</summary>
    private static List<Proposal>? Plan(Group group, OutboxEntry entry)
    {
        var members = group.Members.Select(member => (member.Index, member.Leaf, Credential: DeviceCredential.Verify(member.Leaf))).ToList();
        switch (entry.Intent)
        {
            case IntentKind.Add:
                var adds = entry.Payload.Select(package => Tls.Decode<KeyPackage>(package.Span))
                    .Where(package => !members.Any(member => member.Leaf.SignatureKey.Span.SequenceEqual(package.LeafNode.SignatureKey.Span)))
                    .Select(package => (Proposal)new AddProposal(package)).ToList();
                return adds.Count == 0 ? null : adds;
            case IntentKind.Remove:
                var pin = Tls.Decode<Pin>(entry.Payload[0].Span);
                var removals = members.Where(member => member.Credential?.Pin == pin).Select(member => (Proposal)new RemoveProposal(member.Index)).ToList();
                return removals.Count == 0 ? null : removals;
            case IntentKind.Readmit:
                var returning = Tls.Decode<KeyPackage>(entry.Payload[0].Span);
                var old = members.Find(member => member.Leaf.SignatureKey.Span.SequenceEqual(returning.LeafNode.SignatureKey.Span));
                bool isSpent = old.Leaf is null || !old.Leaf.EncryptionKey.Span.SequenceEqual(entry.Payload[1].Span);   // the leaf it asked about has gone
                return isSpent ? null : [new RemoveProposal(old.Index), new AddProposal(returning)];
            case IntentKind.CarryOut:
                return group.PendingProposals.Count == 0 ? null : [];
            default:
                return [];
        }
    }

    /// <summary>
    /// A Welcome for each device that is added, with its own secrets alone (RFC 9420 §12.4.3.1 wants one that has them, not that it has
    /// everyone's), each padded and sealed anew: equal bytes never join two inboxes.
    /// </summary>
    private List<Delivery> Welcomes(Conversation conversation, PendingCommit pending, MessageId id)
    {
        if (pending.Welcome is null) return [];
        var cards = MemberChange.PeopleOf(pending.Next).Select(pin => vault.Contacts.Find(pin)?.Card).OfType<Card>().ToList();
        var welcome = Tls.Decode<MlsMessage>(pending.Welcome).Welcome!;
        return [.. pending.Change.Added.Zip(welcome.Secrets, (added, secrets) =>   // both in the order of the Adds
        {
            byte[] own = Tls.Encode(new MlsMessage(welcome with { Secrets = [secrets] }));
            return InboxSeal.Seal(new WelcomeItem(conversation.Log, conversation.Position, id, own, cards), added.Leaf, vault.Random);
        })];
    }

    /// <summary>The key packages of people who are who we think they are, and can be reached.</summary>
    private List<ReadOnlyMemory<byte>> Admissible(IReadOnlyList<Invitee> members)
    {
        var admissible = new List<ReadOnlyMemory<byte>>();
        foreach (var member in members)
        {
            if (member.Pin == vault.Profile.Pin) throw new VaultException(VaultError.Refused, "You are a member anyway: name the others.");
            TheirKeyPackage.VerifyAll(vault, member);
            admissible.AddRange(member.KeyPackages.Packages);
        }
        return admissible;
    }
}
