using System.Globalization;
using Holdfast.Cryptography;

namespace Holdfast.Mls.Bench;

/// <summary>What to measure.</summary>
internal sealed record BenchOptions(IReadOnlyList<int> Suites, IReadOnlyList<string> Modes, IReadOnlyList<int> Sizes, string? Results)
{
    /// <summary>What to type.</summary>
    internal const string Usage = "usage: bench/mls [--quick] [--suites 1,2] [--modes bulk,full] [--sizes 2,10,…]";

    /// <summary>As <see cref="Usage"/> has it, and <c>--results FILE</c>.</summary>
    /// <exception cref="FormatException">It is not that; the message says what is wrong.</exception>
    internal static BenchOptions Parse(string[] args)
    {
        var options = new BenchOptions([1, 2], ["bulk", "full"], [2, 10, 100, 1_000, 10_000], null);
        for (int i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--quick" => options with { Sizes = [2, 10, 100] },
                "--suites" => options with { Suites = Numbers(args, ++i, static number => CipherSuite.All.Any(suite => suite.Id == number)) },
                "--modes" => options with { Modes = Values(args, ++i, static mode => mode is "bulk" or "full") },
                "--sizes" => options with { Sizes = Numbers(args, ++i, static number => number is >= 2 and <= MlsLimits.MaxLeaves) },
                "--results" => options with { Results = Values(args, ++i, static _ => true)[0] },
                _ => throw new FormatException($"there is no option {args[i]}"),
            };
        }
        return options;
    }

    private static string[] Values(string[] args, int place, Func<string, bool> isGood)
    {
        string[] values = place < args.Length ? args[place].Split(',') : throw new FormatException($"{args[place - 1]} needs a value");
        return Array.Find(values, value => !isGood(value)) is { } bad ? throw new FormatException($"{args[place - 1]} cannot be {bad}") : values;
    }

    private static int[] Numbers(string[] args, int place, Func<int, bool> isGood) =>
    [
        .. Values(args, place, value => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && isGood(number))
            .Select(static value => int.Parse(value, CultureInfo.InvariantCulture)),
    ];
}
