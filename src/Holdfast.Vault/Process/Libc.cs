using System.Runtime.InteropServices;

namespace Holdfast.Vault;

/// <summary>The calls to the C library that build the walls around this process, and what its main loop waits by.</summary>
internal static unsafe partial class Libc
{
    internal const int NotPermitted = 1, NoAccess = 13, NotImplemented = 38;   // EPERM, EACCES, ENOSYS
    internal const int OpenPath = 0x200000, CloseOnExec = 0x80000;   // O_PATH, O_CLOEXEC
    internal const int ReadWrite = 0x1 | 0x2, Shared = 1, CoreLimit = 4;   // PROT_READ | PROT_WRITE, MAP_SHARED, RLIMIT_CORE
    internal const int LockLimit = 8;   // RLIMIT_MEMLOCK
    internal const short Readable = 1;   // POLLIN

    private const string Library = "libc";

    internal static int LastError => Marshal.GetLastPInvokeError();

    /// <summary>Any system call by its number; -1, and <see cref="LastError"/>, where it fails.</summary>
    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint Call(nint number, nint a = 0, nint b = 0, nint c = 0, nint d = 0, nint e = 0, nint f = 0);

    [LibraryImport(Library, EntryPoint = "prctl", SetLastError = true)]
    internal static partial int Control(int option, nuint a = 0, nuint b = 0, nuint c = 0, nuint d = 0);

    [LibraryImport(Library, EntryPoint = "setrlimit", SetLastError = true)]
    internal static partial int SetLimit(int resource, Limit* limit);

    [LibraryImport(Library, EntryPoint = "getrlimit", SetLastError = true)]
    internal static partial int GetLimit(int resource, Limit* limit);

    [LibraryImport(Library, EntryPoint = "mlockall", SetLastError = true)]
    internal static partial int LockAll(int flags);

    [LibraryImport(Library, EntryPoint = "execve", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Execute(string path, byte** arguments, byte** environment);

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, int flags);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);

    [LibraryImport(Library, EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int Truncate(int descriptor, nint length);

    [LibraryImport(Library, EntryPoint = "mmap", SetLastError = true)]
    internal static partial void* Map(void* address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport(Library, EntryPoint = "poll", SetLastError = true)]
    internal static partial int Poll(Awaited* descriptors, nuint count, int milliseconds);

    /// <summary>struct pollfd: what is waited for, and what has come.</summary>
    internal struct Awaited
    {
        internal int Descriptor;
        internal short Events, Came;
    }

    /// <summary>struct rlimit: what is in force, and how far it may be raised.</summary>
    internal struct Limit
    {
        internal nuint Current, Maximum;
    }
}
