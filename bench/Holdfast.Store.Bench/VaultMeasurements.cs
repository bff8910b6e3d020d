using Holdfast.Bench;

namespace Holdfast.Store.Bench;

/// <summary>What is measured of the installed vault with messages in it.</summary>
internal static class VaultMeasurements
{
    private const int Runs = 5;

    internal static int Run(string results, string program, string[] which)
    {
        string folder = Directory.CreateTempSubdirectory("hfs-").FullName;
        var report = new Report(results, new Machine());
        try
        {
            if (which.Length == 0 || which.Contains("messages"))
                foreach (var measurement in new MessageWork(program, folder).Measure(Runs)) Add(measurement);
            if (which.Length == 0 || which.Contains("unlock")) foreach (var measurement in new HistoryWork(program, folder).MeasureUnlock(Runs)) Add(measurement);
            if (which.Length == 0 || which.Contains("search")) foreach (var measurement in new HistoryWork(program, folder).MeasureSearch(Runs)) Add(measurement);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        report.Print(Console.Out);
        return report.AllReached ? 0 : 1;

        void Add(Measurement measurement)
        {
            report.Add(measurement);
            Console.WriteLine($"{measurement.Operation}: {measurement.Note}");
        }
    }
}
