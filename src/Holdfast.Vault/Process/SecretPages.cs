namespace Holdfast.Vault;

/// <summary>
/// Memory that the kernel itself does not map (memfd_secret(2)): it is in no dump, never swapped, kept from hibernation, and no other
/// process can read it, root's included, short of stepping through ours.
/// </summary>
internal static unsafe class SecretPages
{
    private const nint Failed = -1;   // MAP_FAILED

    /// <summary>So many bytes of it, for as long as the process lives, or null where the kernel has none or the user may lock no more.</summary>
    internal static void* Map(int bytes)
    {
        int descriptor = (int)Syscall.MemoryFileSecret.Invoke(Libc.CloseOnExec);
        if (descriptor < 0) return null;
        bool isSized = Libc.Truncate(descriptor, bytes) == 0;   // a limit of file sizes holds for it, too
        void* pages = isSized ? Libc.Map(null, (nuint)bytes, Libc.ReadWrite, Libc.Shared, descriptor, 0) : null;
        _ = Libc.Close(descriptor);
        return (nint)pages == Failed ? null : pages;
    }
}
