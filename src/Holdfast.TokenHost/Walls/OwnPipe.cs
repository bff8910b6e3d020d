using Microsoft.Win32.SafeHandles;

namespace Holdfast.TokenHost.Walls;

/// <summary>
/// The pipe this process speaks on, moved from where foreign code would look for it: a module that prints a line, or reads one, must not
/// break our frames. What it prints goes nowhere, since nobody knows what it prints.
/// </summary>
internal static class OwnPipe
{
    internal static Stream TakeInput() => Take(0) is { } handle ? new FileStream(handle, FileAccess.Read, bufferSize: 0) : Console.OpenStandardInput();

    internal static Stream TakeOutput()
    {
        var stream = Take(1) is { } handle ? new FileStream(handle, FileAccess.Write, bufferSize: 0) : Console.OpenStandardOutput();
        if (!OperatingSystem.IsWindows()) Blind(2);
        return stream;
    }

    private static SafeFileHandle? Take(int descriptor)
    {
        if (OperatingSystem.IsWindows()) return null;
        int own = Libc.dup(descriptor);
        if (own < 0) return null;
        Blind(descriptor);
        return new SafeFileHandle(own, ownsHandle: true);
    }

    private static void Blind(int descriptor)
    {
        int nothing = Libc.open("/dev/null", Libc.ReadWrite, 0);
        if (nothing < 0) return;
        _ = Libc.dup2(nothing, descriptor);
        _ = Libc.close(nothing);
    }
}
