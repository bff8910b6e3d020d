using System.Globalization;
using System.Text.Json;

namespace Holdfast.Bench;

/// <summary>Whether a bar is reached from below or from above.</summary>
internal enum Bar
{
    AtMost,
    AtLeast,
}

/// <summary>Something the same machine can do at best, measured beside the operation.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">In the operation's unit.</param>
internal sealed record Floor(string Name, double Value);

/// <summary>One operation, measured several times; its value is the median.</summary>
/// <param name="Operation">Its name, which stays the same from one commit to the next.</param>
/// <param name="Unit">What the values are.</param>
/// <param name="Runs">Each run's value, in the order of running.</param>
/// <param name="Direction">On which side of the bar is good.</param>
/// <param name="Limit">The bar.</param>
internal sealed record Measurement(string Operation, string Unit, IReadOnlyList<double> Runs, Bar Direction, double Limit)
{
    public IReadOnlyList<Floor> Floors { get; init; } = [];

    public string? Note { get; init; }

    public double Median => Statistics.Median(Runs);

    public bool IsReached => Direction == Bar.AtMost ? Median <= Limit : Median >= Limit;

    public string Spread => string.Create(CultureInfo.InvariantCulture, $"{Round(Runs.Min())} / {Round(Median)} / {Round(Runs.Max())}");

    public string BarText => string.Create(CultureInfo.InvariantCulture, $"{(Direction == Bar.AtMost ? "<=" : ">=")} {Limit}");

    public void Write(Utf8JsonWriter json)
    {
        json.WriteString("op", Operation);
        json.WriteNumber("value", Round(Median));
        json.WriteString("unit", Unit);
        json.WriteString("bar", BarText);
        json.WriteBoolean("reached", IsReached);
        json.WriteNumber("min", Round(Runs.Min()));
        json.WriteNumber("median", Round(Median));
        json.WriteNumber("max", Round(Runs.Max()));
        json.WriteStartArray("runs");
        foreach (double run in Runs) json.WriteNumberValue(Round(run));
        json.WriteEndArray();
        json.WriteStartArray("floors");
        foreach (var floor in Floors)
        {
            json.WriteStartObject();
            json.WriteString("name", floor.Name);
            json.WriteNumber("value", Round(floor.Value));
            json.WriteNumber("ratio", Math.Round(Median / floor.Value, 4));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (Note is not null) json.WriteString("note", Note);
    }

    private static double Round(double value) => Math.Round(value, value < 10 ? 3 : 1);
}
