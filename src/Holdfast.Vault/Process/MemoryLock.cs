namespace Holdfast.Vault;

/// <summary>
/// Keeps all of this process's memory out of swap, where its user may lock that much: keys of conversations lie in memory that the
/// collector manages. Pages are locked as they come to be used, so nothing is taken up that would not be anyway.
/// </summary>
internal static unsafe class MemoryLock
{
    private const int Present = 1, Future = 2, AsUsed = 4;   // MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT

    /// <summary>
    /// Whether it is so from now on. The kernel weighs the limit against all addresses that are reserved, and the collector reserves far more
    /// than it uses: so it works for who has no limit, and else fails at once, and not later in the middle of something.
    /// </summary>
    internal static bool TryTake()
    {
        var limit = default(Libc.Limit);
        if (Libc.GetLimit(Libc.LockLimit, &limit) == 0 && limit.Current < limit.Maximum)
        {
            limit.Current = limit.Maximum;
            _ = Libc.SetLimit(Libc.LockLimit, &limit);
        }
        return Libc.LockAll(Present | Future | AsUsed) == 0;
    }
}
