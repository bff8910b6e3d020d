using Holdfast.Server.Storage;
using Holdfast.Server.Storage.Postgres;

namespace Holdfast.Server.Tests.Support;

/// <summary>A stopped server's disk, as whoever seized it sees it.</summary>
internal static class Disk
{
    public static long Count(ServerOptions options, string table)
    {
        using Database database = options.Database is { } address ? new PostgresDatabase(address) : Database.Open(options.DatabaseFile);
        return database.Scalar($"SELECT count(*) FROM {table}");
    }

    /// <summary>How many bytes of blobs there are.</summary>
    public static long BlobBytes(ServerOptions options)
    {
        if (options.Database is null) return Directory.EnumerateFiles(options.BlobFolder, "*", SearchOption.AllDirectories).Sum(static file => new FileInfo(file).Length);
        using var database = new PostgresDatabase(options.Database);
        return database.Scalar("SELECT coalesce(sum(length(bytes)), 0)::bigint FROM blob_parts");
    }

    public static bool Contains(ServerOptions options, ReadOnlySpan<byte> bytes)
    {
        foreach (string file in Directory.EnumerateFiles(options.Data, "*", SearchOption.AllDirectories))
            if (File.ReadAllBytes(file).AsSpan().IndexOf(bytes) >= 0) return true;
        return false;
    }
}
