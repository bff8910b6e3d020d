using System.Globalization;

namespace Holdfast.Mls.Bench;

/// <summary>What to measure.</summary>
internal sealed record BenchOptions(IReadOnlyList<int> Suites, IReadOnlyList<string> Modes, IReadOnlyList<int> Sizes, string? Results)
{
    /// <summary><c>[--quick] [--suites 1,2] [--modes bulk,full] [--sizes 2,10,…] [--results FILE]</c>.</summary>
    internal static BenchOptions Parse(string[] args)
    {
        var options = new BenchOptions([1, 2], ["bulk", "full"], [2, 10, 100, 1_000, 10_000], null);
        for (int i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--quick" => options with { Sizes = [2, 10, 100] },
                "--suites" => options with { Suites = Numbers(args[++i]) },
                "--modes" => options with { Modes = args[++i].Split(',') },
                "--sizes" => options with { Sizes = Numbers(args[++i]) },
                "--results" => options with { Results = args[++i] },
                _ => throw new ArgumentException($"unknown option {args[i]}"),
            };
        }
        return options;
    }

    private static int[] Numbers(string text) => [.. text.Split(',').Select(static number => int.Parse(number, CultureInfo.InvariantCulture))];
}
