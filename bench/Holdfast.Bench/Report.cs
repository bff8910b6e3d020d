using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Holdfast.Bench;

/// <summary>Appends a line for each measurement to the results, and prints a table of them.</summary>
internal sealed class Report(string file, Machine machine)
{
    private readonly List<Measurement> _all = [];

    public bool AllReached => _all.TrueForAll(static measurement => measurement.IsReached);

    public void Add(Measurement measurement)
    {
        _all.Add(measurement);
        var line = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            measurement.Write(json);
            machine.Write(json);
            json.WriteEndObject();
        }
        File.AppendAllText(file, Encoding.UTF8.GetString(line.WrittenSpan) + "\n");
    }

    public void Print(TextWriter screen)
    {
        screen.WriteLine($"\n{machine}\n");
        screen.WriteLine($"{"operation",-30} {"min / median / max",-27} {"unit",-5} {"bar",-8} {"",-7} floors (ratio)");
        foreach (var measurement in _all)
        {
            string floors = string.Join(", ", measurement.Floors.Select(floor => $"{floor.Name} {floor.Value:0.#} ({measurement.Median / floor.Value:0.###})"));
            screen.WriteLine(
                $"{measurement.Operation,-30} {measurement.Spread,-27} {measurement.Unit,-5} {measurement.BarText,-8} {(measurement.IsReached ? "reached" : "MISSED"),-7} {floors}");
        }
    }
}
