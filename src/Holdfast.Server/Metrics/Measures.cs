using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Holdfast.Server.Metrics;

/// <summary>Something that is counted. It writes itself in Prometheus' text format, version 0.0.4.</summary>
internal abstract class Measure(string name, string help, string kind)
{
    public string Name => name;

    public void Write(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {kind}\n");
        WriteSamples(text);
    }

    protected abstract void WriteSamples(StringBuilder text);

    /// <summary>A sample without a label, or with the one given.</summary>
    protected void Sample(StringBuilder text, double value, string suffix = "", string label = "") =>
        text.Append(CultureInfo.InvariantCulture, $"{name}{suffix}{label} {value}\n");
}

/// <summary>A total that only rises.</summary>
internal sealed class Total(string name, string help) : Measure(name, help, "counter")
{
    private long _value;

    public long Value => Interlocked.Read(ref _value);

    public void Add(long count = 1) => Interlocked.Add(ref _value, count);

    protected override void WriteSamples(StringBuilder text) => Sample(text, Value);
}

/// <summary>Totals by kind. The kinds are the members of an enumeration, so that no name, id or address can become a label.</summary>
internal sealed class TotalBy<TKind>(string name, string help, string label) : Measure(name, help, "counter")
    where TKind : struct, Enum
{
    private static readonly TKind[] Kinds = Enum.GetValues<TKind>();

    private readonly Dictionary<TKind, Count> _counts = Kinds.ToDictionary(static kind => kind, static _ => new Count());

    public long this[TKind kind] => Interlocked.Read(ref _counts[kind].Value);

    public void Add(TKind kind) => Interlocked.Increment(ref _counts[kind].Value);

    protected override void WriteSamples(StringBuilder text)
    {
        foreach (var kind in Kinds) Sample(text, this[kind], label: $"{{{label}=\"{JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString())}\"}}");
    }

    private sealed class Count
    {
        public long Value;
    }
}

/// <summary>What is read at the moment somebody asks.</summary>
internal sealed class Reading(string name, string help, Func<double> read, string kind = "gauge") : Measure(name, help, kind)
{
    protected override void WriteSamples(StringBuilder text) => Sample(text, read());
}

/// <summary>How often a value was at most each of some bounds, the values' sum, and their count.</summary>
internal sealed class Histogram(string name, string help, params double[] bounds) : Measure(name, help, "histogram")
{
    private readonly long[] _counts = new long[bounds.Length + 1];
    private readonly Lock _gate = new();
    private double _sum;

    public void Add(double value)
    {
        int place = 0;
        while (place < bounds.Length && value > bounds[place]) place++;
        lock (_gate)
        {
            _counts[place]++;
            _sum += value;
        }
    }

    protected override void WriteSamples(StringBuilder text)
    {
        long[] counts;
        double sum;
        lock (_gate) (counts, sum) = ([.. _counts], _sum);
        long below = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            below += counts[i];
            string bound = i < bounds.Length ? bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
            Sample(text, below, "_bucket", $"{{le=\"{bound}\"}}");
        }
        Sample(text, sum, "_sum");
        Sample(text, below, "_count");
    }
}
