using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Holdfast.Protocol;
using Holdfast.Server.Blobs;
using Holdfast.Server.Certificates;
using Holdfast.Server.Storage;
using Holdfast.Server.Storage.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace Holdfast.Server.Keeping;

/// <summary>
/// Moves all that a folder has into an empty PostgreSQL, for one server to become several. No server may run on the folder meanwhile, which is read and
/// not changed; rows come in one transaction, after the bytes of blobs, so that a move that breaks off has moved nothing and is begun again. Then a mark
/// is left in the folder, so that no server starts on it any more.
/// </summary>
internal static class Move
{
    /// <summary>What is the same in both.</summary>
    private static readonly (string Table, string[] Columns)[] Same =
    [
        ("accounts", ["pin", "identity_key"]),
        ("devices", ["device", "pin", "login_key", "login_counter", "delivery_key"]),
        ("invites", ["token_hash", "uses", "last_day"]),
        ("key_packages", ["device", "last_resort", "hash", "bytes", "last_day"]),
        ("logs", ["log", "head", "last_commit"]),
        ("access_keys", ["log", "access_key", "position", "posts_until_hour"]),
        ("inbox", ["device", "id", "last_day", "bytes"]),
        ("blobs", ["id", "size", "delete_token_hash", "expires_hour"]),
        ("settings", ["name", "value"]),
    ];

    private static readonly string[] Texts = ["pin", "name"];
    private static readonly string[] Integers =
        ["login_counter", "uses", "last_day", "last_resort", "head", "last_commit", "position", "posts_until_hour", "size", "expires_hour", "kind"];

    /// <summary>Moves everything; returns how many rows there were.</summary>
    /// <exception cref="StartupException">The folder is in use or not a server's, or the database is not empty.</exception>
    public static async Task<long> MakeAsync(ServerOptions old, string address, TimeProvider clock)
    {
        if (!File.Exists(old.DatabaseFile)) throw new StartupException($"There is no server's data in {old.Data}: name its folder with --data.");
        using var folder = DataFolder.OpenFolder(old, clock);
        using var home = PostgresHome.OpenShared(address, old with { Database = address });
        if (home.Database.Scalar("SELECT (SELECT count(*) FROM settings) + (SELECT count(*) FROM accounts)") > 0)
            throw new StartupException("The database holds a server's data already: make an empty one.");
        home.Database.Execute("DELETE FROM blob_parts");   // of a move that broke off
        await MoveBlobsAsync(folder, home);
        long rows = 0;
        home.Database.Begin();
        try
        {
            foreach (var (table, columns) in Same) rows += Copy(folder.Database, home.Database, table, columns);
            rows += CopyEntries(folder.Database, home.Database);
            Certify(old, home.Database);
            home.Database.Commit();
        }
        finally { home.Database.Rollback(); }
        try { OwnerFile.Write(old.MovedFile, ""); }
        catch (Exception failure) when (failure is UnauthorizedAccessException or IOException)
        {
            throw new StartupException($"All was moved, but no mark could be left in {old.Data}: start no server there any more, run it with --database.");
        }
        return rows;
    }

    /// <summary>The certificate that the server made is what clients pin, so it comes along.</summary>
    private static void Certify(ServerOptions old, PostgresDatabase into)
    {
        var (certificate, key) = ServerCertificate.FilesOf(old);
        if (!File.Exists(certificate)) return;   // the server was given one, and will be again
        var settings = new Settings(into);
        settings.Set(Settings.TlsCertificate, File.ReadAllText(certificate, Encoding.ASCII));
        settings.Set(Settings.TlsKey, File.ReadAllText(key, Encoding.ASCII));
    }

    private static async Task MoveBlobsAsync(DataFolder folder, PostgresHome home)
    {
        var blobs = folder.Database.Prepare("SELECT id, size, delete_token_hash, expires_hour FROM blobs").Start().All(static row =>
            (Blob: BlobId.Of(row.Bytes(0)), Row: new BlobRow(row.Integer(1), row.Bytes(2).ToArray(), row.Integer(3))));
        foreach (var (blob, row) in blobs)
        {
            if (folder.Blobs.Length(blob) == 0) continue;
            await using var content = folder.Blobs.OpenRead(blob);
            await home.Blobs.AppendAsync(blob, row, 0, PipeReader.Create(content), CancellationToken.None);
        }
    }

    private static long Copy(Database old, PostgresDatabase into, string table, string[] columns)
    {
        long rows = 0;
        string names = string.Join(", ", columns);
        PostgresDatabase.Guard(() =>
        {
            using var rowsOut = into.Connection.BeginBinaryImport($"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)");
            old.Prepare($"SELECT {names}{Nulls(columns)} FROM {table}").Start().Each(row =>
            {
                rowsOut.StartRow();
                for (int i = 0; i < columns.Length; i++) Write(rowsOut, row, i, columns[i], isNull: row.Integer(columns.Length + i) != 0);
                rows++;
                return true;
            });
            rowsOut.Complete();
        });
        return rows;
    }

    private static string Nulls(string[] columns) => string.Concat(columns.Select(static column => $", {column} IS NULL"));

    private static void Write(NpgsqlBinaryImporter rows, Statement row, int index, string column, bool isNull)
    {
        if (isNull) rows.WriteNull();
        else if (Texts.Contains(column)) rows.Write(row.Text(index), NpgsqlDbType.Text);
        else if (Integers.Contains(column)) rows.Write(row.Integer(index), NpgsqlDbType.Bigint);
        else rows.Write(row.Bytes(index).ToArray(), NpgsqlDbType.Bytea);
    }

    /// <summary>Entries lie in two tables there, and what expires in one hour together.</summary>
    private static long CopyEntries(Database old, PostgresDatabase into)
    {
        foreach (long hour in old.Prepare("SELECT DISTINCT expires_hour FROM entries").Start().All(static row => row.Integer(0)))
            into.Execute(PostgresSchema.Partition(hour));
        string[] narrow = ["log", "position", "id", "kind", "expires_hour", "size"], wide = ["log", "position", "expires_hour", "bytes"];
        return CopyFrom(old, into, "entries", narrow, "SELECT log, position, id, kind, expires_hour, length(bytes) FROM entries ORDER BY arrival") +
            CopyFrom(old, into, "contents", wide, "SELECT log, position, expires_hour, bytes FROM entries ORDER BY arrival");
    }

    private static long CopyFrom(Database old, PostgresDatabase into, string table, string[] columns, string query)
    {
        long rows = 0;
        PostgresDatabase.Guard(() =>
        {
            using var rowsOut = into.Connection.BeginBinaryImport(string.Create(
                CultureInfo.InvariantCulture, $"COPY {table} ({string.Join(", ", columns)}) FROM STDIN (FORMAT BINARY)"));
            old.Prepare(query).Start().Each(row =>
            {
                rowsOut.StartRow();
                for (int i = 0; i < columns.Length; i++) Write(rowsOut, row, i, columns[i], isNull: false);
                rows++;
                return true;
            });
            rowsOut.Complete();
        });
        return rows;
    }
}
