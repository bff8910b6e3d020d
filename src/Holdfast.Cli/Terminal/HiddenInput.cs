using System.Security;
using Holdfast.Cli.Processes;

namespace Holdfast.Cli.Terminal;

/// <summary>
/// Reads a line from the terminal itself without showing it, also while standard input is a pipe. The console's own key
/// reading shows what is typed between two keys, so echo is switched off for the whole line instead. A shell switches it on
/// again around a command that was stopped, so Ctrl-Z does nothing here; and whoever else switches it on meanwhile, be it this
/// process's own runtime, is undone within a moment: what was typed until then is thrown away, and it is asked anew.
/// </summary>
internal sealed class HiddenInput : IDisposable
{
    private const string TerminalPath = "/dev/tty";
    private const int AfterFlush = 2;            // TCSAFLUSH
    private const byte Echo = 0x08;              // ECHO, in the lowest byte of the local flags
    private const int SuspendKey = 10;           // VSUSP, an index of the control characters
    private const int AttributesCapacity = 256;
    private const int LookMilliseconds = 20;     // how long another's echo can last

    private readonly FileStream _terminal;
    private readonly byte[] _before = new byte[AttributesCapacity];
    private readonly Lock _changing = new();
    private bool _isRestored;

    private HiddenInput(FileStream terminal) => _terminal = terminal;

    private int Descriptor => (int)_terminal.SafeFileHandle.DangerousGetHandle();

    /// <summary>Where the local flags begin in <c>struct termios</c>: four 4-byte words on Linux, 8-byte words on macOS.</summary>
    private static int LocalFlags => OperatingSystem.IsMacOS() ? 24 : 12;

    /// <summary>Where the key that stops a command is, behind the flags: Linux has a byte for the line discipline between.</summary>
    private static int Suspend => SuspendKey + (OperatingSystem.IsMacOS() ? 32 : 17);

    /// <summary><c>_POSIX_VDISABLE</c>: no key does it.</summary>
    private static byte NoKey => OperatingSystem.IsMacOS() ? (byte)0xff : (byte)0;

    /// <summary>Takes the terminal and hides what is typed until disposed, or null where there is no terminal.</summary>
    public static HiddenInput? Open()
    {
        if (OperatingSystem.IsWindows()) return null;
        try
        {
            var input = new HiddenInput(new FileStream(TerminalPath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0));
            if (Posix.GetTerminal(input.Descriptor, input._before) == 0 && input.Hide()) return input;
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
        byte[] asking = System.Text.Encoding.UTF8.GetBytes(prompt);
        _ = HideAgain();   // since the last line another may have shown it
        _terminal.Write(asking);
        try { return await Task.Run(() => ReadLine(asking, cancellationToken), CancellationToken.None).WaitAsync(cancellationToken); }
        finally { _terminal.Write("\n"u8); }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_changing)
        {
            _isRestored = true;
            _ = Posix.SetTerminal(Descriptor, AfterFlush, _before);
            _terminal.Dispose();
        }
    }

    private bool Hide()
    {
        byte[] hidden = [.. _before];
        hidden[LocalFlags] &= unchecked((byte)~Echo);
        hidden[Suspend] = NoKey;
        return Posix.SetTerminal(Descriptor, AfterFlush, hidden) == 0;
    }

    /// <summary>Hides what is typed where that is shown, or Ctrl-Z works, again. Says whether it was so.</summary>
    private bool HideAgain()
    {
        byte[] now = new byte[AttributesCapacity];
        lock (_changing)
        {
            if (_isRestored || Posix.GetTerminal(Descriptor, now) != 0) return false;
            return ((now[LocalFlags] & Echo) != 0 || now[Suspend] != NoKey) && Hide();
        }
    }

    private byte[]? ReadLine(byte[] asking, CancellationToken cancellationToken)
    {
        while (!Posix.IsReadable(Descriptor, LookMilliseconds))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (HideAgain()) _terminal.Write(asking);
        }
        byte[] line = GC.AllocateArray<byte>(Passcodes.MaxBytes + 2, pinned: true);
        int length = _terminal.Read(line);
        if (length == 0) return null;
        if (length == line.Length) throw Failure.NoPasscode($"A passcode has at most {Passcodes.MaxBytes} bytes.");
        byte[] passcode = Passcodes.Pinned(line.AsSpan(0, length).TrimEnd("\r\n"u8));
        Array.Clear(line);
        return passcode;
    }
}
