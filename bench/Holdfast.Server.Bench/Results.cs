using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Holdfast.Bench;
using Holdfast.Server.Bench.Checking;

namespace Holdfast.Server.Bench;

/// <summary>One measured value, with the bar it should not exceed, where there is one.</summary>
internal sealed record Figure(string Name, double Value, string Unit, double? AtMost = null)
{
    public bool IsMissed => Value > AtMost;
}

/// <summary>The figures of one command: printed as they come, and kept with date, machine, seed and commit.</summary>
internal sealed class Results(BenchOptions options)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, IndentSize = 1 };

    private readonly Machine _machine = new();
    private readonly List<(string Load, Figure Figure)> _figures = [];
    private readonly List<(string Load, Verdict Verdict)> _verdicts = [];

    /// <summary>Whether every bar was reached and every history clean.</summary>
    public bool AllGood => _verdicts.TrueForAll(static each => each.Verdict.IsClean) && !_figures.Exists(static each => each.Figure.IsMissed);

    public void Add(string load, IEnumerable<Figure> figures)
    {
        foreach (var figure in figures)
        {
            _figures.Add((load, figure));
            string bar = figure.AtMost is { } most ? $"  <= {most}  {(figure.IsMissed ? "MISSED" : "reached")}" : "";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{load,-34} {figure.Name,-34} {Round(figure.Value),12} {figure.Unit,-6}{bar}"));
        }
    }

    public void Add(string load, Verdict verdict)
    {
        _verdicts.Add((load, verdict));
        Console.WriteLine($"{load,-34} {verdict}");
    }

    public override string ToString() => $"{options}: {_machine}";

    /// <summary>Appends to the file.</summary>
    public void Save()
    {
        var all = File.Exists(options.Results) ? JsonNode.Parse(File.ReadAllText(options.Results))!.AsArray() : [];
        var run = RunNode();
        run["figures"] = new JsonArray([.. _figures.Select(static each => NodeOf(each.Load, each.Figure))]);
        run["checked"] = new JsonArray([.. _verdicts.Select(static each => NodeOf(each.Load, each.Verdict))]);
        all.Add(run);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(options.Results))!);
        File.WriteAllText(options.Results, all.ToJsonString(Indented) + "\n");
    }

    /// <summary>What was run where: command, machine, date, commit and seed.</summary>
    internal JsonObject RunNode()
    {
        var run = MachineNode();
        run.Insert(0, "command", options.ToString());
        run["seed"] = options.Seed;
        return run;
    }

    private static JsonObject NodeOf(string load, Figure figure)
    {
        var node = new JsonObject { ["load"] = load, ["name"] = figure.Name, ["value"] = Round(figure.Value), ["unit"] = figure.Unit };
        if (figure.AtMost is { } most)
        {
            node["at_most"] = most;
            node["reached"] = !figure.IsMissed;
        }
        return node;
    }

    private static JsonObject NodeOf(string load, Verdict verdict) => new()
    {
        ["load"] = load, ["posts"] = verdict.Posts, ["unknown"] = verdict.Unknown, ["deliveries"] = verdict.Deliveries, ["lost"] = verdict.Lost,
        ["doubled"] = verdict.Doubled, ["reordered"] = verdict.Reordered, ["forked"] = verdict.Forked, ["strange"] = verdict.Strange,
    };

    private JsonObject MachineNode()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            _machine.Write(json);
            json.WriteEndObject();
        }
        return JsonNode.Parse(stream.ToArray())!.AsObject();
    }

    private static double Round(double value) => Math.Round(value, value < 10 ? 3 : value < 1000 ? 1 : 0);
}
