using Holdfast.Server.Tests.Seizure;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

/// <summary>
/// The seizure drill on PostgreSQL: the same story and the same questions, asked of all that PostgreSQL keeps: columns, numbers of transactions, the order
/// of rows, free space, samples, its log, its write-ahead log.
/// </summary>
[Trait(Place.Trait, Place.Postgres)]
public sealed class PostgresSeizureTests : IClassFixture<PostgresSeizureTests.Played>
{
    private static readonly Disclosure Listed = Disclosure.ReadOnPostgres();
    private readonly Played _played;

    public PostgresSeizureTests(Played played)
    {
        Assert.SkipUnless(Place.IsShared, "HOLDFAST_TEST_DATABASE names no PostgreSQL");
        _played = played;
    }

    [Fact]
    public async Task PostgresAnswersWhatIsListedAndNothingMore()
    {
        await using var server = await StartAtNoonAsync();
        using var seized = SeizedPostgres.Take(server.Place);
        string before = seized.Watch();
        await using var story = await Story.PlayAsync(server.Endpoint, server.OwnerInvite!, server.Clock);
        story.TellServer(["listen_url", "owner_invited", "server_key", "tls_certificate", "tls_key", $"key {Convert.ToHexStringLower(server.Endpoint.Key)}"]);
        story.TellJoins(Listed.Joins);
        story.TellNoTimes();
        story.TellSessions();
        story.TellOrder(withShortLived: true);
        var fileNumbers = seized.FileNumbers();
        Assert.Empty(Differences.OfTexts(seized.Asked()));
        await SweepAsync(server, seized, story.Gone);
        Compare(story, seized);
        Assert.Empty(Differences.Of("folder", Listed.Folders, seized.Folders(story.Names)));
        Assert.False(seized.Logs(story.Names));
        Assert.Empty(seized.Samples().Except(Listed.Samples));

        var transactions = await seized.TransactionsAsync(before, seized.End(), With(fileNumbers, seized.FileNumbers()));
        Assert.Empty(Differences.Of("one transaction", Listed.Transactions, transactions.Select(static transaction => transaction.Tables)));
        Assert.Equal(story.EntryCount, transactions.Count(static transaction => transaction.Tables.Contains("entries", StringComparison.Ordinal)));
        Assert.Equal(transactions.Select(static transaction => transaction.Committed).Order(), transactions.Select(static transaction => transaction.Committed));

        server.Clock.Advance(TimeSpan.FromHours(3));
        await SweepAsync(server, seized, story.GoneSoon);
        await server.StopAsync();
        story.ForgetTheHour(story.ShortLived);
        story.TellOrder(withShortLived: false);
        story.EndSessions();
        seized.Look();
        Compare(story, seized);
    }

    [Fact]
    public void APlantedColumnTableSettingOrOrderIsFound()
    {
        (string Sql, string Difference)[] planted =
        [
            ("ALTER TABLE entries ADD COLUMN sender BYTEA", "column entries.sender is not listed"),
            ("CREATE TABLE sessions (device BYTEA, log BYTEA)", "column sessions.log is not listed"),
            ("CREATE VIEW who AS SELECT device FROM devices", "view who is not listed"),
            ("CREATE SEQUENCE counted", "sequence counted is not listed"),
            ("CREATE FUNCTION noting() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'", "function noting is not listed"),
            ("CREATE SCHEMA other; CREATE EXTENSION pageinspect SCHEMA other", "extension pageinspect is not listed"),
            ("CREATE STATISTICS pairs ON device, pin FROM devices", "statistics pairs is not listed"),
            ("INSERT INTO settings VALUES ('last_seen', '\\x00')", "setting last_seen is not listed"),
            ("ALTER TABLE entries DROP COLUMN kind", "column entries.kind is listed and not there"),
            ("UPDATE invites SET uses = uses", "order of arrival invites is not listed"),
            ("WITH gone AS (DELETE FROM accounts RETURNING *) INSERT INTO accounts SELECT * FROM gone ORDER BY pin DESC", "order of arrival accounts is not listed"),
        ];
        using var copy = _played.Copy();
        Assert.Empty(Differences.OfSchema(Listed, copy.Seized.Database));
        foreach (var (sql, _) in planted) copy.Seized.Run(sql);
        copy.Seized.Look();
        var differences = Differences.OfSchema(Listed, copy.Seized.Database);
        foreach (var (_, difference) in planted) Assert.Contains(difference, differences);
    }

    /// <summary>All rows are written again and lie in the order of their keys: only how the rows of a table lie, and pieces of long values, tell.</summary>
    [Fact]
    public void RowsOutOfTheirOrderAndAPieceOfALongValueThatKeepsItsNumberAreFound()
    {
        const string Again = "UPDATE accounts SET pin = pin; UPDATE devices SET pin = pin; UPDATE invites SET uses = uses; UPDATE key_packages SET bytes = bytes || ''";
        using var copy = _played.Copy();
        copy.Seized.Run(Again + "; UPDATE inbox SET bytes = bytes || ''");
        copy.Seized.Look();
        Assert.Empty(Differences.OfSchema(Listed, copy.Seized.Database));
        copy.Seized.Run(Again + "; UPDATE inbox SET last_day = last_day");
        copy.Seized.Look();
        Assert.Equal(["order of arrival inbox is not listed"], Differences.OfSchema(Listed, copy.Seized.Database));
        copy.Seized.Run(Again + "; UPDATE inbox SET bytes = bytes || ''; WITH gone AS (DELETE FROM accounts RETURNING *) INSERT INTO accounts SELECT * FROM gone ORDER BY pin DESC");
        copy.Seized.Look();
        Assert.Equal(["order of arrival accounts is not listed"], Differences.OfSchema(Listed, copy.Seized.Database));
    }

    [Fact]
    public void ValuesThatJoinAPersonToAConversationAndTimesFinerThanAnHourAreFound()
    {
        using var copy = _played.Copy();
        Assert.Equal(
            ["access_keys contents entries logs", "accounts devices inbox key_packages", "blob_parts blobs", "holdfast_schema", "invites", "settings"],
            Interrogation.Heaps(copy.Seized));
        Assert.Empty(Differences.OfJoins(Listed, copy.Seized));
        Assert.Empty(Interrogation.FineTimes(copy.Seized));
        copy.Seized.Run(
            """
            UPDATE inbox SET id = (SELECT id FROM entries LIMIT 1), last_day = 1795478400;
            UPDATE blobs SET delete_token_hash = (SELECT login_key FROM devices LIMIT 1);
            UPDATE contents SET bytes = (SELECT bytes FROM key_packages LIMIT 1);
            """);
        copy.Seized.Look();
        var differences = Differences.OfJoins(Listed, copy.Seized);
        Assert.Contains("join entries.id = inbox.id is not listed", differences);
        Assert.Contains("join blobs.delete_token_hash = devices.login_key is not listed", differences);
        Assert.Contains("join contents.bytes = key_packages.bytes is not listed", differences);
        Assert.All(Interrogation.FineTimes(copy.Seized), static time => Assert.StartsWith("inbox.last_day ", time, StringComparison.Ordinal));
        Assert.NotEmpty(Interrogation.FineTimes(copy.Seized));
    }

    /// <summary>What the server does not do, and an operator or a change of ours might: each is seen by the drill's own eyes.</summary>
    [Fact]
    public async Task APostThatTouchesADeviceAStatementWithValuesALogOfStatementsAndSamplesAreFound()
    {
        await using var server = await TestServer.StartAsync();
        using var seized = SeizedPostgres.Take(server.Place);
        seized.Run(
            """
            CREATE FUNCTION noting() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN UPDATE devices SET login_counter = login_counter; RETURN NULL; END';
            CREATE TRIGGER noted AFTER INSERT ON entries EXECUTE FUNCTION noting();
            ALTER TABLE inbox ALTER COLUMN bytes SET STATISTICS 100;
            """);
        string before = seized.Watch();
        await using var session = await server.ConnectAsync();
        var (log, _) = await session.NewLogAsync();
        await session.PostAsync(Posts.Application(log, 0));
        foreach (int size in (int[])[300, 301]) await session.AskAsync<Protocol.Done>(request => new Protocol.SubmitDeliveries(request, [Posts.To(session.Device!.Id, size)]));
        seized.Look();
        var differences = Differences.OfSchema(Listed, seized.Database);
        Assert.Contains("trigger noted is not listed", differences);
        Assert.Contains("function noting is not listed", differences);
        var transactions = await seized.TransactionsAsync(before, seized.End(), seized.FileNumbers());
        Assert.Contains("one transaction contents devices entries logs is not listed", Differences.Of("one transaction", Listed.Transactions, transactions.Select(static each => each.Tables)));
        Assert.Equal(["inbox.bytes"], seized.Samples().Except(Listed.Samples));

        byte[][] names = [session.Device!.Id.ToBytes()];
        Assert.False(seized.Logs(names));
        using var other = SeizedPostgres.Take(server.Place);
        other.Run($"SET log_statement = 'all'; SELECT '\\x{Convert.ToHexStringLower(names[0])}'::bytea");
        Assert.True(seized.Logs(names));
        Assert.NotEmpty(Differences.OfTexts(seized.Asked()));
    }

    private static void Compare(Story story, SeizedPostgres seized)
    {
        Assert.Empty(Differences.OfSchema(Listed, seized.Database));
        Assert.Empty(Differences.OfJoins(Listed, seized));
        Assert.Empty(Interrogation.FineTimes(seized));
        var (truth, answers) = (story.Truth(), Interrogation.Ask(seized));
        Assert.Equal(Listed.Answers.Order(StringComparer.Ordinal), answers.Keys);
        Assert.Equal(truth.Keys, answers.Keys);
        foreach (string answer in truth.Keys) Assert.Equal(truth[answer], answers[answer]);
    }

    /// <summary>A snapshot that somebody else happens to hold keeps deleted rows until the next sweep.</summary>
    private static Task SweepAsync(TestServer server, SeizedPostgres seized, IReadOnlyList<byte[]> gone) => Eventually.Async(async () =>
    {
        await server.Node.Sweeper.SweepAsync(CancellationToken.None);
        seized.Look();
        return !gone.Any(value => seized.Contains(value));
    });

    private static Dictionary<long, string> With(Dictionary<long, string> some, Dictionary<long, string> more) =>
        some.Concat(more).DistinctBy(static each => each.Key).ToDictionary();

    private static async Task<TestServer> StartAtNoonAsync()
    {
        var server = await TestServer.StartAsync();
        var now = server.Clock.GetUtcNow();
        server.Clock.Advance(now.Date.AddDays(1).AddHours(12.5) - now.UtcDateTime);
        return server;
    }

    /// <summary>A database after the story, to be copied and planted in.</summary>
    public sealed class Played : IAsyncLifetime
    {
        private TestServer? _server;

        /// <inheritdoc/>
        public async ValueTask InitializeAsync()
        {
            if (!Place.IsShared) return;
            _server = await StartAtNoonAsync();
            await using (await Story.PlayAsync(_server.Endpoint, _server.OwnerInvite!, _server.Clock)) await _server.StopAsync();
        }

        /// <inheritdoc/>
        public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? default;

        internal Copied Copy() => new(Place.Copy(_server!.Place));
    }

    /// <summary>A copy that goes when it is done with.</summary>
    internal sealed class Copied(string place) : IDisposable
    {
        public SeizedPostgres Seized { get; } = SeizedPostgres.Take(place);

        /// <inheritdoc/>
        public void Dispose()
        {
            Seized.Dispose();
            Place.Remove(place);
        }
    }
}
