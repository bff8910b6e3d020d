using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Holdfast.Bench;

/// <summary>Where and when the figures were taken: without this they mean nothing.</summary>
internal sealed class Machine
{
    private readonly DateTimeOffset _date = TimeProvider.System.GetUtcNow();
    private readonly string _commit = Commit();
    private readonly double _load = LoadAverage();

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("machine");
        json.WriteNumber("cores", Environment.ProcessorCount);
        json.WriteNumber("memory_mb", GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1_000_000);
        json.WriteString("cpu", CpuModel());
        json.WriteString("os", RuntimeInformation.OSDescription);
        json.WriteString("dotnet", RuntimeInformation.FrameworkDescription);
        json.WriteNumber("load_before", _load);
        json.WriteEndObject();
        json.WriteString("date", _date.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        json.WriteString("commit", _commit);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} cores, {CpuModel()}, {RuntimeInformation.FrameworkDescription}, commit {_commit}, load {_load} before");

    private static string CpuModel()
    {
        string? line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal));
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? "unknown";
    }

    private static double LoadAverage() => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>A tree that differs from its commit is marked: the figures are then of neither.</summary>
    private static string Commit()
    {
        string changed = Git("status", "--porcelain", "--untracked-files=no", "--", ":!bench/results");
        return Git("rev-parse", "--short=12", "HEAD") + (changed.Length > 0 ? "+changes" : "");
    }

    private static string Git(params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments) { RedirectStandardOutput = true })!;
        string output = git.StandardOutput.ReadToEnd().Trim();
        git.WaitForExit();
        return git.ExitCode == 0 ? output : "unknown";
    }
}
