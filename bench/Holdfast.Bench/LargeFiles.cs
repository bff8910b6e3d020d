using System.Diagnostics;
using System.Security.Cryptography;

namespace Holdfast.Bench;

/// <summary>A file of 100 MB, sent and saved, and the memory that every process needed for it.</summary>
internal sealed class LargeFiles(Household household)
{
    private const int Bytes = 100_000_000;
    private const double RateBar = 50, MemoryBar = 150;

    public async Task<IReadOnlyList<Measurement>> MeasureAsync(int runs)
    {
        List<double> sending = [], saving = [], copies = [], sealing = [];
        var peaks = new List<Dictionary<string, double>>();
        for (int run = 0; run < runs; run++)
        {
            string path = Path.Combine(household.Folder, $"file{run}");
            string digest = await MakeAsync(path);
            copies.Add(Floors.CopyMegabytesPerSecond(path, household.Folder));
            sealing.Add(Floors.SealMegabytesPerSecond(path));
            await using (var watch = new PeakWatch(household.Folder))
            {
                sending.Add(await SendAsync(path));
                saving.Add(await SaveAsync(Path.GetFileName(path), digest));
                peaks.Add(watch.Peaks);
            }
            File.Delete(path);
        }
        Floor[] floors = [new("copy with fsync", Statistics.Median(copies)), new("AES-256-GCM + SHA-256", Statistics.Median(sealing))];
        return
        [
            new("send_file_100mb", "MB/s", sending, Bar.AtLeast, RateBar) { Floors = floors, Note = "send --file, from its start to its end" },
            new("save_file_100mb", "MB/s", saving, Bar.AtLeast, RateBar) { Floors = floors, Note = "save, from its start to its end; the file's digest is compared" },
            .. ((string[])["face", "agent", "vault", "server"]).Select(kind => PeakOf(kind, peaks)),
        ];
    }

    private static Measurement PeakOf(string kind, List<Dictionary<string, double>> peaks) =>
        new($"peak_memory_{kind}_mb", "MB", [.. peaks.Select(run => run[kind])], Bar.AtMost, MemoryBar)
        {
            Note = "VmHWM, the highest of all processes of this kind up to the end of a run",
        };

    private async Task<double> SendAsync(string path)
    {
        var watch = Stopwatch.StartNew();
        await household.AsAsync("Alice", "send", "Bob", "--file", path);
        return Bytes / 1e6 / watch.Elapsed.TotalSeconds;
    }

    private async Task<double> SaveAsync(string name, string digest)
    {
        var message = (await household.JsonAsAsync("Bob", "read", "Alice")).Single(message => (string?)message["file_name"] == name);
        string id = (string)message["id"]!, saved = Directory.CreateDirectory(Path.Combine(household.Folder, "saved")).FullName;
        var watch = Stopwatch.StartNew();
        await household.AsAsync("Bob", "save", id, saved);
        double seconds = watch.Elapsed.TotalSeconds;
        string path = Path.Combine(saved, name);
        if (await DigestAsync(path) != digest) throw new InvalidOperationException("the file that was saved is not the one that was sent");
        File.Delete(path);
        return Bytes / 1e6 / seconds;
    }

    private static async Task<string> MakeAsync(string path)
    {
        await File.WriteAllBytesAsync(path, RandomNumberGenerator.GetBytes(Bytes));
        return await DigestAsync(path);
    }

    private static async Task<string> DigestAsync(string path)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file));
    }
}
