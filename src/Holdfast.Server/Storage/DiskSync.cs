using System.Runtime.InteropServices;

namespace Holdfast.Server.Storage;

/// <summary>Waiting for the disk. On Linux the runtime's own way never tells that it failed (seen with .NET 10.0.12), so it is asked directly.</summary>
internal static class DiskSync
{
    private const int Interrupted = 4;

    /// <summary>What was written to the file is on disk when this returns.</summary>
    /// <exception cref="IOException">The disk has not taken it.</exception>
    public static void Wait(FileStream file)
    {
        file.Flush(flushToDisk: !OperatingSystem.IsLinux());
        if (!OperatingSystem.IsLinux()) return;
        while (FSync(file.SafeFileHandle) != 0)
            if (Marshal.GetLastPInvokeError() is var error and not Interrupted) throw new IOException("the disk did not take what was written", error);
    }

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int FSync(SafeHandle file);
}
