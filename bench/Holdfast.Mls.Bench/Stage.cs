using Holdfast.Cryptography;

namespace Holdfast.Mls.Bench;

/// <summary>All operations on one group: of one suite, one size, and one way in which it came to be.</summary>
internal sealed class Stage(CipherSuite suite, string mode, int n, Action<Row> report)
{
    private const int Text = 1024, Batch = 256;

    private static readonly GroupPolicy[] Policies =
        [.. ((Parallelism[])[Parallelism.OneThread, Parallelism.AllCores]).Select(static threads => new GroupPolicy { AcceptLeaf = static (_, _) => true, Parallelism = threads })];

    private readonly Primitives _cost = Primitives.Measure(suite);
    private readonly Cast _cast = new(suite);
    private readonly RandomSource _random = RandomSource.System;
    private readonly byte[] _groupId = RandomSource.System.PublicBytes(32);

    /// <summary>How many nodes there are from a leaf to the root.</summary>
    private int Nodes => TreeMath.DirectPath(new NodeIndex(0), TreeMath.FullLeafCount(n)).Count();

    private Floor Floor => new(_cost);

    internal void Run()
    {
        if (mode == "bulk") RunBulk();
        else RunFull();
        report(Bare("rss_peak_kb", PeakMemory()));
    }

    private void RunBulk()
    {
        var (alice, bob) = (_cast.NewPerson(0), _cast.NewPerson(1));
        if (n == 2)
        {
            Measure("keypackage_gen", Timing.Of(() => _cast.KeyPackage(alice.Key, 0)), 300, Floor.KeyPackage(300), Policies[0]);
            Measure("create_group", Timing.Of(() => Found(alice, Policies[0])), 0, Floor.Create(), Policies[0]);
        }
        List<Proposal> adds = [new AddProposal(bob.KeyPackage.KeyPackage)];
        for (int i = 2; i < n; i++)
        {
            var person = _cast.NewPerson(i);
            adds.Add(new AddProposal(person.KeyPackage.KeyPackage));
            person.KeyPackage.Dispose();
            person.Key.Dispose();
        }
        var options = new CommitOptions { Proposals = adds, ForcePath = false };
        foreach (var policy in Policies)
        {
            using var founded = Found(alice, policy);
            PendingCommit? last = null;
            var added = Timing.Of(() => new Made(last = founded.Commit(options, _random), keep: true));
            byte[] welcome = last!.Welcome!;
            var shape = new Shape(n, CommitBytes: last.Message.Length, GroupInfoBytes: last.RatchetTree.Length);
            Measure("add_members_commit", added, last.Message.Length + welcome.Length, Floor.AddMembers(n - 1, shape), policy);
            Measure("join_from_welcome", Timing.Of(() => Join(welcome, bob, null, policy)), welcome.Length, Floor.Join(shape), policy);
            RunInside(last.Next, () => Join(welcome, bob, null, policy), policy);
        }
    }

    private void RunFull()
    {
        var full = new FullGroup(_cast, n);
        var newcomer = _cast.NewPerson(n);
        var options = new CommitOptions
        {
            Proposals = [new AddProposal(newcomer.KeyPackage.KeyPackage)], ForcePath = false, TreeInWelcome = false,
        };
        foreach (var policy in Policies)
        {
            using var alice = full.Member(0, policy);
            using var pending = new Made(alice.Commit(options, _random));
            byte[] tree = pending.Commit.RatchetTree, welcome = pending.Commit.Welcome!;
            var shape = new Shape(n, Parents: n - 1, CommitBytes: pending.Commit.Message.Length, GroupInfoBytes: 300);
            if (policy == Policies[0])
            {
                var added = Timing.Of(() => new Made(alice.Commit(options, _random)));
                Measure("add_one_commit", added, pending.Commit.Message.Length + welcome.Length, Floor.AddMembers(1, shape), policy);
            }
            Measure(
                "join_from_welcome",
                Timing.Of(() => Join(welcome, newcomer, tree, policy)),
                tree.Length + welcome.Length,
                Floor.Join(shape),
                policy);
            if (policy == Policies[0]) Memory(() => Join(welcome, newcomer, tree, policy)).Dispose();
            External(alice, newcomer, policy);
            RunInside(alice, () => full.Member(1, policy), policy);
        }
    }

    private void External(Group alice, Person newcomer, GroupPolicy policy)
    {
        byte[] groupInfo = alice.GroupInfoMessage(withTree: false, withExternalKey: true), tree = alice.EncodeTree();
        var leaf = newcomer.KeyPackage.KeyPackage.LeafNode;
        var options = new ExternalJoinOptions { Credential = leaf.Credential, Capabilities = leaf.Capabilities, RatchetTree = tree };
        ExternalJoinOutcome.Prepared Prepare() => Group.JoinExternally(groupInfo, options, newcomer.Key, policy, _random) switch
        {
            ExternalJoinOutcome.Prepared prepared => prepared,
            var other => throw new InvalidOperationException(other.ToString()),
        };
        var first = Prepare();
        first.Next.Dispose();
        int nodes = Nodes;
        var shape = new Shape(n, Parents: n - 1, PathNodes: nodes, Recipients: nodes, CommitBytes: first.Message.Length, GroupInfoBytes: groupInfo.Length);
        Measure("external_join", Timing.Of(() => Prepare().Next), groupInfo.Length + tree.Length, Floor.ExternalJoin(shape), policy);
    }

    private Group Memory(Func<Group> join)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var joined = join();
        report(Bare("memory_per_member", (GC.GetTotalMemory(forceFullCollection: true) - before) / n));
        return joined;
    }

    /// <summary>What members do once they are there; what takes one thread anyway is measured once.</summary>
    private void RunInside(Group alice, Func<Group> join, GroupPolicy policy)
    {
        bool once = policy == Policies[0];
        using var bob = once && mode == "bulk" ? Memory(join) : join();
        var update = new CommitOptions();
        var updated = Timing.Of(() => new Made(alice.Commit(update, _random)));
        using var pending = new Made(alice.Commit(update, _random));
        byte[] commit = pending.Commit.Message;
        int nodes = Nodes;
        var shape = new Shape(n, PathNodes: nodes, Recipients: mode == "bulk" ? n - 1 : nodes, CommitBytes: commit.Length);
        Measure("self_update_commit", updated, commit.Length, Floor.SelfUpdate(shape), policy);
        if (once)
        {
            Measure("process_self_update", Timing.Of(() => Applied(bob, commit)), commit.Length, Floor.ProcessUpdate(shape), policy);
            Messages(alice, bob, policy);
            Storing(alice, pending.Commit.Next, policy);
        }
        else
        {
            ManyMessages(alice, bob, policy);
        }
    }

    /// <summary>A batch as after a time offline: the time of one message of it.</summary>
    private void ManyMessages(Group alice, Group bob, GroupPolicy policy)
    {
        byte[] text = _random.PublicBytes(Text);
        var messages = new List<ReadOnlyMemory<byte>>();
        var current = alice;
        for (int i = 0; i < Batch; i++)
        {
            var said = current.Protect(text, [], _random);
            if (current != alice) current.Dispose();
            messages.Add(said.Message);
            current = said.Next;
        }
        current.Dispose();
        var batch = Timing.Of(() => new Outcomes(bob.HandleBatch(messages)));
        var one = new Timing(batch.Milliseconds / Batch, batch.Allocated / Batch);
        Measure("unprotect_batch_1k", one, Text, Floor.Unprotect(messages[0].Length), policy);
    }

    /// <summary>What is to be written for a message received or a commit made, and all of the state.</summary>
    private void Storing(Group alice, Group after, GroupPolicy policy)
    {
        using var spoken = new Spoken(alice.Protect(_random.PublicBytes(Text), [], _random));
        Measure("write_to_storage", Timing.Of(() => spoken.Next.ChangesSince(alice)), Sizes(spoken.Next, alice), null, policy);
        Measure("write_commit", Timing.Of(() => after.ChangesSince(alice)), Sizes(after, alice), null, policy);
        var saved = Timing.Of(() => alice.Serialize());
        using var state = alice.Serialize();
        Measure("state_serialized", saved, state.Length, null, policy);
    }

    private static long Sizes(Group next, Group before)
    {
        using var changes = next.ChangesSince(before);
        return changes.Count;
    }

    private void Messages(Group alice, Group bob, GroupPolicy policy)
    {
        byte[] text = _random.PublicBytes(Text);
        using var first = new Spoken(alice.Protect(text, [], _random));
        using var heard = Heard(bob, first.Message);
        using var second = new Spoken(first.Next.Protect(text, [], _random));
        byte[] message = second.Message;
        double protect = Floor.Protect(message.Length), unprotect = Floor.Unprotect(message.Length);
        Measure("protect_1k", Timing.Of(() => new Spoken(first.Next.Protect(text, [], _random))), message.Length, protect, policy);
        Measure("unprotect_1k", Timing.Of(() => Heard(heard, message)), Text, unprotect, policy);
        double opening = Floor.OpenRatchets(Nodes);
        // the first of an epoch opens the secret tree down to the sender's leaf
        Measure("protect_first_1k", Timing.Of(() => new Spoken(alice.Protect(text, [], _random))), message.Length, protect + opening, policy);
        Measure("unprotect_first_1k", Timing.Of(() => Heard(bob, first.Message)), Text, unprotect + opening, policy);
    }

    private Group Found(Person founder, GroupPolicy policy) =>
        Group.Create(suite, _groupId, founder.KeyPackage, founder.Key, [], policy, _random);

    private static Group Join(byte[] welcome, Person person, byte[]? tree, GroupPolicy policy) =>
        Group.Join(welcome, person.KeyPackage, person.Key, tree, policy) switch
        {
            JoinOutcome.Joined joined => joined.Group,
            var other => throw new InvalidOperationException(other.ToString()),
        };

    private static Group Applied(Group group, byte[] commit) => group.Handle(commit) switch
    {
        Handled.CommitApplied applied => applied.Next,
        var other => throw new InvalidOperationException(other.ToString()),
    };

    private static Group Heard(Group group, byte[] message) => group.Handle(message) switch
    {
        Handled.ApplicationReceived heard => heard.Next,
        var other => throw new InvalidOperationException(other.ToString()),
    };

    private void Measure(string op, Timing timing, long bytes, double? floor, GroupPolicy policy) => report(Judgement.Judge(Bare(op, bytes) with
    {
        Ms = timing.Milliseconds,
        Allocated = timing.Allocated,
        Threads = policy == Policies[0] ? 1 : Environment.ProcessorCount,
        V = timing.Milliseconds / _cost.V,
        FloorV = floor / _cost.V,
        Ratio = timing.Milliseconds / floor,
    }));

    private Row Bare(string op, long bytes) => Judgement.Judge(new Row
    {
        Op = op, Suite = suite.Id, N = n, Mode = mode, Ms = 0, Bytes = bytes, VMs = _cost.V,
    });

    /// <summary>The most memory this process has had at once (proc_pid_status(5) VmHWM), in KiB.</summary>
    private static long PeakMemory()
    {
        string line = File.ReadLines("/proc/self/status").First(static line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>A commit whose two groups are disposed with it.</summary>
    private sealed class Made(PendingCommit commit, bool keep = false) : IDisposable
    {
        internal PendingCommit Commit => commit;

        public void Dispose()
        {
            if (keep) return;
            commit.Current.Dispose();
            commit.Next.Dispose();
        }
    }

    /// <summary>A message whose group is disposed with it.</summary>
    private sealed class Spoken(Protected spoken) : IDisposable
    {
        internal byte[] Message => spoken.Message;

        internal Group Next => spoken.Next;

        public void Dispose() => spoken.Next.Dispose();
    }

    /// <summary>What came of a batch; the groups in it are disposed with it.</summary>
    private sealed class Outcomes(IReadOnlyList<Handled> outcomes) : IDisposable
    {
        public void Dispose()
        {
            ((Handled.ApplicationReceived)outcomes[^1]).Next.Dispose();
        }
    }
}
