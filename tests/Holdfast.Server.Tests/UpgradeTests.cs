using System.Diagnostics;
using Holdfast.Server.Storage.Sqlite;
using Holdfast.Server.Tests.Support;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Holdfast.Server.Tests;

/// <summary>A newer program over what an older one stored, and an older over what a newer one did: a folder.</summary>
[Trait(Place.Trait, Place.Sqlite)]
public sealed class UpgradeTests : IDisposable
{
    private readonly string _folder = TestServer.NewFolder();

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<int> Versions => [.. Earlier.Versions("sqlite")];

    [Fact]
    public void EveryVersionThereWasHasItsFile()
    {
        using var database = SqliteDatabase.OpenFile(Path.Combine(_folder, "holdfast.db"));
        SqliteSchema.Ensure(database);
        Assert.Equal(Enumerable.Range(1, (int)database.Scalar("PRAGMA user_version")), Earlier.Versions("sqlite"));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task WhatAnOlderVersionStoredIsThereAndTheTablesAreThoseOfANewFolder(int version)
    {
        var rows = Make(version);
        using (var database = SqliteDatabase.OpenFile(File)) SqliteSchema.Ensure(database);
        AssertHas(File, rows);
        string other = Path.Combine(_folder, "new.db");
        using (var database = SqliteDatabase.OpenFile(other)) SqliteSchema.Ensure(database);
        Assert.Equal(Tables(other), Tables(File));
        Directory.CreateDirectory(Path.Combine(_folder, "blobs", "51"));
        await System.IO.File.WriteAllBytesAsync(
            Path.Combine(_folder, "blobs", "51", string.Concat(Enumerable.Repeat("51", 16))), Earlier.BlobBytes, TestContext.Current.CancellationToken);
        await using var server = await TestServer.StartAsync(folder: _folder);
        Assert.Null(server.OwnerInvite);
        await Earlier.VerifyAsync(server.Endpoint);
    }

    /// <summary>The real program, killed in the midst: what lies on the disk after any number of its instructions is whole, and the next start ends it.</summary>
    [Fact]
    public void AnUpgradeThatIsKilledAnywhereHasNotBegunOrIsOver()
    {
        const int InstructionsBetween = 15;
        var rows = Make(1);
        var images = new List<string>();
        using (var database = SqliteDatabase.OpenFile(File))
        {
            raw.sqlite3_progress_handler(database.Handle, InstructionsBetween, _ => Take(images), null);
            SqliteSchema.Ensure(database);
            raw.sqlite3_progress_handler(database.Handle, 0, null, null);
            Take(images);
        }
        Assert.True(images.Count > 20, $"{images.Count} moments were tried");
        var versions = new List<long>();
        foreach (string image in images)
        {
            versions.Add((long)Query(image, "PRAGMA user_version").Single()[0]!);
            AssertHas(image, rows);
            using (var database = SqliteDatabase.OpenFile(image)) SqliteSchema.Ensure(database);
            AssertHas(image, rows);
            Assert.Equal(Tables(File), Tables(image));
        }
        Assert.Equal([1, Earlier.Versions("sqlite").Max()], versions.Distinct());
    }

    /// <summary>An older server would go on writing what the newer tables do not expect.</summary>
    [Fact]
    public void UnderARunningServerNothingIsChanged()
    {
        Make(3);
        var options = new ServerOptions(_folder);
        using (new FileStream(Path.Combine(_folder, "lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            var refused = Assert.Throws<StartupException>(() => DataFolder.OpenExisting(options));
            Assert.Contains("start it anew with this version first", refused.Message, StringComparison.Ordinal);
        }
        Assert.Equal(3L, Query(File, "PRAGMA user_version").Single()[0]);
        DataFolder.OpenExisting(options).Dispose();
        Assert.NotEqual(3L, Query(File, "PRAGMA user_version").Single()[0]);
    }

    /// <summary>Also where a killed server of that version has left its last writes beside the file.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public async Task AFolderOfANewerVersionIsRefusedWithWhatToDoAndLeftAsItIs(bool wasKilled)
    {
        using (var database = SqliteDatabase.OpenFile(File))
        {
            SqliteSchema.Ensure(database);
            if (!wasKilled) Newer(database);
        }
        string image = File;
        if (wasKilled)
        {
            using var database = SqliteDatabase.OpenFile(File);
            Newer(database);
            List<string> images = [];
            Take(images);
            image = images[0];
            Assert.NotEqual(0, new FileInfo(image + "-wal").Length);
        }
        string folder = Path.GetDirectoryName(image)!;
        string[] files = [.. new[] { image, image + "-wal" }.Where(System.IO.File.Exists)];
        var before = files.Select(System.IO.File.ReadAllBytes).ToList();
        foreach (string verb in (string[])["run", "invite", "stats"])
        {
            var (code, output, errors) = await ServerProcess.RunAsync(verb, "--data", folder);
            Assert.Equal((1, ""), (code, output));
            Assert.Contains("was written by a newer Holdfast: install that version or choose another folder with --data.", errors, StringComparison.Ordinal);
            Assert.Equal(before, files.Select(System.IO.File.ReadAllBytes));
        }
        Assert.Equal(99L, Query(image, "SELECT count(*) + 99 FROM of_tomorrow").Single()[0]);

        static void Newer(SqliteDatabase database) => database.Execute("CREATE TABLE of_tomorrow (x); PRAGMA user_version = 1000;");
    }

    private string File => Path.Combine(_folder, "holdfast.db");

    private Dictionary<string, List<string>> Make(int version)
    {
        using (var connection = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
#pragma warning disable CA2100 // a test's own text
            command.CommandText = Earlier.Sql("sqlite", version);
#pragma warning restore CA2100
            command.ExecuteNonQuery();
        }
        return Query(File, "SELECT name FROM sqlite_schema WHERE type = 'table'").ToDictionary(
            static row => (string)row[0]!,
            row => Query(File, $"SELECT name FROM pragma_table_xinfo('{row[0]}')").Select(static column => (string)column[0]!).ToList());
    }

    /// <summary>All rows, with the columns they had before.</summary>
    private static void AssertHas(string file, Dictionary<string, List<string>> tables)
    {
        Assert.InRange(tables.Count, 10, 14);
        foreach (var (table, columns) in tables)
            Assert.Equal(table switch { "key_packages" => 3, "access_keys" or "entries" or "settings" => 2, _ => 1 }, Query(file, $"SELECT DISTINCT {string.Join(", ", columns)} FROM {table}").Count);
        Assert.Equal([1L], Query(file, "SELECT count(*) FROM inbox WHERE hex(bytes) = replace(hex(zeroblob(60)), '00', '42')").Select(static row => row[0]));
        Assert.Equal([2L], Query(file, "SELECT count(*) FROM entries WHERE length(bytes) = 50").Select(static row => row[0]));
    }

    private static List<string> Tables(string file) => [.. Query(file, "SELECT t.name, c.cid, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk, t.wr FROM pragma_table_list t, pragma_table_xinfo(t.name) c WHERE t.schema = 'main' AND t.name NOT LIKE 'sqlite%' ORDER BY 1, 2")
        .Select(static row => string.Join(' ', row)), .. Query(file, "SELECT name FROM sqlite_schema WHERE type = 'index' ORDER BY 1").Select(static row => (string)row[0]!)];

    /// <summary>What a kill at this moment leaves: by another process, since closing a file would give this one's locks away.</summary>
    private int Take(List<string> images)
    {
        string folder = Path.Combine(_folder, $"killed-{images.Count}");
        Directory.CreateDirectory(folder);
        using (var copy = Process.Start("sh", ["-c", "cp \"$0\" \"$0-wal\" \"$1\"", File, folder])) copy.WaitForExit();
        images.Add(Path.Combine(folder, "holdfast.db"));
        return 0;
    }

    private static List<object?[]> Query(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // a test's own text
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var rows = new List<object?[]>();
        while (reader.Read())
        {
            object[] values = new object[reader.FieldCount];
            reader.GetValues(values);
            rows.Add(values);
        }
        return rows;
    }
}
