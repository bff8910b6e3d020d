using Holdfast.Cryptography;

namespace Holdfast.Vault.Pages;

/// <summary>
/// The files of one store: the main file, the write-ahead log beside it while the store is open, and the page list. They are
/// checked against each other before SQLite sees a byte.
/// </summary>
internal sealed class StoreFiles : IDisposable
{
    private readonly StoreKeys _keys;
    private readonly PageListFile _list;

    private StoreFiles(string path, RandomSource random, StoreKeys keys, PageListFile list, SealedLog log, SealedMainFile main)
    {
        (MainPath, LogPath, Random) = (path, path + LogEnding, random);
        (_keys, _list, Log, Main) = (keys, list, log, main);
        RecordKey = keys.Records();
    }

    /// <summary>What the names of the other two end with.</summary>
    internal const string LogEnding = "-wal", ListEnding = "-pages";

    internal string MainPath { get; }

    internal string LogPath { get; }

    internal RandomSource Random { get; }

    /// <summary>The key of records that are sealed once more, under their pages.</summary>
    internal Secret RecordKey { get; }

    internal SealedMainFile Main { get; }

    internal SealedLog Log { get; }

    /// <summary>Whether nothing can be read or written any more.</summary>
    internal bool IsClosed { get; private set; }

    /// <summary>What went wrong under SQLite's last call.</summary>
    internal Exception? Failure { get; set; }

    /// <summary>Whether the database is to be made.</summary>
    internal bool IsEmpty => _list.Pages.Count == 0 && !Log.HasFrames;

    /// <summary>Opens the files, or makes them where there are none.</summary>
    /// <exception cref="StoreDamage">One of them is missing, was altered, or is not of the others' time.</exception>
    /// <exception cref="WrongStoreFile">They are not this key's, or of another version.</exception>
    /// <exception cref="IOException">Another process has them.</exception>
    internal static StoreFiles Open(Disk disk, string path, Secret storeKey, RandomSource random)
    {
        bool isNew = !disk.Exists(path);
        if (isNew && disk.Exists(path + ListEnding)) throw new StoreDamage(path, "a file is missing");
        var file = isNew ? disk.Create(path) : disk.Open(path);
        StoreKeys? keys = null;
        PageListFile? list = null;
        SealedLog? log = null;
        try
        {
            file.Lock();
            byte[] header = isNew ? Found(file, storeKey, random) : Header(path, file, storeKey);
            keys = new StoreKeys(storeKey, FileHeader.IdentityIn(header));
            list = isNew ? PageListFile.Create(disk, path + ListEnding, keys, random) : PageListFile.Open(disk, path + ListEnding, keys, random);
            if (isNew)
            {
                disk.Delete(path + LogEnding);   // of a store that is no more
                disk.SyncNames(path);
            }
            log = SealedLog.Open(disk, path + LogEnding, keys, random, list);
            if (list.Pages.Count == 0 && !log.HasFrames && file.Length > FileHeader.Bytes) throw list.Torn();   // it would be taken for a new store
            return new StoreFiles(path, random, keys, list, log, new SealedMainFile(path, file, new PageCipher(keys.Pages(), random), list, log));
        }
        catch
        {
            log?.Dispose();
            list?.Dispose();
            keys?.Dispose();
            file.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        IsClosed = true;
        Log.Dispose();
        Main.Dispose();
        _list.Dispose();
        _keys.Dispose();
        RecordKey.Dispose();
    }

    private static byte[] Found(DiskFile file, Secret storeKey, RandomSource random)
    {
        byte[] header = FileHeader.Create(storeKey, random);
        file.Write(header, 0);
        file.Sync();
        return header;
    }

    private static byte[] Header(string path, DiskFile file, Secret storeKey)
    {
        var header = new byte[FileHeader.Bytes];
        int read = file.Read(header, 0);
        FileHeader.Check(path, header.AsSpan(0, read), storeKey);
        return header;
    }
}
