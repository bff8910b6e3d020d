using Microsoft.Win32.SafeHandles;

namespace Holdfast.Vault;

/// <summary>The two ends of the one pipe, without what a console does for its streams, which starts a thread to watch for signals.</summary>
internal static class Pipe
{
    internal static Stream OpenInput() => OperatingSystem.IsWindows() ? Console.OpenStandardInput() : Open(0, FileAccess.Read);

    internal static Stream OpenOutput() => OperatingSystem.IsWindows() ? Console.OpenStandardOutput() : Open(1, FileAccess.Write);

    /// <summary>Whether something comes in within that time, be it the end; where nobody can tell, something does.</summary>
    internal static unsafe bool Comes(TimeSpan within)
    {
        if (OperatingSystem.IsWindows()) return true;
        var input = new Libc.Awaited { Descriptor = 0, Events = Libc.Readable };
        return Libc.Poll(&input, 1, (int)within.TotalMilliseconds) != 0;
    }

    private static FileStream Open(int descriptor, FileAccess access) =>
        new(new SafeFileHandle(descriptor, ownsHandle: false), access, bufferSize: 0);
}
