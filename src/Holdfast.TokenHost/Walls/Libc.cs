using System.Runtime.InteropServices;

namespace Holdfast.TokenHost.Walls;

/// <summary>What we ask of Linux directly.</summary>
internal static unsafe partial class Libc
{
    internal const int SetDumpable = 4, SetNoNewPrivileges = 38;
    internal const int LimitCore = 4, LimitFiles = 7;
    internal const nint CloseRange = 436, LandlockCreateRuleset = 444, LandlockAddRule = 445, LandlockRestrictSelf = 446;
    internal const int Path = 0x200000, CloseOnExec = 0x80000, ReadWrite = 2;

    private const string Library = "libc";

    [LibraryImport(Library)]
    internal static partial int prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport(Library)]
    internal static partial int setrlimit(int resource, nuint* limits);

    [LibraryImport(Library)]
    internal static partial nint syscall(nint number, nint first, nint second, nint third, nint fourth);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int open(string path, int flags, int mode);

    [LibraryImport(Library)]
    internal static partial int close(int descriptor);

    [LibraryImport(Library)]
    internal static partial int dup(int descriptor);

    [LibraryImport(Library)]
    internal static partial int dup2(int descriptor, int target);

    [LibraryImport(Library)]
    internal static partial int execve(nint path, nint* arguments, nint* environment);
}
