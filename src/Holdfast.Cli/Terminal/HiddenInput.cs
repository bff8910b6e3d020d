using System.Security;
using Holdfast.Cli.Processes;

namespace Holdfast.Cli.Terminal;

/// <summary>
/// Reads a line from the terminal itself without showing it, also while standard input is a pipe. The console's own key
/// reading shows what is typed between two keys, so echo is switched off for the whole line instead.
/// </summary>
internal sealed class HiddenInput : IDisposable
{
    private const string TerminalPath = "/dev/tty";
    private const int AfterFlush = 2;            // TCSAFLUSH
    private const byte Echo = 0x08;              // ECHO, in the lowest byte of the local flags
    private const int AttributesCapacity = 256;

    private readonly FileStream _terminal;
    private readonly byte[] _before = new byte[AttributesCapacity];

    private HiddenInput(FileStream terminal) => _terminal = terminal;

    private int Descriptor => (int)_terminal.SafeFileHandle.DangerousGetHandle();

    /// <summary>Where the local flags begin in <c>struct termios</c>: four 4-byte words on Linux, 8-byte words on macOS.</summary>
    private static int LocalFlags => OperatingSystem.IsMacOS() ? 24 : 12;

    /// <summary>Takes the terminal and hides what is typed until disposed, or null where there is no terminal.</summary>
    public static HiddenInput? Open()
    {
        if (OperatingSystem.IsWindows()) return null;
        try
        {
            var input = new HiddenInput(new FileStream(TerminalPath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0));
            if (input.Hide()) return input;
            input._terminal.Dispose();
            return null;
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException or SecurityException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Asks and reads a line. The bytes belong to the caller, who wipes them. Null when the terminal has ended.</summary>
    public async Task<byte[]?> AskAsync(string prompt, CancellationToken cancellationToken)
    {
        _terminal.Write(System.Text.Encoding.UTF8.GetBytes(prompt));
        try { return await Task.Run(ReadLine, CancellationToken.None).WaitAsync(cancellationToken); }
        finally { _terminal.Write("\n"u8); }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ = Posix.SetTerminal(Descriptor, AfterFlush, _before);
        _terminal.Dispose();
    }

    private bool Hide()
    {
        if (Posix.GetTerminal(Descriptor, _before) != 0) return false;
        byte[] hidden = [.. _before];
        hidden[LocalFlags] &= unchecked((byte)~Echo);
        return Posix.SetTerminal(Descriptor, AfterFlush, hidden) == 0;
    }

    private byte[]? ReadLine()
    {
        byte[] line = GC.AllocateArray<byte>(Passcodes.MaxBytes + 2, pinned: true);
        int length = _terminal.Read(line);
        if (length == 0) return null;
        if (length == line.Length) throw Failure.NoPasscode($"A passcode has at most {Passcodes.MaxBytes} bytes.");
        byte[] passcode = line.AsSpan(0, length).TrimEnd("\r\n"u8).ToArray();
        Array.Clear(line);
        return passcode;
    }
}
