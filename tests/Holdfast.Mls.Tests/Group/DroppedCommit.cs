namespace Holdfast.Mls.Tests;

/// <summary>A commit of which neither side is adopted.</summary>
internal sealed class DroppedCommit(PendingCommit commit) : IDisposable
{
    internal PendingCommit Commit => commit;

    public void Dispose()
    {
        commit.Current.Dispose();
        commit.Next.Dispose();
    }
}
