using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Holdfast.Scenarios;

/// <summary>How a command ended.</summary>
/// <param name="Exit">Its exit code.</param>
/// <param name="Lines">Its standard output.</param>
/// <param name="Errors">Its standard error.</param>
internal sealed record Ended(int Exit, IReadOnlyList<string> Lines, string Errors)
{
    /// <summary>The stable word that says why it failed.</summary>
    public string Code => Json.TryParse(Errors.Trim().Split('\n')[^1], out var error) && error.TryGetProperty("code", out var code)
        ? code.GetString() ?? "" : "";
}

/// <summary>Starts the command line as one process per command, and hears what it says.</summary>
internal static class Command
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>Runs a command to its end.</summary>
    /// <param name="program">What to run.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="input">Lines for its standard input.</param>
    /// <param name="hear">Told of each line of its output as it comes.</param>
    /// <param name="variables">What to set in its environment.</param>
    public static async Task<Ended> RunAsync(
        string program, IReadOnlyList<string> arguments, IReadOnlyList<string>? input = null, Action<string>? hear = null,
        IReadOnlyDictionary<string, string>? variables = null)
    {
        using var process = Start(program, arguments, variables);
        var errors = process.StandardError.ReadToEndAsync();
        var writing = WriteAsync(process.StandardInput, input ?? []);
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var lines = new List<string>();
            while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
            {
                lines.Add(line);
                hear?.Invoke(line);
            }
            await process.WaitForExitAsync(patience.Token);
            await writing;
            return new(process.ExitCode, lines, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new ScenarioException($"\"{string.Join(' ', arguments)}\" did not end within {Patience.TotalSeconds} s.");
        }
    }

    /// <summary>Starts a command and leaves it running.</summary>
    public static Process Start(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? variables = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            StandardInputEncoding = Utf8, StandardOutputEncoding = Utf8, StandardErrorEncoding = Utf8,
        };
        foreach (var (name, value) in variables ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static async Task WriteAsync(StreamWriter input, IReadOnlyList<string> lines)
    {
        try
        {
            foreach (string line in lines) await input.WriteAsync($"{line}\n");
            input.Close();
        }
        catch (IOException)
        {
            return;   // the command ended before it had read all: its exit code says why
        }
    }
}

/// <summary>Reads the command line's JSON.</summary>
internal static class Json
{
    /// <summary>The object of a line.</summary>
    public static JsonElement Parse(string line) => TryParse(line, out var parsed)
        ? parsed : throw new ScenarioException($"This is not a line of JSON: {line}");

    /// <summary>The object of a line, where it is one.</summary>
    public static bool TryParse(string line, out JsonElement parsed)
    {
        parsed = default;
        if (!line.StartsWith('{')) return false;
        try
        {
            using var document = JsonDocument.Parse(line);
            parsed = document.RootElement.Clone();
            return true;
        }
        catch (JsonException) { return false; }
    }

    /// <summary>A member that is a text.</summary>
    public static string Text(this JsonElement element, string member) => element.GetProperty(member).GetString() ?? "";
}
