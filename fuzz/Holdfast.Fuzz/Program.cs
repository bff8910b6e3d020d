using System.Diagnostics;
using System.Text.Json;
using Holdfast.Fuzz;

const string Usage =
    "usage: Holdfast.Fuzz structure|coverage EXECUTIONS SEED [TARGET…]   one JSON object a target; exits 1 where there is a fault";

if (args is not [("structure" or "coverage" or "instrumented") and var kind, var executions, var seed, .. var names]
    || !long.TryParse(executions, out long count) || !int.TryParse(seed, out int start))
{
    Console.Error.WriteLine(Usage);
    return 2;
}
return kind == "coverage" ? Instrumented(args) : Run(kind, count, start, names);

// Branches are seen in copies of the libraries that SharpFuzz has rewritten, which a process of its own loads.
static int Instrumented(string[] args)
{
    string folder = Directory.CreateTempSubdirectory("holdfast-fuzz-").FullName;
    try
    {
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(folder, Path.GetRelativePath(AppContext.BaseDirectory, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        foreach (string library in new[] { "Holdfast.Codec.dll", "Holdfast.Mls.dll" })
            SharpFuzz.Fuzzer.Instrument(Path.Combine(folder, library), static _ => true, SharpFuzz.Options.Value);
        using var process = Process.Start("dotnet", [Path.Combine(folder, "Holdfast.Fuzz.dll"), "instrumented", .. args[1..]]);
        process.WaitForExit();
        return process.ExitCode;
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
    }
}

static int Run(string kind, long executions, int seed, string[] names)
{
    if (kind != "structure") CoverageRun.Begin();
    using var circle = new Circle(seed);
    bool faulty = false;
    foreach (var target in Targets.All(circle).Where(target => names.Length == 0 || names.Contains(target.Name)))
    {
        var outcome = kind == "structure" ? StructureRun.Of(target, seed, executions) : CoverageRun.Of(target, seed, executions);
        Console.WriteLine(JsonSerializer.Serialize(outcome));
        faulty |= outcome.Fault is not null;
    }
    return faulty ? 1 : 0;
}
