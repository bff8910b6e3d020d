namespace Holdfast.Client;

/// <summary>
/// Tells a file from a pipe or a terminal without waiting for either: .NET's own way to open a pipe waits until somebody writes
/// into it, and with it would wait everything else that this profile does.
/// </summary>
internal static class OrdinaryFile
{
    private const int LinuxNonBlock = 0x800, MacNonBlock = 0x4;   // O_NONBLOCK

    /// <summary>Whether it can be read from any place in it. What cannot be opened passes: opening it for good says why.</summary>
    internal static bool Is(string path)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS()) return true;
        using var handle = UnixFile.Open(path, LinuxNonBlock, MacNonBlock);
        if (handle.IsInvalid) return true;
        using var file = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        return file.CanSeek;
    }
}
