using System.Text;
using Holdfast.Cryptography;

namespace Holdfast.Vault.Tests.Pages;

/// <summary>A store on a recorded disk, with every state that it has committed.</summary>
internal sealed class StoreStates : IDisposable
{
    internal const string Path = "/profile/vault.db", LogPath = Path + "-wal", ListPath = Path + "-pages";

    private readonly Random _chance = new(7);
    private readonly SortedDictionary<string, string> _now = new(StringComparer.Ordinal);

    internal StoreStates()
    {
        Store = OpenOn(Disk);
        Created = Disk.Steps.Count;
        Remember();
    }

    internal Secret Key { get; } = Secret.CopyOf(Enumerable.Repeat((byte)7, 32).ToArray());

    internal RecordedDisk Disk { get; } = new();

    internal SealedStore Store { get; private set; }

    /// <summary>How many steps it took to make the store.</summary>
    internal int Created { get; }

    /// <summary>What was in the store after each commit, and how many steps had been done when it was acknowledged.</summary>
    internal List<(string State, int Steps)> States { get; } = [];

    internal SealedStore OpenOn(RecordedDisk disk) => SealedStore.Open(disk, Path, Key, RandomSource.System, 2048);

    /// <summary>One transaction: a few records put, changed, or deleted.</summary>
    internal void Commit(int records, int bytes)
    {
        Store.Change(() =>
        {
            for (int i = 0; i < records; i++)
            {
                string name = $"record {_chance.Next(60)}", value = $"{States.Count} {new string((char)('a' + _chance.Next(26)), _chance.Next(1, bytes))}";
                if (_chance.Next(5) == 0 && _now.Remove(name)) Store.Delete(RecordKind.History, Encoding.UTF8.GetBytes(name));
                else Store.Put(RecordKind.History, Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(_now[name] = value));
            }
            return 0;
        });
        Remember();
    }

    internal void Reopen()
    {
        Store.Dispose();
        Store = OpenOn(Disk);
    }

    /// <summary>Everything in a store; where the files are found to be damaged, the reason instead.</summary>
    internal (string? State, string? Reason) ReadAll(RecordedDisk disk)
    {
        try
        {
            using var store = OpenOn(disk);
            string state = Text(store.ScanAll(RecordKind.History).Select(record => (Encoding.UTF8.GetString(record.Key), Encoding.UTF8.GetString(record.Value))));
            Assert.Equal("ok", store.Check());
            return (state, null);
        }
        catch (VaultException damage)
        {
            return (null, damage.Message);
        }
    }

    public void Dispose()
    {
        Store.Dispose();
        Key.Dispose();
    }

    private static string Text(IEnumerable<(string Key, string Value)> records) => string.Join('\n', records.Select(record => $"{record.Key}={record.Value}"));

    private void Remember() => States.Add((Text(_now.Select(record => (record.Key, record.Value))), Disk.Steps.Count));
}
