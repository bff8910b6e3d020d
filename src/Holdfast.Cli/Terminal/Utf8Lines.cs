using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using Holdfast.Client;

namespace Holdfast.Cli.Terminal;

/// <summary>Standard input as strict UTF-8 lines: a line that is not UTF-8 is refused by its number, never repaired.</summary>
internal static class Utf8Lines
{
    private const int MaxLineBytes = Written.MostTextBytes;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly byte[] ByteOrderMark = [0xef, 0xbb, 0xbf];

    /// <summary>Each line without its line break. Lines with nothing to be seen in them are left out.</summary>
    public static async IAsyncEnumerable<string> ReadAsync(Stream input, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(input, new StreamPipeReaderOptions(leaveOpen: true));
        for (long number = 1; ; number++)
        {
            if (await NextAsync(reader, number, cancellationToken) is not { } line) break;
            string text = Decode(number == 1 && line.AsSpan().StartsWith(ByteOrderMark) ? line[3..] : line, number);
            if (!string.IsNullOrWhiteSpace(text)) yield return text;
        }
        await reader.CompleteAsync();
    }

    private static async ValueTask<byte[]?> NextAsync(PipeReader reader, long number, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            if (buffer.PositionOf((byte)'\n') is { } end)
            {
                byte[] line = buffer.Slice(0, end).ToArray();
                reader.AdvanceTo(buffer.GetPosition(1, end));
                return line is [.. var text, (byte)'\r'] ? text : line;
            }
            if (read.IsCompleted)
            {
                byte[] last = buffer.ToArray();
                reader.AdvanceTo(buffer.End);
                return last.Length > 0 ? last : null;
            }
            if (buffer.Length > MaxLineBytes + ByteOrderMark.Length + 1) throw TooLong(number);   // and a line break of two bytes
            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private static FaceException TooLong(long number) => Failure.Refused(
        "too-large", $"Line {number} is longer than {MaxLineBytes >> 10} KiB; it and what follows it was not sent. Send a long text as a file.");

    private static string Decode(byte[] line, long number)
    {
        if (line.Length > MaxLineBytes) throw TooLong(number);
        try { return Strict.GetString(line); }
        catch (DecoderFallbackException)
        {
            throw Failure.Refused("not-utf8", $"Line {number} is not UTF-8; it and what follows it was not sent.");
        }
    }
}
