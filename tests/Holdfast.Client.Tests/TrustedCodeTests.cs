using System.Globalization;
using System.Runtime.CompilerServices;
using Holdfast.Client.Tests.Support;

namespace Holdfast.Client.Tests;

/// <summary>ATTACKS D-2: how much one has to trust is written down, and more of it is a change that somebody reads.</summary>
public sealed class TrustedCodeTests
{
    /// <summary>What runs in the vault's process, and how many lines each may have that are neither blank nor comment.</summary>
    private static readonly Dictionary<string, int> _budget = new()
    {
        ["Holdfast.Vault"] = 7400, ["Holdfast.Mls"] = 7600, ["Holdfast.Protocol"] = 3000, ["Holdfast.Cryptography"] = 1900, ["Holdfast.Codec"] = 250,
    };

    /// <summary>All that lies beside the native vault: its executable, and two libraries.</summary>
    private static readonly string[] _files = ["holdfast-vault", "libe_sqlite3.so", "libsodium.so"];

    /// <summary>What it may have in memory besides: the system's C library and its parts, compression, OpenSSL.</summary>
    private static readonly string[] _libraries =
        ["ld-linux", "libc.so", "libcrypto.so", "libdl.so", "libgcc_s.so", "libm.so", "libpthread.so", "librt.so", "libssl.so", "libstdc++.so", "libz.so"];

    [Fact]
    public void WhatRunsInTheVaultStaysWithinItsBudget()
    {
        foreach (var (project, most) in _budget) Assert.InRange(LinesOf(project), most / 2, most);
    }

    /// <summary>The control: it counts.</summary>
    [Fact]
    public void ABudgetThatIsTooSmallIsExceeded() => Assert.NotInRange(LinesOf("Holdfast.Mls"), 0, _budget["Holdfast.Codec"]);

    /// <summary>Nothing else is a part of the vault than what is counted.</summary>
    [Fact]
    public void TheVaultIsMadeOfTheseProjects()
    {
        string references = string.Concat(_budget.Keys.Select(static name => File.ReadAllText(Path.Combine(Sources(), name, name + ".csproj"))));
        foreach (string project in Directory.EnumerateDirectories(Sources()).Select(static folder => Path.GetFileName(folder)))
            Assert.Equal(_budget.ContainsKey(project) && project != "Holdfast.Vault", references.Contains($"/{project}.csproj\"", StringComparison.Ordinal));
    }

    [Fact]
    public void NothingElseIsLoaded()
    {
        string folder = Path.GetDirectoryName(Installed.Vault)!;
        Assert.SkipWhen(File.Exists(Path.Combine(folder, "holdfast-vault.dll")), "this vault is not native");
        Assert.Equal(_files, Directory.EnumerateFileSystemEntries(folder).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root may look");
        using var drill = new Drill();
        string id = drill.Wait(drill.Vault, drill.Folder).Id.ToString(CultureInfo.InvariantCulture);
        var loaded = File.ReadLines($"/proc/{id}/maps").Where(static line => line.Contains('/')).Select(static line => Path.GetFileName(line[line.IndexOf('/')..])).Distinct().ToList();
        Assert.Contains("libsodium.so", loaded);   // it has been looked at
        Assert.DoesNotContain(loaded, static name => name.Contains(".so", StringComparison.Ordinal) && !IsOnRecord(name));
    }

    private static bool IsOnRecord(string file) =>
        _files.Contains(file) || _libraries.Any(library => file.StartsWith(library, StringComparison.Ordinal));

    private static int LinesOf(string project) => Directory.EnumerateFiles(Path.Combine(Sources(), project), "*.cs", SearchOption.AllDirectories)
        .Where(static path => !path.Contains("/obj/", StringComparison.Ordinal)).SelectMany(File.ReadLines)
        .Count(static line => line.TrimStart() is var code && code.Length > 0 && !code.StartsWith("//", StringComparison.Ordinal));

    private static string Sources([CallerFilePath] string thisFile = "")
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Directory.Exists(Path.Combine(folder.FullName, "src", "Holdfast.Vault"))) return Path.Combine(folder.FullName, "src");
        return Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "src"));
    }
}
