using System.Globalization;
using Holdfast.Bench;
using Holdfast.Store.Bench;

const int Runs = 2;
const double Limit = 1.5;

if (args is [var vaultResults, var vault, .. var which]) return VaultMeasurements.Run(vaultResults, vault, which);
if (args is not [var results])
{
    Console.Error.WriteLine("usage: bench/store, bench/vault");
    return 2;
}
string folder = Directory.CreateTempSubdirectory("hfs-").FullName;
var report = new Report(results, new Machine());
(string Name, Func<Database, double> Work)[] rows =
[
    ("store_insert_100k", Work.Insert), ("store_history_page", Work.History), ("store_index_100k", Work.Index), ("store_search", Work.Search),
];
try
{
    var (plain, sealedOnes) = (rows.Select(static _ => new List<double>()).ToArray(), rows.Select(static _ => new List<double>()).ToArray());
    for (int run = 0; run < Runs + 1; run++)
    {
        foreach (bool isSealed in run % 2 == 0 ? [false, true] : new[] { true, false })
        {
            string place = Directory.CreateDirectory(Path.Combine(folder, $"{run}{isSealed}")).FullName;
            for (int row = 0; row < rows.Length; row++)
            {
                using var database = new Database(place, isSealed);   // opened anew: with an empty cache
                double milliseconds = rows[row].Work(database);
                if (run > 0) (isSealed ? sealedOnes : plain)[row].Add(milliseconds);   // the first run warms up
            }
            Directory.Delete(place, recursive: true);
        }
        Console.Error.WriteLine($"measured: run {run} of {Runs}");
    }
    for (int row = 0; row < rows.Length; row++)
    {
        double[] ratios = [.. sealedOnes[row].Zip(plain[row], static (one, other) => one / other)];
        string note = string.Create(
            CultureInfo.InvariantCulture, $"sealed {Statistics.Median(sealedOnes[row]):0} ms, plain {Statistics.Median(plain[row]):0} ms");
        report.Add(new Measurement(rows[row].Name, "ratio", ratios, Bar.AtMost, Limit) { Note = note });
        Console.WriteLine($"{rows[row].Name}: {note}");
    }
}
finally
{
    Directory.Delete(folder, recursive: true);
}
report.Print(Console.Out);
return report.AllReached ? 0 : 1;
