using System.Globalization;
using Holdfast.Server.Bench;
using Holdfast.Server.Bench.Checking;

namespace Holdfast.Server.Tests.Faults;

/// <summary>What a long run found, appended to the file that HOLDFAST_RESULTS names, with date, machine, seed and commit.</summary>
internal static class Recorded
{
    /// <summary>HOLDFAST_SEED, which every random choice follows from.</summary>
    public static int Seed { get; } = Number("HOLDFAST_SEED", 7);

    /// <summary>For how long a run lasts: HOLDFAST_SECONDS, where it is a long one.</summary>
    public static int Seconds(int quick, int whole) => Holdfast.Tests.LongRun.IsWanted ? Number("HOLDFAST_SECONDS", whole) : quick;

    public static void Add(string test, Verdict verdict, params (string Name, double Value, string Unit)[] figures)
    {
        string told = string.Join(", ", figures.Select(static each => $"{each.Name} {each.Value} {each.Unit}"));
        TestContext.Current.SendDiagnosticMessage("{0}: {1}; {2}", test, verdict, told);
        if (Environment.GetEnvironmentVariable("HOLDFAST_RESULTS") is not { Length: > 0 } file) return;
        var results = new Results(BenchOptions.Parse([test, "--seed", $"{Seed}", "--results", file]));
        results.Add(test, figures.Select(static each => new Figure(each.Name, each.Value, each.Unit)));
        results.Add(test, verdict);
        results.Save();
    }

    private static int Number(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : otherwise;
}
