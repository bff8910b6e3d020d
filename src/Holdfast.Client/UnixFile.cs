using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Client;

/// <summary>Opens what .NET will not, or not without waiting: folders, and pipes that nobody writes into.</summary>
internal static class UnixFile
{
    private const int LinuxCloseOnExec = 0x80000, MacCloseOnExec = 0x1000000;   // O_CLOEXEC

    /// <summary>Opens a path for reading; the handle is invalid where that fails, and the reason is the last system error.</summary>
    /// <param name="path">The path.</param>
    /// <param name="linuxFlags">What else <c>open(2)</c> is to heed on Linux.</param>
    /// <param name="macFlags">The same on macOS.</param>
    internal static SafeFileHandle Open(string path, int linuxFlags, int macFlags) =>
        new(Open(path, OperatingSystem.IsLinux() ? linuxFlags | LinuxCloseOnExec : macFlags | MacCloseOnExec), ownsHandle: true);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);
}
