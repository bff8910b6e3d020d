using System.Text;
using Holdfast.Cli.Rendering;

namespace Holdfast.Cli.Terminal;

/// <summary>Where a command speaks: results on standard output, everything else on standard error. UTF-8, always.</summary>
internal sealed class Screen
{
    private static readonly UTF8Encoding Encoding = new(encoderShouldEmitUTF8Identifier: false);

    private readonly StandardStream _output = new(1);
    private readonly StandardStream _error = new(2);

    public Screen(bool json) => IsJson = json;

    /// <summary>Whether results are JSON lines.</summary>
    public bool IsJson { get; }

    /// <summary>Whether someone is watching standard error: only then is progress shown.</summary>
    public bool ShowsProgress => !IsJson && StandardStream.ErrorIsTerminal;

    /// <summary>A line of result.</summary>
    public void Write(string line)
    {
        try { _output.Write(Encoding.GetBytes(line + "\n")); }
        catch (IOException closed) when (StandardStream.IsBrokenPipe(closed)) { throw new ClosedOutputException(closed); }
        catch (IOException failed) { throw Failure.Refused("output", $"Standard output cannot be written: {failed.Message}"); }
    }

    /// <summary>Lines of result.</summary>
    public void WriteAll(IEnumerable<string> lines)
    {
        foreach (string line in lines) Write(line);
    }

    /// <summary>A line for the person, beside the result: nothing in JSON mode.</summary>
    public void Note(string line)
    {
        if (!IsJson) Say(line + "\n");
    }

    /// <summary>Text on standard error; nobody reading it is no reason to stop.</summary>
    public void Say(string text)
    {
        try { _error.Write(Encoding.GetBytes(text)); }
        catch (IOException) { _error.Close(); }
    }

    /// <summary>Why a command failed.</summary>
    public void Fail(string code, string message) => Say(IsJson
        ? JsonLine.Of(json => { json.WriteString("error", message); json.WriteString("code", code); }) + "\n"
        : $"holdfast: {VisibleText.Lines(message, "  ")}\n");
}
