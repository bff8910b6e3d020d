using Microsoft.Win32.SafeHandles;

#pragma warning disable RS0030   // this file is what the ban points to

namespace Holdfast.Cli.Terminal;

/// <summary>
/// Standard output or error. The console's own streams swallow a broken pipe, and <c>read --follow | head -1</c> would go
/// on for ever; a file stream reports it, but keeps its own position in a file that others append to. So: each where it is right.
/// </summary>
internal sealed class StandardStream
{
    private const int BrokenPipe = 32;   // EPIPE, the same on Linux, macOS and the BSDs

    private Stream _stream;

    public StandardStream(int descriptor)
    {
        if (!OperatingSystem.IsWindows())
        {
            var direct = new FileStream(new SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            if (!direct.CanSeek)
            {
                _stream = direct;
                return;
            }
        }
        _stream = descriptor == 1 ? Console.OpenStandardOutput() : Console.OpenStandardError();
    }

    public static bool ErrorIsTerminal => !Console.IsErrorRedirected;

    public static bool IsBrokenPipe(IOException failure) => (failure.HResult & 0xffff) is BrokenPipe or 109 or 232;

    public static Stream OpenInput() => Console.OpenStandardInput();

    public void Write(ReadOnlySpan<byte> bytes)
    {
        _stream.Write(bytes);
        _stream.Flush();
    }

    /// <summary>What is written from now on goes nowhere.</summary>
    public void Close() => _stream = Stream.Null;
}
