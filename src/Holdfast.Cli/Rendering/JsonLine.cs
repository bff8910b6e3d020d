using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Holdfast.Cli.Rendering;

/// <summary>One JSON object on one line, with everything a terminal could obey or hide escaped.</summary>
internal static class JsonLine
{
    private static readonly JsonWriterOptions Options = new() { Encoder = EscapingInvisible(), SkipValidation = false };

    /// <summary>The object whose members <paramref name="write"/> writes.</summary>
    public static string Of(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static JavaScriptEncoder EscapingInvisible()
    {
        var settings = new TextEncoderSettings(UnicodeRanges.All);
        for (int c = 0; c <= char.MaxValue; c++)
        {
            if (char.GetUnicodeCategory((char)c) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                settings.ForbidCharacter((char)c);
        }
        return JavaScriptEncoder.Create(settings);
    }
}
