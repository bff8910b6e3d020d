using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Holdfast.Scenarios.FirstConversation;

/// <summary>What is left on the disk, and what is looked for in it. Each search is also made where something was planted.</summary>
internal sealed class Evidence(string folder, Server server, Installation installation, Corpus corpus, Transcript transcript)
{
    private const string DatabaseFile = "holdfast.db";

    private readonly List<byte[]> _personIds = [], _logIds = [];
    private readonly List<string> _databases = [];

    /// <summary>Copies the server's database as it is, be the server running or not.</summary>
    public void CopyDatabase(bool midway)
    {
        string target = Path.Combine(folder, midway ? "midway.db" : "end.db");
        if (midway)
        {
            using var live = new SqliteConnection($"Data Source={Path.Combine(server.Folder, DatabaseFile)};Mode=ReadOnly;Pooling=False");
            using var copy = new SqliteConnection($"Data Source={target};Pooling=False");
            live.Open();
            copy.Open();
            live.BackupDatabase(copy);
        }
        else
        {
            File.Copy(Path.Combine(server.Folder, DatabaseFile), target);
            string log = Path.Combine(server.Folder, DatabaseFile + "-wal");
            if (File.Exists(log)) File.Copy(log, target + "-wal");
        }
        _databases.Add(target);
    }

    /// <summary>By which people and logs are known to the server.</summary>
    public async Task LearnIdsAsync(Person[] people, Person reader, params Conversation[] conversations)
    {
        foreach (var person in people)
        {
            _personIds.Add(Convert.FromHexString(person.Device));
            _personIds.Add(Encoding.UTF8.GetBytes(person.Pin));
        }
        foreach (var conversation in conversations) _logIds.Add(Convert.FromHexString(await reader.LogOfAsync(conversation)));
    }

    /// <summary>Fails if anything that was said, or any secret, can be found; or if what is planted cannot.</summary>
    public void SearchTheDisk(Person[] people, string title, IReadOnlyList<Message> messages)
    {
        transcript.Step("the disk is searched");
        File.WriteAllText(Path.Combine(server.Folder, "diagnostics"), server.Diagnostics);
        var secrets = installation.Secrets();
        Assert.True(secrets.Count > 100, $"The recorder wrote down {secrets.Count} secrets only.");
        var needles = NeedlesOf(people, title, messages, secrets);
        var scan = new LeakScan(needles);
        foreach (string place in people.Select(static person => person.Profile).Prepend(server.Folder)) Assert.Empty(scan.Find(place));
        transcript.Step(string.Create(CultureInfo.InvariantCulture, $"the disk was searched: {scan.Extent}, {secrets.Count} secrets"));
        FindPlanted(scan, messages[0], secrets[secrets.Count / 2], people[1].Name);
    }

    /// <summary>Fails if a device or account can be paired with a log; or if a planted pairing is not found.</summary>
    public void TryToPair()
    {
        transcript.Step("people are paired with logs");
        foreach (string database in _databases)
        {
            Assert.Empty(PairingScan.Find(database, _personIds, _logIds));
            foreach (var (kind, plant) in Pairings()) FindPlanted(database, kind, plant);
        }
    }

    private Needles NeedlesOf(Person[] people, string title, IReadOnlyList<Message> messages, IReadOnlyList<byte[]> secrets)
    {
        var needles = new Needles();
        needles.Add("the group's name", title);
        foreach (var person in people)
        {
            needles.Add("a display name", person.Name);
            needles.Add("a passcode", person.Passcode);
        }
        foreach (var message in messages.Where(static message => message.File is null)) AddMarker(needles, message.Sign);
        foreach (string line in corpus.Lines.Where(LeakScan.IsTelling)) needles.Add($"the line {line}", line);
        foreach (var file in corpus.Files.Append(corpus.Large)) AddMarker(needles, file.Marker);
        foreach (var file in corpus.Files) AddContent(needles, file);
        foreach (byte[] window in LeakScan.Windows(corpus.Large.Path, 2000)) needles.AddRaw("a piece of the large file", window);
        foreach (byte[] secret in secrets) needles.Add("a secret", secret);
        return needles;
    }

    private static void AddMarker(Needles needles, string marker)
    {
        needles.Add("a marker", marker);
        needles.Add("a marker's bytes", Convert.FromHexString(marker));
    }

    private static void AddContent(Needles needles, SpecimenFile file)
    {
        foreach (string line in LeakScan.TellingLines(file.Path)) needles.Add($"a line of {file.Name}", line);
        foreach (byte[] window in LeakScan.Windows(file.Path, 100)) needles.AddRaw($"a piece of {file.Name}", window);
    }

    /// <summary>The control: the same files with one thing behind each.</summary>
    private void FindPlanted(LeakScan scan, Message message, byte[] secret, string name)
    {
        string place = Path.Combine(folder, "planted");
        Plant("server.db", DatabaseFile, Convert.FromHexString(message.Sign));
        Plant("server.db-wal", DatabaseFile + "-wal", Encoding.ASCII.GetBytes(Convert.ToBase64String([1, .. secret, 2])));
        Plant("diagnostics", "diagnostics", Encoding.BigEndianUnicode.GetBytes(name));
        var found = scan.Find(place);
        foreach (string planted in (string[])["server.db at", "server.db-wal at", "diagnostics at"])
            Assert.Contains(found, leak => leak.Contains(planted, StringComparison.Ordinal));
        Assert.Equal(3, found.Count);

        void Plant(string copy, string original, byte[] leak)
        {
            string from = Path.Combine(server.Folder, original), to = Path.Combine(place, copy);
            Directory.CreateDirectory(place);
            File.WriteAllBytes(to, File.Exists(from) ? [.. File.ReadAllBytes(from), .. leak] : leak);
        }
    }

    /// <summary>What a careless server might have kept: each is enough to pair someone.</summary>
    private static IEnumerable<(string Kind, string Sql)> Pairings() =>
    [
        ("same row", "CREATE TABLE members (log BLOB, device BLOB); INSERT INTO members SELECT log, device FROM logs, devices LIMIT 1;"),
        ("equal bytes",
            """
            CREATE TABLE claims (device BLOB, reference BLOB) ; CREATE TABLE welcomes (log BLOB, reference BLOB);
            INSERT INTO claims SELECT device, x'00112233445566778899' FROM devices LIMIT 1;
            INSERT INTO welcomes SELECT log, x'00112233445566778899' FROM logs LIMIT 1;
            """),
        ("row ids",
            """
            CREATE TABLE deliveries (arrival INTEGER PRIMARY KEY, device BLOB);
            INSERT INTO deliveries SELECT (SELECT max(arrival) FROM entries) + 1, device FROM devices LIMIT 1;
            """),
        ("times",
            """
            ALTER TABLE devices ADD COLUMN seen INTEGER; ALTER TABLE logs ADD COLUMN written INTEGER;
            UPDATE devices SET seen = 1800000000123; UPDATE logs SET written = 1800000001;
            """),
        ("sizes",
            """
            CREATE TABLE kept (device BLOB PRIMARY KEY, bytes BLOB) WITHOUT ROWID; CREATE TABLE written (log BLOB PRIMARY KEY, bytes BLOB) WITHOUT ROWID;
            INSERT INTO kept SELECT device, zeroblob(77777) FROM devices LIMIT 1; INSERT INTO written SELECT log, randomblob(77777) FROM logs LIMIT 1;
            """),
    ];

    private void FindPlanted(string database, string kind, string plant)
    {
        string copy = $"{database}.planted";
        File.Copy(database, copy, overwrite: true);
        using (var connection = new SqliteConnection($"Data Source={copy};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
#pragma warning disable CA2100 // from the list above
            command.CommandText = plant;
#pragma warning restore CA2100
            command.ExecuteNonQuery();
        }
        var found = PairingScan.Find(copy, _personIds, _logIds);
        Assert.Contains(found, pairing => pairing.StartsWith(kind, StringComparison.Ordinal));
        File.Delete(copy);
    }
}
