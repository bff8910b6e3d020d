using Holdfast.Cryptography;

namespace Holdfast.Mls.Bench;

/// <summary>All operations on one group: of one suite, one size, and one way in which it came to be.</summary>
internal sealed class Stage(CipherSuite suite, string mode, int n, Action<Row> report)
{
    private const int Text = 1024, Batch = 256;

    private readonly Primitives _cost = Primitives.Measure(suite);
    private readonly Cast _cast = new(suite);
    private readonly RandomSource _random = RandomSource.System;
    private readonly byte[] _groupId = RandomSource.System.PublicBytes(32);

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
            Measure("keypackage_gen", Timing.Of(() => _cast.KeyPackage(alice.Key, 0)), 300, Floor.KeyPackage(300));
            Measure("create_group", Timing.Of(() => Found(alice)), 0, Floor.Create());
        }
        using var founded = Found(alice);
        List<Proposal> adds = [new AddProposal(bob.KeyPackage.KeyPackage)];
        for (int i = 2; i < n; i++)
        {
            var person = _cast.NewPerson(i);
            adds.Add(new AddProposal(person.KeyPackage.KeyPackage));
            person.KeyPackage.Dispose();
            person.Key.Dispose();
        }
        var options = new CommitOptions { Proposals = adds, ForcePath = false };
        PendingCommit? last = null;
        var added = Timing.Of(() => new Made(last = founded.Commit(options, _random), keep: true));
        var shape = new Shape(n, CommitBytes: last!.Message.Length, GroupInfoBytes: last.RatchetTree.Length);
        Measure("add_members_commit", added, last.Message.Length + last.Welcome!.Length, Floor.AddMembers(n - 1, shape));
        var welcome = last.Welcome;
        adds.Clear();
        Measure("join_from_welcome", Timing.Of(() => Join(welcome, bob, null)), welcome.Length, Floor.Join(shape));
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var joined = Join(welcome, bob, null);
        report(Bare("memory_per_member", (GC.GetTotalMemory(forceFullCollection: true) - before) / n));
        RunInside(last.Next, joined, pathNodes: 0);
    }

    private void RunFull()
    {
        var full = new FullGroup(_cast, n);
        using Group alice = full.Member(0), bob = full.Member(1);
        var newcomer = _cast.NewPerson(n);
        var options = new CommitOptions
        {
            Proposals = [new AddProposal(newcomer.KeyPackage.KeyPackage)], ForcePath = false, TreeInWelcome = false,
        };
        var added = Timing.Of(() => new Made(alice.Commit(options, _random)));
        using var pending = new Made(alice.Commit(options, _random));
        byte[] tree = pending.Commit.RatchetTree, welcome = pending.Commit.Welcome!;
        var shape = new Shape(n, Parents: n - 1, CommitBytes: pending.Commit.Message.Length, GroupInfoBytes: 300);
        Measure("add_one_commit", added, pending.Commit.Message.Length + welcome.Length, Floor.AddMembers(1, shape));
        Measure("join_from_welcome", Timing.Of(() => Join(welcome, newcomer, tree)), tree.Length + welcome.Length, Floor.Join(shape));
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var joined = Join(welcome, newcomer, tree);
        report(Bare("memory_per_member", (GC.GetTotalMemory(forceFullCollection: true) - before) / n));
        joined.Dispose();
        RunInside(alice, bob, TreeMath.DirectPath(new NodeIndex(0), TreeMath.FullLeafCount(n)).Count());
    }

    /// <summary>What members do once they are there.</summary>
    private void RunInside(Group alice, Group bob, int pathNodes)
    {
        var update = new CommitOptions();
        var updated = Timing.Of(() => new Made(alice.Commit(update, _random)));
        using var pending = new Made(alice.Commit(update, _random));
        byte[] commit = pending.Commit.Message;
        int nodes = TreeMath.DirectPath(new NodeIndex(0), TreeMath.FullLeafCount(n)).Count();
        var shape = new Shape(n, PathNodes: nodes, Recipients: mode == "bulk" ? n - 1 : nodes, CommitBytes: commit.Length);
        Measure("self_update_commit", updated, commit.Length, Floor.SelfUpdate(shape));
        Measure("process_self_update", Timing.Of(() => Applied(bob, commit)), commit.Length, Floor.ProcessUpdate(shape));
        Messages(alice, bob);
        Storing(alice, pending.Commit.Next);
    }

    /// <summary>What is to be written for a message received or a commit made, and all of the state.</summary>
    private void Storing(Group alice, Group after)
    {
        using var spoken = new Spoken(alice.Protect(_random.PublicBytes(Text), [], _random));
        Measure("write_to_storage", Timing.Of(() => spoken.Next.ChangesSince(alice)), 0, null);
        Measure("write_commit", Timing.Of(() => after.ChangesSince(alice)), 0, null);
        var saved = Timing.Of(() => alice.Serialize());
        using var state = alice.Serialize();
        Measure("state_serialized", saved, state.Length, null);
    }

    private void Messages(Group alice, Group bob)
    {
        byte[] text = _random.PublicBytes(Text);
        using var said = new Spoken(alice.Protect(text, [], _random));
        byte[] message = said.Message;
        Measure("protect_1k", Timing.Of(() => new Spoken(alice.Protect(text, [], _random))), message.Length, Floor.Protect(message.Length));
        Measure("unprotect_1k", Timing.Of(() => Heard(bob, message)), Text, Floor.Unprotect(message.Length));
    }

    private Group Found(Person founder) =>
        Group.Create(suite, _groupId, founder.KeyPackage, founder.Key, [], _cast.Policy, _random);

    private Group Join(byte[] welcome, Person person, byte[]? tree) =>
        Group.Join(welcome, person.KeyPackage, person.Key, tree, _cast.Policy) switch
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

    private void Measure(string op, Timing timing, long bytes, double? floor, int threads = 1) => report(Judgement.Judge(Bare(op, bytes) with
    {
        Ms = timing.Milliseconds,
        Allocated = timing.Allocated,
        Threads = threads,
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
}
