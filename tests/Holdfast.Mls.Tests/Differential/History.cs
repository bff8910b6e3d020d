using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests.Differential;

/// <summary>What the histories of a run were made of.</summary>
internal sealed class Tally
{
    internal SortedDictionary<string, int> Counts { get; } = new(StringComparer.Ordinal);

    internal void Count(string what, int times = 1) => Counts[what] = Counts.GetValueOrDefault(what) + times;
}

/// <summary>
/// The random life of one group with members of both implementations. Everything is delivered to everybody, and after each
/// commit all must stand at the same place.
/// </summary>
internal sealed class History : IDisposable
{
    private const int MostMembers = 8, PastEpochs = 2;

    private readonly SeededRandom _random;
    private readonly CipherSuite _suite;
    private readonly TsMls _theirs;
    private readonly Tally _tally;
    private readonly List<Peer> _members = [], _all = [];
    private readonly List<(Peer By, Wish What)> _pending = [];
    private readonly List<(Peer By, ulong Epoch, byte[] Text, byte[] Message)> _late = [];
    private readonly List<(byte[] Id, byte[] Psk)> _keys = [];
    private readonly List<string> _story = [];
    private readonly byte[] _groupId;
    private int _names;

    internal History(int seed, CipherSuite suite, TsMls theirs, Tally tally)
    {
        (_random, _suite, _theirs, _tally) = (new SeededRandom(seed), suite, theirs, tally);
        _groupId = _random.PublicBytes(16);
        var founder = NewPeer(ours: seed % 2 == 0);
        founder.Found(_groupId);
        _members.Add(founder);
        AddMembers(NewPeer(ours: seed % 2 != 0), NewPeer());
    }

    /// <summary>What has been done so far, for a failure's message.</summary>
    internal string Story => string.Join("; ", _story);

    internal void Step()
    {
        switch (_random.Below(10))
        {
            case 0 or 1 when _members.Count < MostMembers:
                AddMembers([.. Enumerable.Range(0, 1 + _random.Below(2)).Select(_ => NewPeer())]);
                break;
            case 2 when _members.Count > 2: RemoveMember(); break;
            case 3 or 4 when _pending.Count < 3: Propose(); break;
            case 5: CommitAsIs(); break;
            case 6: CommitKey(); break;
            case 7: JoinFromOutside(); break;
            default: Talk(); break;
        }
    }

    public void Dispose()
    {
        foreach (var peer in _all) peer.Dispose();
        _theirs.Ask("forget", []);
    }

    private Peer NewPeer(bool? ours = null)
    {
        string name = $"peer {_names++}";
        Peer peer = ours ?? _random.Below(2) == 0 ? new OurPeer(name, _suite, _random) : new TheirPeer(name, _suite, _theirs);
        foreach (var (id, psk) in _keys) peer.Know(id, psk);
        _all.Add(peer);
        return peer;
    }

    private Peer Pick(List<Peer> from) => from[_random.Below(from.Count)];

    private bool Coin() => _random.Below(2) == 0;

    /// <summary>Those who may commit all that is pending: RFC 9420 §12.2 excludes who would commit an own Update, or be removed.</summary>
    private List<Peer> Committers() => [.. _members.Where(member => !_pending.Any(entry =>
        (entry.What is Wish.Update && entry.By == member) || IsRemovalOf(entry.What, member)))];

    private static bool IsRemovalOf(Wish wish, Peer member) => wish is Wish.Remove remove && remove.Leaf == member.Standing().Leaf;

    private bool IsTouched(Peer member) => _pending.Any(entry =>
        IsRemovalOf(entry.What, member) || (entry.What is Wish.Update && entry.By == member));

    private bool MayGo(Peer member)
    {
        var tree = RatchetTree.Decode(_suite, Convert.FromHexString(member.Standing().RatchetTree));
        var going = _pending.Select(entry => entry.What).OfType<Wish.Remove>().Select(remove => remove.Leaf).Append(member.Standing().Leaf);
        return !KnownFaults.DerivesOneSecretTooMany(tree.Leaves.Select(entry => entry.Index.Value).Except(going));
    }

    private void AddMembers(params Peer[] newcomers) =>
        Commit([.. newcomers.Select(peer => new Wish.Add(peer, peer.KeyPackage()))], forcePath: Coin());

    private void RemoveMember()
    {
        var by = Pick(Committers());
        var candidates = _members.Where(member => member != by && !IsTouched(member) && MayGo(member)).ToList();
        if (candidates.Count > 0) Commit([new Wish.Remove(Pick(candidates).Standing().Leaf)], by: by);
    }

    private void CommitAsIs() => Commit([], forcePath: true);

    private void CommitKey()
    {
        ulong oldest = _members.Max(member => member.JoinedAt), now = _members[0].Standing().Epoch;
        ulong floor = Math.Max(oldest, now > 2 ? now - 2 : 0);
        bool resumes = Coin() && floor < now && !_pending.Any(entry => entry.What is Wish.Add);
        Wish wish = resumes ? new Wish.Resumption(_groupId, floor + (ulong)_random.Below((int)(now - floor)), Nonce()) : NewKey();
        Commit([wish], forcePath: Coin());
    }

    private Wish.External NewKey()
    {
        byte[] id = System.Text.Encoding.UTF8.GetBytes($"key {_names++}"), psk = _random.PublicBytes(32);
        _keys.Add((id, psk));
        foreach (var peer in _all) peer.Know(id, psk);
        return new Wish.External(id, Nonce());
    }

    private byte[] Nonce() => _random.PublicBytes(_suite.Hkdf.HashSize);

    private void Propose()
    {
        var by = Pick(_members);
        if (IsTouched(by) || NewWish(by) is not { } wish) return;
        _pending.Add((by, wish));
        if (Committers().Count == 0)
        {
            _pending.RemoveAt(_pending.Count - 1);
            return;
        }
        _story.Add($"{by} proposes {wish}");
        byte[] message = by.Propose(wish, Coin());
        foreach (var other in _members.Where(member => member != by)) other.TakeProposal(message);
        _tally.Count($"proposals, {wish.GetType().Name}");
    }

    private Wish? NewWish(Peer by)
    {
        var others = _members.Where(member => member != by && !IsTouched(member) && MayGo(member)).ToList();
        switch (_random.Below(4))
        {
            case 0: return new Wish.Update();
            case 1 when _members.Count < MostMembers && NewPeer() is var peer: return new Wish.Add(peer, peer.KeyPackage());
            case 2 when _members.Count > 3 && others.Count > 0 && !_pending.Any(entry => entry.What is Wish.Remove):
                return new Wish.Remove(Pick(others).Standing().Leaf);
            case 3 when !_pending.Any(entry => entry.What is Wish.External): return NewKey();
            default: return null;
        }
    }

    private void Commit(IReadOnlyList<Wish> wishes, Peer? by = null, bool forcePath = false)
    {
        by ??= Pick(Committers());
        bool treeInWelcome = Coin();
        _story.Add(
            $"{by} commits {string.Join(", ", wishes)} and what is pending, path {forcePath}, members {string.Join(", ", _members)}");
        var committed = by.Commit(wishes, Coin(), treeInWelcome, forcePath);
        var updated = _pending.Where(entry => entry.What is Wish.Update).Select(entry => entry.By).ToList();
        var all = _pending.Select(entry => entry.What).Concat(wishes).ToList();
        foreach (var other in _members.Where(member => member != by).ToList())
        {
            if (KnownFaults.OverlooksItsRemoval(other, all) || !other.TakeCommit(committed.Message, updated.Contains(other)))
                _members.Remove(other);
        }
        _tally.Count(by is OurPeer ? "commits of ours" : "commits of theirs");
        var added = all.OfType<Wish.Add>().Select(add => add.Who).ToList();
        _pending.Clear();
        var refused = Welcome(by, committed, treeInWelcome, added);
        Agree();
        DeliverLate();
        if (refused.Count > 0) RemoveStrangers(refused);
    }

    /// <summary>
    /// RFC 9420 §12.4.3.2: somebody comes by an external commit, a member again or one more; what was pending is gone.
    /// </summary>
    private void JoinFromOutside()
    {
        var by = Pick(_members);
        bool again = _members.Count >= MostMembers || _random.Below(3) == 0, withTree = Coin();
        var who = again ? Pick(_members) : NewPeer();
        byte[] tree = Convert.FromHexString(by.Standing().RatchetTree);
        _story.Add($"{who} joins {(again ? "again" : "from outside")} by what {by} tells");
        var (commit, refusal) = who.JoinExternally(by.GroupInfo(withTree), withTree ? null : tree, again);
        if (commit is null)
        {
            Assert.True(who is TheirPeer && KnownFaults.RefusesUnmergedLeaves(_suite, tree, refusal), $"{who} to a GroupInfo: {refusal}");
            _tally.Count("external joins of theirs that a known fault stopped");
            return;
        }
        foreach (var member in _members.Where(member => member != who)) Assert.True(member.TakeCommit(commit, updated: false));
        _pending.Clear();
        if (!again) _members.Add(who);
        _tally.Count($"external joins {(who is OurPeer ? "of ours" : "of theirs")}{(again ? ", again" : "")}");
        Agree();
        DeliverLate();
    }

    /// <summary>Lets the new members in; returns who would not come for a fault that we know.</summary>
    private List<Peer> Welcome(Peer by, Committed committed, bool treeInWelcome, List<Peer> added)
    {
        var refused = new List<Peer>();
        byte[] tree = Convert.FromHexString(by.Standing().RatchetTree);
        foreach (var peer in added)
        {
            string? refusal = peer.Join(committed.Welcome!, treeInWelcome ? null : tree);
            if (refusal is null) _members.Add(peer);
            else
            {
                Assert.True(
                    peer is TheirPeer && KnownFaults.RefusesUnmergedLeaves(_suite, tree, refusal), $"{peer.Name} to a Welcome: {refusal}");
                refused.Add(peer);
            }
            _tally.Count(
                refusal is not null ? "joins of theirs that a known fault stopped" : peer is OurPeer ? "joins of ours" : "joins of theirs");
        }
        return refused;
    }

    /// <summary>Takes those out again who were added and did not come.</summary>
    private void RemoveStrangers(List<Peer> refused)
    {
        var tree = RatchetTree.Decode(_suite, Convert.FromHexString(_members[0].Standing().RatchetTree));
        var names = refused.Select(peer => peer.Name).ToHashSet();
        Commit(
            [.. tree.Leaves.Where(entry => names.Contains(Client.NameOf(entry.Leaf))).Select(entry => new Wish.Remove(entry.Index.Value))]);
    }

    private void Agree()
    {
        var first = _members[0].Standing().Shared;
        foreach (var member in _members) Assert.Equal(first, member.Standing().Shared);
        _tally.Count("epochs compared");
    }

    /// <summary>One member says a few things; the others hear them in any order, and some of it only after the next commit.</summary>
    private void Talk()
    {
        if (_pending.Count > 0) CommitAsIs();
        var by = Pick(_members);
        ulong epoch = by.Standing().Epoch;
        var said = Enumerable.Range(0, 1 + _random.Below(3)).Select(_ => _random.PublicBytes(_random.Below(300)))
            .Select(text => (By: by, Epoch: epoch, Text: text, Message: by.Say(text))).ToList();
        foreach (var entry in said.OrderBy(_ => _random.Below(1000)).ToList())
        {
            if (_random.Below(4) == 0) _late.Add(entry);
            else Deliver(entry);
        }
    }

    private void DeliverLate()
    {
        ulong now = _members[0].Standing().Epoch;
        foreach (var entry in _late.ToList())
        {
            if (entry.Epoch + PastEpochs > now && Coin()) continue;
            _late.Remove(entry);
            if (entry.Epoch + PastEpochs >= now) Deliver(entry);
        }
    }

    private void Deliver((Peer By, ulong Epoch, byte[] Text, byte[] Message) entry)
    {
        foreach (var other in _members.Where(member => member != entry.By && member.JoinedAt <= entry.Epoch))
        {
            Assert.Equal(entry.Text, other.Hear(entry.Message));
            _tally.Count(entry.By is OurPeer ? "messages of ours read" : "messages of theirs read");
        }
    }
}
