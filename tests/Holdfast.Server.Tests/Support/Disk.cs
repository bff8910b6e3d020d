using Holdfast.Server.Storage;

namespace Holdfast.Server.Tests.Support;

/// <summary>A stopped server's disk, as whoever seized it sees it.</summary>
internal static class Disk
{
    public static long Count(ServerOptions options, string table)
    {
        using var database = Database.Open(options.DatabaseFile);
        return database.Scalar($"SELECT count(*) FROM {table}");
    }

    public static bool Contains(ServerOptions options, ReadOnlySpan<byte> bytes)
    {
        foreach (string file in Directory.EnumerateFiles(options.Data, "*", SearchOption.AllDirectories))
            if (File.ReadAllBytes(file).AsSpan().IndexOf(bytes) >= 0) return true;
        return false;
    }
}
