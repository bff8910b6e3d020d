namespace Holdfast.Mls.Tests.Differential;

/// <summary>Where a member says it stands: two who agree on a group say the same, but for their leaf.</summary>
internal sealed record Standing(
    ulong Epoch, string Authenticator, string Exported, string TreeHash, string Transcript, string RatchetTree)
{
    /// <summary>The leaf of who says it; not compared with others'.</summary>
    internal uint Leaf { get; init; }

    internal Standing Shared => this with { Leaf = 0 };
}

/// <summary>A proposal as both implementations can be told to make it.</summary>
internal abstract record Wish
{
    internal sealed record Add(Peer Who, byte[] KeyPackage) : Wish;

    internal sealed record Remove(uint Leaf) : Wish;

    internal sealed record External(byte[] Id, byte[] Nonce) : Wish;

    internal sealed record Resumption(byte[] GroupId, ulong Epoch, byte[] Nonce) : Wish;

    internal sealed record Update : Wish;
}

/// <summary>What a commit leaves behind.</summary>
internal sealed record Committed(byte[] Message, byte[]? Welcome);

/// <summary>A member of a group, of either implementation.</summary>
internal abstract class Peer(string name) : IDisposable
{
    internal string Name => name;

    /// <summary>The first epoch this member knows.</summary>
    internal ulong JoinedAt { get; private set; }

    /// <summary>Who it is and whose.</summary>
    public override string ToString() => $"{GetType().Name} {name}";

    internal abstract byte[] KeyPackage();

    internal abstract void Know(byte[] pskId, byte[] psk);

    internal abstract void Found(byte[] groupId);

    /// <summary>Joins, or says why it will not.</summary>
    internal string? Join(byte[] welcome, byte[]? tree)
    {
        string? refusal = TryJoin(welcome, tree);
        if (refusal is null) JoinedAt = Standing().Epoch;
        return refusal;
    }

    /// <summary>Joins from outside, and where it is a member takes its former self out: the commit, or null and why it will not.</summary>
    internal (byte[]? Commit, string? Refusal) JoinExternally(byte[] groupInfo, byte[]? tree, bool again)
    {
        var (commit, refusal) = TryJoinExternally(groupInfo, tree, again);
        if (refusal is null) JoinedAt = Standing().Epoch;
        return (commit, refusal);
    }

    internal abstract byte[] GroupInfo(bool withTree);

    internal abstract byte[] Say(byte[] text);

    internal abstract byte[] Propose(Wish wish, bool open);

    internal abstract Committed Commit(IReadOnlyList<Wish> wishes, bool open, bool treeInWelcome, bool forcePath);

    internal abstract byte[] Hear(byte[] message);

    internal abstract void TakeProposal(byte[] message);

    /// <summary>Takes a commit; returns whether it is still a member.</summary>
    /// <param name="message">The commit.</param>
    /// <param name="updated">Whether an Update of this member is in it.</param>
    internal abstract bool TakeCommit(byte[] message, bool updated);

    internal abstract Standing Standing();

    public virtual void Dispose()
    {
    }

    protected abstract (byte[]? Commit, string? Refusal) TryJoinExternally(byte[] groupInfo, byte[]? tree, bool again);

    protected abstract string? TryJoin(byte[] welcome, byte[]? tree);
}
