using Holdfast.Server.Tests.Seizure;
using Holdfast.Server.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Holdfast.Server.Tests;

/// <summary>
/// The seizure drill: a known story, then all of the disk is asked who, with whom, when and how much. The answers are the ones listed in
/// docs/DISCLOSURE.md and no other; with anything planted that is not listed, the drill fails.
/// </summary>
[Trait(Place.Trait, Place.Sqlite)]
public sealed partial class SeizureDrillTests(SeizureDrillTests.Played played) : IClassFixture<SeizureDrillTests.Played>
{
    private static readonly Disclosure Listed = Disclosure.Read();

    [Fact]
    public async Task TheDiskAnswersWhatIsListedAndNothingMore()
    {
        await using var server = await StartAtNoonAsync();
        await using var story = await Story.PlayAsync(server.Endpoint, server.OwnerInvite!, server.Clock);
        story.TellServer(["listen_url", "owner_invited", "server_key", $"key {Convert.ToHexStringLower(server.Endpoint.Key)}"]);
        story.TellJoins(Listed.Joins);
        story.TellOrder(withShortLived: true);
        await EmptyLogAsync(server);
        using (var running = await SeizedServer.TakeAsync(server.Options.Data)) Compare(story, running);

        server.Clock.Advance(TimeSpan.FromHours(3));
        await server.Node.Sweeper.SweepAsync(CancellationToken.None);
        await server.StopAsync();
        story.ForgetTheHour(story.ShortLived);
        story.TellOrder(withShortLived: false);
        using var ended = await SeizedServer.TakeAsync(server.Options.Data);
        Compare(story, ended);
        Assert.DoesNotContain(story.GoneSoon, gone => ended.Contains(gone));
    }

    [Fact]
    public void NoTextOfADiagnosticIsUnlisted() => Assert.Empty(Differences.OfDiagnostics(Listed, typeof(HoldfastServer).Assembly.GetTypes()));

    /// <summary>The real process: what it writes, and what a kill leaves.</summary>
    [Fact]
    public async Task WhatTheProcessWritesIsListedAndAKillLeavesNothingMore()
    {
        string folder = TestServer.NewFolder();
        await using var server = await ServerProcess.StartAsync(folder);
        await using (var story = await Story.PlayAsync(server.Endpoint, server.OwnerInvite!, TimeProvider.System))
        {
            await Eventually.Async(() => Task.FromResult(AllAreInTheIndexes(folder)));   // sooner there is less
            await server.KillAsync();
            using var seized = await SeizedServer.TakeAsync(folder, await server.ErrorsAsync());
            Assert.Contains(seized.Diagnostics, line => line.Contains("Started", StringComparison.Ordinal));
            Assert.Empty(Differences.OfWritten(Listed, seized.Diagnostics));
            Assert.Empty(Differences.OfSchema(Listed, seized.Database));
            Assert.Empty(Differences.OfFiles(Listed, seized));
            Assert.Empty(Differences.OfJoins(Listed, seized));
        }
        Assert.Equal(["holdfast://", "listening ", "server key "], Listed.Output.Select(static line => line[..line.IndexOf('{', StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("ALTER TABLE entries ADD COLUMN sender BLOB", "column entries.sender is not listed")]
    [InlineData("CREATE TABLE sessions (device BLOB, log BLOB)", "column sessions.log is not listed")]
    [InlineData("CREATE TABLE members (log BLOB PRIMARY KEY) WITHOUT ROWID", "column members.log is not listed")]
    [InlineData("CREATE VIEW who AS SELECT * FROM devices", "view who is not listed")]
    [InlineData("CREATE TRIGGER noted AFTER INSERT ON inbox BEGIN SELECT 1; END", "trigger noted is not listed")]
    [InlineData("INSERT INTO settings VALUES ('last_seen', x'00')", "setting last_seen is not listed")]
    [InlineData("ALTER TABLE entries DROP COLUMN id", "column entries.id is listed and not there")]
    [InlineData("CREATE TABLE inbox (device, id, last_day, bytes)", "order of arrival inbox is not listed", "DROP TABLE inbox;")]
    public async Task APlantedColumnTableOrSettingIsFound(string planted, string difference, string before = "")
    {
        using var seized = await SeizeAsync();
        Plant(seized, before + planted);
        Assert.Contains(difference, Differences.OfSchema(Listed, seized.Database));
    }

    /// <summary>Nothing in the schema shows these: only what is in the rows does.</summary>
    [Theory]
    [InlineData("UPDATE inbox SET id = (SELECT id FROM entries LIMIT 1)", "join entries.id = inbox.id is not listed")]
    [InlineData("UPDATE blobs SET delete_token_hash = (SELECT login_key FROM devices LIMIT 1)", "join blobs.delete_token_hash = devices.login_key is not listed")]
    [InlineData("UPDATE entries SET bytes = (SELECT bytes FROM key_packages LIMIT 1)", "join entries.bytes = key_packages.bytes is not listed")]
    [InlineData("UPDATE access_keys SET access_key = (SELECT token_hash FROM invites) WHERE position = 6", "join access_keys.access_key = invites.token_hash is not listed")]
    public async Task AValueThatJoinsAPersonToAConversationIsFound(string planted, string difference)
    {
        using var seized = await SeizeAsync();
        Assert.Equal(
            ["access_keys entries entry_ids entry_positions logs", "accounts devices inbox key_packages", "blobs", "entry_expiries", "invites", "settings", "settled"],
            Interrogation.Heaps(seized));
        Plant(seized, planted);
        Assert.Contains(difference, Differences.OfJoins(Listed, seized));
        Assert.InRange(Interrogation.Heaps(seized).Count, 1, 6);
    }

    [Theory]
    [InlineData("UPDATE inbox SET last_day = 1795478400")]
    [InlineData("UPDATE devices SET login_counter = 1795478400123")]
    [InlineData("UPDATE blobs SET expires_hour = 29924640")]
    public async Task ATimeFinerThanAnHourIsFound(string planted)
    {
        using var seized = await SeizeAsync();
        Assert.Empty(Interrogation.FineTimes(seized));
        Plant(seized, planted);
        Assert.NotEmpty(Interrogation.FineTimes(seized));
    }

    [Theory, InlineData("access.log"), InlineData("blobs/ab/upload.tmp"), InlineData("backup/holdfast.db")]
    public async Task AFileThatIsNotListedIsFound(string file)
    {
        using var seized = await SeizeAsync();
        Directory.CreateDirectory(Path.GetDirectoryName(seized.PathOf(file))!);
        await File.WriteAllTextAsync(seized.PathOf(file), "", TestContext.Current.CancellationToken);
        seized.Look();
        Assert.Contains($"file {file} is not listed", Differences.OfFiles(Listed, seized));
    }

    [Fact]
    public void ALineThatIsNotListedAndAnIdInOneThatIsAreFound()
    {
        Assert.Empty(Differences.OfWritten(Listed, ["info: Holdfast.Server.HoldfastServer[1]", "      Started, SQLite 3.51.3", ""]));
        foreach (string line in new[] { "      Device logged in", "      Started, SQLite 0123456789abcdef0123456789abcdef", "      A blob could not be written: 192.0.2.7 left" })
            Assert.Equal([$"{line} is not listed"], Differences.OfWritten(Listed, [line]));
        Assert.Contains("diagnostic 12 Information {Device} has logged in is not listed", Differences.OfDiagnostics(Listed, typeof(HoldfastServer).Assembly.GetTypes().Append(typeof(Telling))));
        Assert.Contains("diagnostic 2 Information Stopped is listed and not there", Differences.OfDiagnostics(Listed, typeof(Telling)));
    }

    private static void Compare(Story story, SeizedServer seized)
    {
        Assert.Empty(Differences.OfSchema(Listed, seized.Database));
        Assert.Empty(Differences.OfFiles(Listed, seized));
        Assert.Empty(Differences.OfJoins(Listed, seized));
        Assert.Empty(Interrogation.FineTimes(seized));
        var (truth, answers) = (story.Truth(), Interrogation.Ask(seized));
        Assert.Equal(Listed.Answers.Order(StringComparer.Ordinal), answers.Keys);
        Assert.Equal(truth.Keys, answers.Keys);
        foreach (string answer in truth.Keys) Assert.Equal(truth[answer], answers[answer]);
        Assert.DoesNotContain(story.Gone.Concat(story.GoneFiles), gone => seized.Contains(gone));
    }

    /// <summary>In the middle of an hour and of a day, so that none of them ends while the story is told.</summary>
    private static async Task<TestServer> StartAtNoonAsync()
    {
        var server = await TestServer.StartAsync();
        var now = server.Clock.GetUtcNow();
        server.Clock.Advance(now.Date.AddDays(1).AddHours(12.5) - now.UtcDateTime);
        return server;
    }

    private Task<SeizedServer> SeizeAsync() => SeizedServer.TakeAsync(played.Folder);

    private static void Plant(SeizedServer seized, string sql)
    {
        using (var connection = new SqliteConnection($"Data Source={seized.PathOf("holdfast.db")};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
#pragma warning disable CA2100 // a test's own constants
            command.CommandText = sql;
#pragma warning restore CA2100
            command.ExecuteNonQuery();
        }
        seized.Look();
    }

    private static bool AllAreInTheIndexes(string folder)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "holdfast.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT max(arrival) = (SELECT arrival FROM settled) FROM entries";
        return command.ExecuteScalar() is 1L;
    }

    private static Task EmptyLogAsync(TestServer server)
    {
        var wal = new FileInfo(server.Options.DatabaseFile + "-wal");
        return Eventually.Async(() =>
        {
            wal.Refresh();
            return Task.FromResult(wal.Length == 0);
        });
    }

    /// <summary>A server's folder after the story, to be copied and planted in.</summary>
    public sealed class Played : IAsyncLifetime
    {
        private TestServer? _server;

        internal string Folder => _server!.Options.Data;

        /// <inheritdoc/>
        public async ValueTask InitializeAsync()
        {
            _server = await StartAtNoonAsync();
            await using (await Story.PlayAsync(_server.Endpoint, _server.OwnerInvite!, _server.Clock)) await _server.StopAsync();
        }

        /// <inheritdoc/>
        public ValueTask DisposeAsync() => _server!.DisposeAsync();
    }

    /// <summary>A planted diagnostic.</summary>
    private static partial class Telling
    {
        [LoggerMessage(12, LogLevel.Information, "{Device} has logged in")]
        public static partial void LoggedIn(ILogger logger, string device);
    }
}
