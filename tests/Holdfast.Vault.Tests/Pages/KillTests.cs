using System.Diagnostics;
using System.Globalization;
using Holdfast.Tests;

namespace Holdfast.Vault.Tests.Pages;

/// <summary>A real process, a real disk, kill -9.</summary>
public sealed class KillTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("holdfast-kill-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>After each kill every acknowledged transaction is there, at most one more, and no part of another; the next process goes on from there.</summary>
    [Fact]
    public void WhatWasAcknowledgedSurvivesKills()
    {
        string path = Path.Combine(_folder, "vault.db");
        var chance = new Random(17 + LongRun.Part.Part);
        var expected = new SortedDictionary<ulong, byte[]>();
        ulong applied = 0, anchor = 0;
        for (int kill = 0; kill < (LongRun.IsWanted ? 3000 / LongRun.Part.Of : 12); kill++)
        {
            ulong acknowledged = Math.Max(applied, WriteUntilKilled(path, 1 + chance.Next(60), chance.Next(8)));
            using var store = StoreWriter.Open(path);
            ulong last = StoreWriter.NumberIn(store);
            Assert.InRange(last, acknowledged, acknowledged + 1);
            while (applied < last) StoreWriter.Apply(expected, ++applied);
            var found = store.ScanAll(RecordKind.History);
            Assert.Equal(expected.Select(static record => Convert.ToHexString(StoreWriter.KeyOf(record.Key))), found.Select(static record => Convert.ToHexString(record.Key)));
            Assert.True(expected.Values.Zip(found).All(static pair => pair.First.AsSpan().SequenceEqual(pair.Second.Value)), $"after kill {kill}");
            if (kill % 10 == 0) Assert.Equal("ok", store.Check());
            Assert.True(store.Anchor.Number > anchor);
            anchor = store.Anchor.Number;
        }
        Assert.True(applied > 12);
    }

    /// <summary>A limit on the size of files is a full disk: what was acknowledged stays, and without the limit the store goes on.</summary>
    [Fact]
    public void AFileThatMayNotGrowLosesNothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ulimit");
        string path = Path.Combine(_folder, "vault.db");
        var start = new ProcessStartInfo("/bin/bash", ["-c", "trap '' XFSZ; ulimit -f 400; exec \"$0\" \"$1\" \"$2\"", Program, StoreWriter.Argument, path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";   // otherwise the runtime itself wants a large file
        using var process = Process.Start(start)!;
        ulong acknowledged = 0;
        while (process.StandardOutput.ReadLine() is { } line) acknowledged = ulong.Parse(line, CultureInfo.InvariantCulture);
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Contains("SQLite Error 13", error);
        Assert.True(acknowledged > 5);
        using var store = StoreWriter.Open(path);
        Assert.Equal(acknowledged, StoreWriter.NumberIn(store));
        StoreWriter.Commit(store, acknowledged + 1);
        Assert.Equal("ok", store.Check());
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "Holdfast.Vault.Tests" + (OperatingSystem.IsWindows() ? ".exe" : ""));

    /// <summary>The last number it said.</summary>
    private static ulong WriteUntilKilled(string path, int commits, int milliseconds)
    {
        var start = new ProcessStartInfo(Program, [StoreWriter.Argument, path]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        ulong said = 0;
        for (int i = 0; i < commits; i++) said = ulong.Parse(process.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
        Thread.Sleep(milliseconds);
        process.Kill();
        process.WaitForExit();
        while (process.StandardOutput.ReadLine() is { Length: > 0 } line) if (ulong.TryParse(line, CultureInfo.InvariantCulture, out ulong number)) said = number;
        return said;
    }
}
