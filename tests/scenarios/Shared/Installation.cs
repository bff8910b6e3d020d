using System.Runtime.CompilerServices;

namespace Holdfast.Scenarios;

/// <summary>
/// A copy of what <c>./holdfast</c> installs, in which the vault also writes down every secret its random source gives out.
/// </summary>
internal sealed class Installation
{
    private readonly string _folder;

    private Installation(string folder) => _folder = folder;

    /// <summary>Where it is.</summary>
    public string Folder => _folder;

    /// <summary>The program that people type.</summary>
    public string Holdfast => Path.Combine(_folder, "holdfast");

    /// <summary>The checkout this was built in.</summary>
    public static string Root { get; } = FindRoot();

    private static string Built => Path.Combine(Root, "artifacts", "install");

    /// <summary>The installation as it ships.</summary>
    public static Installation AsShipped() => File.Exists(Path.Combine(Built, "holdfast"))
        ? new(Built)
        : throw new ScenarioException($"{Built} is missing: run ./holdfast --help first, which builds it.");

    /// <summary>A copy whose vault is the recorder.</summary>
    public static Installation WithRecorder(string folder)
    {
        Copy(Path.GetDirectoryName(AsShipped().Holdfast)!, folder, except: "vault");
        string vault = Path.Combine(folder, "vault");
        // bin/THIS/CONFIGURATION, and the recorder beside us in bin/Holdfast.Vault.Recorder/CONFIGURATION.
        var ours = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        Copy(Path.Combine(ours.Parent!.Parent!.FullName, "Holdfast.Vault.Recorder", ours.Name), vault, except: null);
        RequireFresh(vault);
        File.Copy(Path.Combine(vault, "holdfast-vault-recorder"), Path.Combine(vault, "holdfast-vault"), overwrite: true);
        return new(folder);
    }

    /// <summary>Every secret that the vaults have drawn and that is long enough to be told from chance.</summary>
    public IReadOnlyList<byte[]> Secrets()
    {
        const int Least = 16;
        return [.. Directory.EnumerateFiles(Path.Combine(_folder, "vault", "recorded"), "*.secrets")
            .SelectMany(WholeLines).Where(static line => line.Length >= 2 * Least).Distinct().Select(Convert.FromHexString)];
    }

    /// <summary>A vault that was killed may have left half a line.</summary>
    private static IEnumerable<string> WholeLines(string file)
    {
        string text = File.ReadAllText(file);
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>A client and a recorder of different days do not understand each other, and the story would fail far from the reason.</summary>
    private static void RequireFresh(string vault)
    {
        Require(Path.Combine(Built, ".built"), Path.Combine(Root, "src"));
        foreach (string project in Directory.EnumerateDirectories(Path.Combine(Root, "src")))
        {
            string name = Path.GetFileName(project);
            if (Path.Combine(vault, name == "Holdfast.Vault" ? "holdfast-vault.dll" : name + ".dll") is var assembly && File.Exists(assembly))
                Require(assembly, project);
        }
    }

    /// <summary>No source there is newer than what was made of it.</summary>
    private static void Require(string made, string sources)
    {
        var changed = Directory.EnumerateFiles(sources, "*.cs", SearchOption.AllDirectories).Max(File.GetLastWriteTimeUtc);
        if (File.GetLastWriteTimeUtc(made) < changed)
            throw new ScenarioException($"{made} is older than {sources}: run ./holdfast --help and dotnet build -c Release first.");
    }

    private static void Copy(string from, string to, string? except)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (string folder in Directory.EnumerateDirectories(from))
            if (Path.GetFileName(folder) != except) Copy(folder, Path.Combine(to, Path.GetFileName(folder)), null);
    }

    private static string FindRoot([CallerFilePath] string thisFile = "")
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Holdfast.slnx"))) return folder.FullName;
        return Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", ".."));
    }
}
