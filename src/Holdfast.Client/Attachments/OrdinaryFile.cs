using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Client;

/// <summary>
/// Tells a file from a pipe or a terminal without waiting for either: .NET's own way to open a pipe waits until somebody writes
/// into it, and with it would wait everything else that this profile does.
/// </summary>
internal static class OrdinaryFile
{
    private const int LinuxFlags = 0x800 | 0x80000, MacFlags = 0x4 | 0x1000000;   // O_RDONLY | O_NONBLOCK | O_CLOEXEC

    /// <summary>Whether it can be read from any place in it. What cannot be opened passes: opening it for good says why.</summary>
    internal static bool Is(string path)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS()) return true;
        using var handle = new SafeFileHandle(Open(path, OperatingSystem.IsLinux() ? LinuxFlags : MacFlags), ownsHandle: true);
        if (handle.IsInvalid) return true;
        using var file = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        return file.CanSeek;
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);
}
