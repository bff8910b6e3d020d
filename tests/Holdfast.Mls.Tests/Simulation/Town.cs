using Holdfast.Mls.Tests.Trees;
using Xunit;

namespace Holdfast.Mls.Tests.Simulation;

/// <summary>
/// A group over a bad network: members lag behind, commit at the same time as others and as strangers who join from outside, get
/// application messages late, often, in any order or not at all. All that ends in the same epoch with the same secrets.
/// </summary>
internal sealed class Town : IDisposable
{
    private readonly SeededRandom _random;
    private readonly DeliveryService _service = new();
    private readonly List<Participant> _all = [];
    private readonly List<Sent> _sent = [];
    private readonly List<(Client Who, ExternalJoinOutcome.Prepared Commit, ulong Epoch)> _coming = [];
    private readonly List<(Group State, ulong RemovedAt, Client Owner)> _removed = [];
    private readonly Dictionary<Participant, ulong> _joinedAt = [];
    private readonly Dictionary<ulong, string> _authenticators = [];
    private readonly int _most;
    private int _names;

    internal Town(int seed, int members, int most)
    {
        (_random, _most) = (new SeededRandom(seed), most);
        var first = NewClient();
        first.Found();
        var others = Enumerable.Range(1, members - 1).Select(_ => NewClient()).Select(client => (client, client.NewKeyPackage())).ToList();
        var pending = first.Group.Commit(
            new CommitOptions { Proposals = [.. others.Select(entry => new AddProposal(entry.Item2.KeyPackage))] }, _random);
        pending.Current.Dispose();
        first.Adopt(pending.Next);
        Enter(first, 0);
        foreach (var (client, self) in others)
        {
            client.Join(pending.Welcome!, self);
            self.Dispose();
            Enter(client, 0);
        }
    }

    internal int Commits { get; private set; }

    /// <summary>How many joined from outside.</summary>
    internal int Joins { get; private set; }

    /// <summary>How many of them were members already, and took their former self out.</summary>
    internal int Returns { get; private set; }

    /// <summary>How many handshake messages came too late.</summary>
    internal int Lost { get; private set; }

    private List<Participant> Members => [.. _all.Where(one => one.Client.IsMember)];

    internal void Step()
    {
        var who = Pick();
        if (_random.Below(2) == 0) CatchUp(who);
        if (!who.Client.IsMember) return;
        switch (_random.Below(16))
        {
            case 0: Add(who); break;
            case 1: Remove(who); break;
            case 2: Propose(who); break;
            case 3: Commit(who, new CommitOptions()); break;
            case 4: Commit(who, new CommitOptions { ForcePath = false }); break;
            case 5: who.Client.Restart(); break;
            case 6 or 7: Say(who); break;
            case 8: Deliver(); break;
            case 9: Come(who); break;
            case 10: Arrive(); break;
            case 11: Hold(who); break;
            case 12: SendHeld(); break;
            default: Advance(who); break;
        }
    }

    /// <summary>What is under way is posted, everybody reads everything, and is then in the same place.</summary>
    internal void Converge()
    {
        while (_coming.Count > 0 || _all.Exists(static one => one.IsHolding))
        {
            if (_random.Below(2) == 0) Arrive();
            else SendHeld();
        }
        foreach (var one in Members) CatchUp(one);
        var first = Members[0].Client.Group;
        foreach (var one in Members)
        {
            Assert.Equal(_service.Epoch, one.Client.Group.Epoch);
            Assert.Equal(first.EpochAuthenticator.ToArray(), one.Client.Group.EpochAuthenticator.ToArray());
            Assert.Equal(first.EncodeTree(), one.Client.Group.EncodeTree());
        }
        Assert.Equal(
            Members.Select(static one => one.Client.Name).Order(),
            first.Members.Select(static member => Client.NameOf(member.Leaf)).Order());
        CheckSeizedStates();
    }

    public void Dispose()
    {
        foreach (var one in _all) one.Dispose();
        foreach (var (state, _, _) in _removed) state.Dispose();
        foreach (var (who, commit, _) in _coming) Drop(who, commit);
    }

    private static void Drop(Client who, ExternalJoinOutcome.Prepared commit)
    {
        commit.Next.Dispose();
        who.Dispose();
    }

    private Client NewClient(string? name = null)
    {
        var client = new Client(name ?? $"member {_names++}", _random);
        client.Policy = client.Policy with { AcceptExternalJoin = static _ => true };
        return client;
    }

    private Participant Pick()
    {
        var members = Members;
        return members[_random.Below(members.Count)];
    }

    private void Enter(Client client, int position)
    {
        var one = new Participant(client, position);
        _joinedAt[one] = client.Group.Epoch;
        _all.Add(one);
    }

    private void Add(Participant by)
    {
        if (by.HasPending || Members.Count >= _most) return;
        var client = NewClient();
        using var self = client.NewKeyPackage();
        var accepted = Commit(by, new CommitOptions { Proposals = [new AddProposal(self.KeyPackage)] });
        if (accepted is null)
        {
            client.Dispose();
            return;
        }
        client.Join(accepted.Welcome!, self);
        Enter(client, _service.Log.Count);
    }

    private void Remove(Participant by)
    {
        var group = by.Client.Group;
        var others = group.Members.Where(member => member.Index != group.OwnLeaf).ToList();
        if (by.HasPending || others.Count < 3) return;
        Commit(by, new CommitOptions { Proposals = [new RemoveProposal(others[_random.Below(others.Count)].Index)] });
    }

    private void Propose(Participant by)
    {
        if (by.HasPending) return;
        ulong epoch = by.Client.Group.Epoch;
        byte[] message = _random.Below(2) == 0
            ? by.Client.ProposeUpdate()
            : by.Client.Propose(new GroupContextExtensionsProposal([new Extension(Client.KnownExtension, _random.PublicBytes(4))]));
        if (!_service.Post(by, message, isCommit: false, epoch)) Lost++;   // it stays pending here until the commit that came first is read
    }

    private PendingCommit? Commit(Participant by, CommitOptions options)
    {
        if (by.HasPending) return null;
        var accepted = by.Commit(_service, options);
        CountCommit(accepted is not null);
        return accepted;
    }

    /// <summary>Makes a commit that is posted later, when others may have been faster.</summary>
    private static void Hold(Participant by)
    {
        if (!by.HasPending) by.Hold(new CommitOptions());
    }

    private void SendHeld()
    {
        var holders = _all.Where(static one => one.IsHolding).ToList();
        if (holders.Count > 0) CountCommit(holders[_random.Below(holders.Count)].Send(_service) is not null);
    }

    /// <summary>
    /// RFC 9420 §12.4.3.2: somebody makes an external commit of what a member tells, who may be behind; or that member's other
    /// self does, who has lost its state. It is posted at once, or later.
    /// </summary>
    private void Come(Participant by)
    {
        bool returns = _random.Below(3) == 0, withTree = _random.Below(2) == 0;
        if (!returns && Members.Count + _coming.Count >= _most) return;
        var (client, group) = (NewClient(returns ? by.Client.Name : null), by.Client.Group);
        var options = client.JoinOptions() with { RatchetTree = withTree ? null : group.EncodeTree(), Resync = returns };
        var outcome = client.TryJoinExternally(group.GroupInfoMessage(withTree, withExternalKey: true), options);
        _coming.Add((client, Assert.IsType<ExternalJoinOutcome.Prepared>(outcome), group.Epoch));
        if (_random.Below(2) == 0) Arrive();
    }

    private void Arrive()
    {
        if (_coming.Count == 0) return;
        var (who, commit, epoch) = _coming[_random.Below(_coming.Count)];
        _coming.RemoveAll(one => one.Who == who);
        bool accepted = _service.Post(null, commit.Message, isCommit: true, epoch);
        CountCommit(accepted);
        if (!accepted)
        {
            Drop(who, commit);
            return;
        }
        Joins++;
        if (_all.Exists(one => one.Client.Name == who.Name)) Returns++;
        who.Adopt(commit.Next);
        Enter(who, _service.Log.Count);
        _authenticators.Add(who.Group.Epoch, Convert.ToHexString(who.Group.EpochAuthenticator.Span));   // what all others must come to
        CheckTree(who.Group);
    }

    private void CountCommit(bool accepted)
    {
        if (accepted) Commits++;
        else Lost++;
    }

    private void Say(Participant by)
    {
        if (by.Client.Group.PendingProposals.Count > 0) return;
        byte[] text = _random.PublicBytes(8);
        ulong epoch = by.Client.Group.Epoch;
        var said = by.Client.Group.Protect(text, default, _random);
        by.Client.Adopt(said.Next);
        _sent.Add(new Sent(by, epoch, text, said.Message));
    }

    /// <summary>Some of the messages reach somebody, in any order, once or several times; the rest may come later or never.</summary>
    private void Deliver()
    {
        var to = Pick();
        var reachable = _sent.Where(sent => to.CanHear(sent, _joinedAt[to])).OrderBy(_ => _random.Below(1000))
            .Take(_random.Below(6)).ToList();
        foreach (var sent in reachable.Concat(reachable).Concat(reachable.Take(1))) to.Hear(sent);
    }

    private void Advance(Participant who)
    {
        for (int left = 1 + _random.Below(4); left > 0 && who.IsBehind(_service); left--) Read(who);
    }

    private void CatchUp(Participant who)
    {
        while (who.IsBehind(_service)) Read(who);
    }

    private void Read(Participant who)
    {
        var before = who.Client.Group;
        using var state = before.Serialize();
        ulong number = before.Epoch;
        who.Read(_service);
        if (!who.Client.IsMember)
        {
            _removed.Add((Group.Restore(state.Reveal(), who.Client.SignatureKey, who.Client.Policy), number, who.Client));
            return;
        }
        if (who.Client.Group.Epoch == number) return;
        string authenticator = Convert.ToHexString(who.Client.Group.EpochAuthenticator.Span);
        if (_authenticators.TryAdd(number + 1, authenticator)) CheckTree(who.Client.Group);
        Assert.Equal(_authenticators[number + 1], authenticator);
    }

    /// <summary>ATTACKS B-12: what the tree remembers of itself is what comes of it from scratch.</summary>
    private static void CheckTree(Group group)
    {
        var tree = group.State.Tree;
        var nodes = Enumerable.Range(0, TreeMath.NodeCount(tree.LeafCount)).Select(place => new NodeIndex((uint)place))
            .Select(place => place.IsLeaf ? (object?)tree.Leaf(place.Leaf) : tree.Parent(place)).ToArray();
        var reference = new ReferenceTree(nodes);
        ExhaustiveTreeTests.AssertSame(reference, tree);
        Assert.True(TreeVerdict.OfReference(reference));
        Assert.Equal(nodes.Count(static node => node is LeafNode), tree.MemberCount);
        Assert.Equal(reference.TreeHash(reference.Root, []), group.Context.TreeHash.ToArray());
    }

    /// <summary>
    /// ATTACKS B-41: who was removed reads nothing that was said after; B-42: who seizes a state reads nothing that its owner
    /// has heard, and nothing of an epoch older than the policy keeps.
    /// </summary>
    private void CheckSeizedStates()
    {
        foreach (var (state, removedAt, _) in _removed)
        {
            foreach (var sent in _sent.Where(sent => sent.Epoch > removedAt)) Assert.IsType<Handled.Rejected>(state.Handle(sent.Message));
        }
        foreach (var one in Members)
        {
            one.Client.Restart();
            foreach (var sent in _sent.Where(sent => one.Heard.Contains(sent) || !one.CanHear(sent, _joinedAt[one])))
                Assert.IsType<Handled.Rejected>(one.Client.Group.Handle(sent.Message));
        }
    }
}
