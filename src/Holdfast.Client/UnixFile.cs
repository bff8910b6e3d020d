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

    /// <summary>Who owns a file or folder, and its mode with the bits above the permissions; null where the system does not tell.</summary>
    /// <param name="path">The path.</param>
    /// <param name="ofLink">Whether a link at its end is described itself, and not followed.</param>
    internal static (uint Owner, UnixFileMode Mode)? Describe(string path, bool ofLink = false)
    {
        const int OfCurrentFolder = -100, ModeAndOwner = 0x2 | 0x8, NotFollowed = 0x100;   // AT_FDCWD; STATX_MODE, STATX_UID; AT_SYMLINK_NOFOLLOW
        const int AllBits = 0xfff;
        if (!OperatingSystem.IsLinux()) return null;
        var status = default(Status);
        try
        {
            if (Describe(OfCurrentFolder, path, ofLink ? NotFollowed : 0, ModeAndOwner, ref status) != 0) return null;
            return (status.Owner, (UnixFileMode)(status.Mode & AllBits));
        }
        catch (EntryPointNotFoundException) { return null; }   // a C library of before 2018
    }

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static extern int Describe(
        int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint wanted, ref Status status);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    /// <summary>struct statx, the same on every architecture: what we read of it, at its places.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(20)]
        public uint Owner;

        [FieldOffset(28)]
        public ushort Mode;
    }
}
