using Holdfast.Cryptography;
using Holdfast.Vault;
using Holdfast.Vault.Pages;
using Microsoft.Data.Sqlite;

namespace Holdfast.Store.Bench;

/// <summary>The same database through the store's file system, or in the clear; a cache of 64 MB either way.</summary>
internal sealed class Database : IDisposable
{
    private const int CacheKibibytes = 64 << 10;

    private readonly StoreFiles? _files;
    private readonly PageVfs? _vfs;

    internal Database(string folder, bool isSealed)
    {
        string path = Path.Combine(folder, isSealed ? "sealed.db" : "plain.db");
        var target = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false };
        bool isNew = !File.Exists(path);
        if (isSealed)
        {
            using var key = Secret.CopyOf(new byte[32]);
            _files = StoreFiles.Open(Disk.System, path, key, RandomSource.System);
            _vfs = new PageVfs(_files);
            target.Vfs = _vfs.Name;
        }
        Connection = new SqliteConnection(target.ToString());
        SealedStore.Prepare(Connection, isNew, CacheKibibytes, leavesRoom: isSealed);
    }

    internal SqliteConnection Connection { get; }

    internal SqliteCommand Command(string text, params ReadOnlySpan<string> parameters)
    {
        var command = Connection.CreateCommand();
#pragma warning disable CA2100 // constants of this program
        command.CommandText = text;
#pragma warning restore CA2100
        foreach (string name in parameters) command.Parameters.Add(new SqliteParameter { ParameterName = name });
        return command;
    }

    internal void Run(string text)
    {
        using var command = Command(text);
        command.ExecuteNonQuery();
    }

    public void Dispose()
    {
        Connection.Dispose();
        _vfs?.Dispose();
        _files?.Dispose();
    }
}
