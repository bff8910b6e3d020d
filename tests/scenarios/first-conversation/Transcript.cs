using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Holdfast.Scenarios.FirstConversation;

/// <summary>What happened, by the clock: shown when the scenario fails, with the seed that plays it again.</summary>
internal sealed class Transcript
{
    private const int Shown = 60;

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly ConcurrentQueue<string> _lines = new();
    private volatile string _step = "before the first step";

    /// <summary>A new step of the story begins.</summary>
    public void Step(string name)
    {
        _step = name;
        string line = Note($"== {name}");
        TestContext.Current.SendDiagnosticMessage("{0}", line);
        Console.WriteLine(line);
    }

    /// <summary>Something worth knowing when the step fails.</summary>
    public string Note(string text)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"{_clock.Elapsed.TotalSeconds,6:0.00} {text}");
        _lines.Enqueue(line);
        return line;
    }

    /// <summary>The failure with all that helps to understand it.</summary>
    public ScenarioException Explain(Exception failure, int seed) => new(
        $"""
        {failure.GetType().Name} in step "{_step}" (HOLDFAST_SEED={seed} plays it again):
        {failure.Message}
        {failure.StackTrace}

        The last lines of the transcript:
        {string.Join('\n', _lines.TakeLast(Shown))}
        """);
}
