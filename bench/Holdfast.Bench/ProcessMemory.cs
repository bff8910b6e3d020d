using System.Globalization;

namespace Holdfast.Bench;

/// <summary>What the kernel says of a process's resident memory, in MB of 10^6 bytes.</summary>
internal static class ProcessMemory
{
    public static double Resident(int id) => Field(id, "VmRSS:") ?? throw new InvalidOperationException("the process has ended");

    /// <summary>The most it ever had; null where it has ended.</summary>
    public static double? Peak(int id) => Field(id, "VmHWM:");

    /// <summary>The processes that were started in a folder or with it as argument, and what each of them is.</summary>
    public static IEnumerable<(int Id, string Kind)> Of(string folder)
    {
        foreach (string entry in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(entry), CultureInfo.InvariantCulture, out int id) || Arguments(id) is not [var program, .. var rest]) continue;
            if (!rest.Any(argument => argument.StartsWith(folder, StringComparison.Ordinal)) && WorkingFolder(id) != folder) continue;
            if (KindOf(Path.GetFileName(program), rest) is { } kind) yield return (id, kind);
        }
    }

    private static string? KindOf(string program, string[] arguments) => program switch
    {
        "holdfast-server" => "server",
        "holdfast-vault" => "vault",
        "holdfast" => arguments.Contains("agent") ? "agent" : "face",
        _ => null,
    };

    private static string[] Arguments(int id)
    {
        try { return File.ReadAllText($"/proc/{id}/cmdline").Split('\0', StringSplitOptions.RemoveEmptyEntries); }
        catch (IOException) { return []; }   // it has ended meanwhile
    }

    private static string? WorkingFolder(int id) => new FileInfo($"/proc/{id}/cwd").LinkTarget;

    private static double? Field(int id, string name)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{id}/status").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
            return line is null ? null : double.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024 / 1e6;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
