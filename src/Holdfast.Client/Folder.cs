using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Client;

/// <summary>What .NET does not say or do about folders.</summary>
public static class Folder
{
    private const int Denied = 13, InvalidArgument = 22, NotSupported = 95;   // EACCES, EINVAL, EOPNOTSUPP
    private const int LinuxDirectory = 0x10000, MacDirectory = 0x100000;   // O_DIRECTORY

    /// <summary>Makes a folder that is missing, and those above it, for their owner alone. One that is there stays as it is.</summary>
    /// <param name="path">The folder.</param>
    public static void MakePrivate(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>
    /// Brings a folder's names to disk: a file that was renamed in it keeps its new name through a loss of power. It is left out where
    /// a file system cannot do that, where the folder may be written but not read, and on Windows, which keeps names in its journal.
    /// </summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="IOException">The folder cannot be opened, or the disk failed.</exception>
    internal static void Flush(string path)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS()) return;
        using var handle = UnixFile.Open(path, LinuxDirectory, MacDirectory);
        if (!handle.IsInvalid && Synchronise(handle) == 0) return;
        if (Marshal.GetLastPInvokeError() is not (Denied or InvalidArgument or NotSupported))
            throw new IOException($"a folder could not be brought to disk: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>How many bytes its disk has left for us; less than 0 where that is not known.</summary>
    internal static long FreeBytes(string path)
    {
        try
        {
            var disk = new DriveInfo(path);
            return disk.TotalSize > 0 ? disk.AvailableFreeSpace : -1;
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException or ArgumentException) { return -1; }
    }

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Synchronise(SafeFileHandle folder);
}
