using System.Runtime.InteropServices;

namespace Holdfast.Vault;

/// <summary>
/// What this process holds and does not need while nothing is asked of it: pages of the store in SQLite's cache, and what was freed to the C
/// library and to the garbage collector and not given back to the system.
/// </summary>
internal static unsafe class Memory
{
    /// <summary>Less than that in SQLite's hands, or managed, is not worth being read again.</summary>
    private const long Little = 6 << 20;

    private static long _kept = Little;   // managed, after it was last given back: that much is in use

    private static readonly delegate* unmanaged[Cdecl]<nuint, int> _trim = FindTrim();

    /// <summary>Whether there is much to give back.</summary>
    internal static bool IsHeld(SealedStore store) => store.CacheBytes > Little || GC.GetGCMemoryInfo().TotalCommittedBytes > _kept + Little;

    /// <summary>Gives it back. The store's pages are read anew when they are needed, from the system's cache mostly.</summary>
    internal static void GiveBack(SealedStore store)
    {
        store.DropCache();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _kept = Math.Max(Little, GC.GetGCMemoryInfo().TotalCommittedBytes);
        if (_trim is not null) _ = _trim(0);
    }

    /// <summary>malloc_trim(3), which only some C libraries have.</summary>
    private static delegate* unmanaged[Cdecl]<nuint, int> FindTrim() =>
        OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "malloc_trim", out nint trim)
            ? (delegate* unmanaged[Cdecl]<nuint, int>)trim
            : null;
}
