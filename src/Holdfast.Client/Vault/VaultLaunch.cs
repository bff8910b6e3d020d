using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>How the vault is started: with nothing of our environment, and behind an outer wall where there is one that makes it safer.</summary>
/// <param name="Start">What to start.</param>
/// <param name="Protections">What that protects.</param>
internal sealed record VaultLaunch(ProcessStartInfo Start, Protections Protections)
{
    /// <summary>The vault of a profile.</summary>
    /// <param name="program">Its executable.</param>
    /// <param name="folder">Its own folder, which is made where it is missing.</param>
    internal static VaultLaunch Of(string program, string folder)
    {
        MakeFolder(folder);
        string? runtime = File.Exists(program + ".dll") ? Runtime() : null;   // native code needs none
        var protections = InstalledFiles.AreFixed(Path.GetDirectoryName(program)!) ? Protections.FixedProgram : Protections.None;
        return Bubblewrap.Around(program, folder, runtime) is { } wall
            ? new(Prepare(Bubblewrap.Program, [.. wall, program, folder], runtime), protections | Protections.OuterWall)
            : new(Prepare(program, [folder], runtime), protections);
    }

    private static void MakeFolder(string folder)
    {
        try { Folder.MakePrivate(folder); }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return;   // the vault says so when a profile is made in it
        }
    }

    /// <summary>No variable of ours reaches it: some change what a program loads, others open doors into a runtime.</summary>
    private static ProcessStartInfo Prepare(string program, IEnumerable<string> arguments, string? runtime)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment.Clear();
        start.Environment["DOTNET_EnableDiagnostics"] = "0";   // native code does not ask for it
        if (runtime is not null) start.Environment["DOTNET_ROOT"] = runtime;
        return start;
    }

    /// <summary>
    /// The .NET installation that we run on ourselves, three folders above the runtime's own; where we are native code and it is not, the one
    /// that is named to us, or none: then it is looked for where it usually is.
    /// </summary>
    private static string? Runtime() => RuntimeFeature.IsDynamicCodeSupported
        ? Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."))
        : Environment.GetEnvironmentVariable("DOTNET_ROOT");
}
