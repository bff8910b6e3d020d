using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Holdfast.Cryptography;
using Holdfast.Mls.Bench;

// Each size runs in a process of its own, so that none has another's memory or warmth.
if (args is ["one", var suiteId, var mode, var size])
{
    var suite = CipherSuite.Find(ushort.Parse(suiteId, CultureInfo.InvariantCulture)) ?? throw new ArgumentException("no such suite");
    new Stage(suite, mode, int.Parse(size, CultureInfo.InvariantCulture), static row =>
        Console.WriteLine(JsonSerializer.Serialize(row, RowJson.Default.Row))).Run();
    return 0;
}

BenchOptions options;
try
{
    options = BenchOptions.Parse(args);
}
catch (FormatException wrong)
{
    Console.Error.WriteLine($"{wrong.Message}\n{BenchOptions.Usage}");
    return 2;
}
var rows = new List<Row>();
Console.WriteLine(Table.Head);
foreach (int suite in options.Suites)
{
    foreach (string way in options.Modes)
    {
        foreach (int n in options.Sizes) rows.AddRange(RunOne(suite, way, n));
    }
}
if (options.Results is { } path)
{
    File.WriteAllLines(path, rows.Select(static row => JsonSerializer.Serialize(row, RowJson.Default.Row)));
    Console.WriteLine($"{rows.Count} rows in {path}");
}
Console.WriteLine($"{rows.Count(static row => row.Verdict == "good")} good, {rows.Count(static row => row.Verdict is not (null or "good"))} missed");
return 0;

static List<Row> RunOne(int suite, string mode, int n)
{
    var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
    foreach (string argument in (string[])["one", suite.ToString(CultureInfo.InvariantCulture), mode, n.ToString(CultureInfo.InvariantCulture)])
        start.ArgumentList.Add(argument);
    using var child = Process.Start(start)!;
    var rows = new List<Row>();
    while (child.StandardOutput.ReadLine() is { } line)
    {
        rows.Add(JsonSerializer.Deserialize(line, RowJson.Default.Row)!);
        Console.WriteLine(Table.Line(rows[^1]));
    }
    child.WaitForExit();
    return child.ExitCode == 0 ? rows : throw new InvalidOperationException($"suite {suite}, {mode}, {n} members: the run failed");
}
