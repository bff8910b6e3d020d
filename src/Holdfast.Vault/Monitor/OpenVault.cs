using Holdfast.Cryptography;
using Holdfast.Mls;
using Holdfast.Protocol;
using Microsoft.Data.Sqlite;

namespace Holdfast.Vault;

/// <summary>An unlocked vault: the store, what is in it, and the randomness and clock that everything here is given.</summary>
internal sealed class OpenVault : IDisposable
{
    private readonly List<(Pin Pin, string Before, string Now)> _renamed = [];

    internal OpenVault(SealedStore store, Profile profile, RandomSource random, TimeProvider clock)
    {
        (Store, Profile, Random, Clock) = (store, profile, random, clock);
        Contacts = new ContactBook(store);
        Search = new SearchIndex(store);
        History = new History(store, Contacts, Search);
        Outbox = new OutboxStore(store, Search);
        Conversations = new ConversationList(store);
        GivenInvites = new GivenInvites(store);
        KeyPackages = new OwnKeyPackages(store, profile, random, clock);
        Policy = new GroupPolicy { AcceptLeaf = AcceptLeaf, AcceptProposal = AcceptProposal, PastEpochs = 0, Suites = ConversationSuite.Only };
        Groups = new GroupStates(store, profile.Leaf, Policy);
        EarlierKeys = new EarlierKeys(store);
        Freshness = new Freshness(this);
        Trail = new TrailBook(store, clock);
        Settings = new Settings(store);
        if (Search.IsNew) IndexAll();
    }

    internal SealedStore Store { get; }

    internal Profile Profile { get; }

    internal RandomSource Random { get; }

    internal TimeProvider Clock { get; }

    internal ContactBook Contacts { get; }

    internal SearchIndex Search { get; }

    internal History History { get; }

    internal OutboxStore Outbox { get; }

    internal ConversationList Conversations { get; }

    internal GivenInvites GivenInvites { get; }

    internal OwnKeyPackages KeyPackages { get; }

    internal GroupStates Groups { get; }

    internal EarlierKeys EarlierKeys { get; }

    internal GroupPolicy Policy { get; }

    /// <summary>Whether this state may be sealed from.</summary>
    internal Freshness Freshness { get; }
    internal TrailBook Trail { get; }

    internal Settings Settings { get; }

    internal ulong Now => (ulong)Clock.GetUtcNow().ToUnixTimeMilliseconds();

    internal MessageId NewMessageId() => MessageId.Of(Random.PublicBytes(Id128.Size));

    /// <summary>A duration between a part of the span and the whole of it: so that devices do not act all at once.</summary>
    internal ulong Jitter(TimeSpan span, double least = 0)
    {
        double share = BitConverter.ToUInt32(Random.PublicBytes(4)) / (double)uint.MaxValue;
        return (ulong)(span.TotalMilliseconds * (least + ((1 - least) * share)));
    }

    /// <summary>A copied profile sends nothing, whatever is asked of it.</summary>
    internal void RequireNotCloned()
    {
        if (Profile.Cloned)
        {
            throw new VaultException(
                VaultError.Cloned,
                "This profile was used elsewhere after this state of it: it is a copy, or was restored from a backup. It sends nothing. To go on with " +
                "this one, type \"holdfast recover\": the other one stops then, and conversations go on here with fresh keys. Else remove it here.");
        }
    }

    /// <summary>Takes a card (<see cref="ContactBook.Take"/>); who is called otherwise from now on is noted for <see cref="ShowRenames"/>.</summary>
    internal Contact? Take(Card card, ContactState? state = null, bool isMet = true)
    {
        var before = Contacts.Find(card.Pin);
        var taken = Contacts.Take(card, state, isMet);
        bool isSame = taken is not null && before is not null && before.IdentityKey.Span.SequenceEqual(taken.IdentityKey.Span);
        if (isSame && before!.Card is { } old && old.Name != card.Name) _renamed.Add((card.Pin, old.Name, card.Name));
        return taken;
    }

    /// <summary>Takes a card that someone else passes on: it may name those whose key we have pinned, and pins nobody.</summary>
    internal void TakeOfMet(Card card)
    {
        if (Contacts.Find(card.Pin) is { IsMet: true }) Take(card);
    }

    /// <summary>Says in every conversation with them who has another name now. What is pinned is the identity: a name is only what it says of itself.</summary>
    internal void ShowRenames()
    {
        if (_renamed.Count == 0) return;
        foreach (var conversation in Conversations.All().Where(static item => item.State is ConversationState.Active or ConversationState.Leaving).ToList())
        {
            var people = MemberChange.PeopleOf(Groups.Load(conversation.Log));
            var notices = new Notices(this, conversation.Log);
            foreach (var (pin, before, now) in _renamed.Where(renamed => people.Contains(renamed.Pin)))
                History.SaveBeside(notices.Renamed(conversation.Position, pin, before, now), 0);
        }
        _renamed.Clear();
    }

    /// <summary>A post will never be taken: it leaves the outbox, and where people would miss it the history keeps it as not sent.</summary>
    internal void GiveUp(OutboxEntry entry, ulong position, string reason)
    {
        if (entry.Shown is { } shown)
            History.SaveBeside(shown with { Position = position, Status = HistoryStatus.Failed, Reason = reason }, entry.Sequence, entry);
        Outbox.Delete(entry);
    }

    /// <summary>
    /// Does what somebody else's item asks for, as a part of a change. False where that fails in a way nobody has foreseen: nothing of it
    /// stays, and whoever asks is done with it, for it must not keep back for ever what is behind it. What the store cannot do is not the
    /// item's fault, and ends the change as it always does.
    /// </summary>
    internal bool TryAlone(Action item)
    {
        int renamed = _renamed.Count;
        try
        {
            Store.Part(item);
            return true;
        }
        catch (Exception unforeseen) when (!IsOfTheStore(unforeseen))
        {
            Groups.Forget();
            Contacts.Forget();
            _renamed.RemoveRange(renamed, _renamed.Count - renamed);
            Profile.Reload(Store);
            return false;
        }
    }

    /// <summary>Runs a call that changes something: as a whole or, when it throws, not at all, here and on disk.</summary>
    internal T Change<T>(Func<T> change)
    {
        bool done = false;
        try
        {
            var result = Store.Change(change);
            Freshness.Keep();
            done = true;
            return result;
        }
        finally
        {
            if (!done) Forget();
        }
    }

    /// <summary>Notes that nothing more is sealed with this state; where the disk does not take it, the next vault goes on as after a death.</summary>
    internal void Close()
    {
        try
        {
            Change(() =>
            {
                Profile.IsClosed = true;
                Profile.Save(Store);
                return true;
            });
        }
        catch (Exception failure) when (IsOfTheStore(failure))
        {
            // Locking does not wait for a disk.
        }
    }

    /// <summary>Has the search index some of what waits.</summary>
    internal void Index()
    {
        bool done = false;
        try
        {
            Search.Work();
            done = true;
        }
        finally
        {
            if (!done) Search.Forget();
        }
    }

    /// <summary>A call failed: what is in memory may be ahead of the store, so it is read again.</summary>
    internal void Forget()
    {
        Groups.Forget();
        Contacts.Forget();
        Freshness.Forget();
        Search.Forget();
        _renamed.Clear();
        Profile.Reload(Store);
    }

    public void Dispose()
    {
        Groups.Dispose();
        Search.Dispose();
        Profile.Dispose();
        Store.Dispose();
    }

    /// <summary>A profile that was made before there was a search, or has nothing yet.</summary>
    private void IndexAll() => Store.Change(() =>
    {
        History.IndexAll();
        Outbox.IndexAll();
        Search.Settle();
        return 0;
    });

    /// <summary>Whether this is what a store that cannot be read or written ends a call with, and nobody's fault.</summary>
    internal static bool IsOfTheStore(Exception failure) => failure
        is SqliteException or IOException or UnauthorizedAccessException or OutOfMemoryException or VaultException { Error: not VaultError.Refused };

    /// <summary>
    /// Members come, go and renew their keys. Nothing else changes a conversation: a pre-shared key that some lack would strand
    /// them, the title is not for any one member to rewrite, and a group does not begin anew in another cipher suite. And nobody outside
    /// has a say: no external senders, no strangers who propose themselves, no external commits
    /// (<see cref="GroupPolicy.AcceptExternalJoin"/> stays as it is by default).
    /// </summary>
    private static bool AcceptProposal(Proposal proposal, Proposer proposer) =>
        proposer.Sender.Type == SenderType.Member && proposal is (AddProposal or RemoveProposal or UpdateProposal);

    /// <summary>
    /// Our authentication service (RFC 9420 §5.3.1), as far as one leaf goes: the chain from the user identity to the leaf's key holds, the
    /// leaf can be reached, and it is only ever replaced by one of the same device under the same identity. Every member answers alike,
    /// for a commit that one of them refuses here must be one for nobody. Whether the identity is the one that we have pinned is asked of
    /// the whole group that would come to be (<see cref="Seating"/>).
    /// </summary>
    private static bool AcceptLeaf(LeafNode leaf, LeafNode? replaced) =>
        DeviceCredential.Verify(leaf) is { } credential && LeafTraits.InboxKeyOf(leaf) is not null
        && (replaced is null || (DeviceCredential.Verify(replaced) is { } before && credential.IsSameDevice(before)));
}
