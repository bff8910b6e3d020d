using System.Security.Cryptography.X509Certificates;
using Holdfast.Server.Blobs;
using Holdfast.Server.Certificates;
using Holdfast.Server.Keeping;
using Holdfast.Server.Logs;
using Holdfast.Server.Storage;
using Holdfast.Server.Storage.Sqlite;

namespace Holdfast.Server;

/// <summary>The one folder that holds all a server has; one server at a time.</summary>
internal sealed class DataFolder : Home
{
    private const string LockFile = "lock";
    private const int Failing = 5, ReadOnlyFiles = 30;   // EIO, EROFS

    private readonly FileStream _lock;
    private readonly ServerOptions _options;
    private readonly RecentEntries _recent;

    private DataFolder(FileStream held, ServerOptions options, SqliteDatabase database, TimeProvider clock)
    {
        (_lock, _options, _recent, Database) = (held, options, database.Posts.Recent, database);
        Blobs = new BlobFiles(options.BlobFolder, clock);
    }

    /// <inheritdoc/>
    public override SqliteDatabase Database { get; }

    /// <inheritdoc/>
    public override BlobFiles Blobs { get; }

    /// <summary>Opens the folder, making what is missing.</summary>
    /// <exception cref="StartupException">It cannot be used; the message says what to do.</exception>
    public static DataFolder OpenFolder(ServerOptions options, TimeProvider clock)
    {
        RefuseMoved(options);
        if (Directory.Exists(Path.Combine(options.Data, Restore.Unfinished)))
            throw new StartupException($"A restore into {options.Data} did not end: empty that folder and restore again.");
        try
        {
            CreatePrivate(options.Data);
            CreatePrivate(options.BlobFolder);
            if (!File.Exists(options.DatabaseFile)) OwnerFile.Write(options.DatabaseFile, "");   // what SQLite makes beside it has its rights
        }
        catch (Exception failure) when (failure is UnauthorizedAccessException or IOException) { throw Explain(failure, options.Data); }
        var held = Lock(options.Data);
        try { return new DataFolder(held, options, OpenAlone(options), clock); }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>The database of a folder that has been used before, whether or not a server is running on it.</summary>
    /// <exception cref="StartupException">It cannot be used; the message says what to do.</exception>
    public static SqliteDatabase OpenExisting(ServerOptions options)
    {
        if (File.Exists(options.DatabaseFile)) return OpenDatabase(options, IsServed(options.Data));
        try { _ = Directory.Exists(options.Data) && Directory.EnumerateFileSystemEntries(options.Data).Any(); }
        catch (UnauthorizedAccessException)
        {
            throw new StartupException($"This user may not look into {options.Data}: run it as the server's user.");
        }
        throw new StartupException($"There is no server's data in {options.Data}: start the server there first, or name its folder with --data.");
    }

    /// <summary>Two servers with one key would each say their own: what has been moved stays where it was moved to.</summary>
    /// <exception cref="StartupException">It has been moved.</exception>
    public static void RefuseMoved(ServerOptions options)
    {
        if (!File.Exists(options.MovedFile)) return;
        throw new StartupException($"What {options.Data} had was moved to PostgreSQL: run the server with --database. " +
            $"(To go back on that delete {options.MovedFile}: what came since is not there.)");
    }

    /// <summary>What went wrong with the folder, as a sentence that says what to do.</summary>
    public static StartupException Explain(Exception failure, string folder) => failure switch
    {
        _ when BlobFiles.IsDiskFull(failure) => new($"The disk that holds {folder} is full: make room and start again."),
        RefusalException => new($"The disk that holds {folder} is full or failing: make room or replace it, and start again."),
        IOException { HResult: Failing or ReadOnlyFiles } =>
            new($"The disk that holds {folder} fails or takes no writes: look after it (dmesg says why), and start again."),
        UnauthorizedAccessException => new($"The data folder {folder} cannot be written: give this user the right to, or choose another with --data."),
        _ => new($"The data folder {folder} cannot be used: choose another with --data."),
    };

    /// <inheritdoc/>
    public override SqliteDatabase Connect() => SqliteDatabase.OpenFile(_options.DatabaseFile, _recent);

    /// <inheritdoc/>
    public override X509Certificate2 Certificate(TimeProvider clock) => ServerCertificate.Load(_options, clock);

    /// <inheritdoc/>
    public override StartupException Explain(Exception failure) => Explain(failure, _options.Data);

    /// <inheritdoc/>
    public override void Dispose()
    {
        Database.Dispose();
        _lock.Dispose();
    }

    /// <summary>Also where it was there, for others to enter. One that belongs to everybody, such as /tmp, stays as it is.</summary>
    private static void CreatePrivate(string path)
    {
        const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }
        var mode = Directory.CreateDirectory(path, Own).UnixFileMode;
        if ((mode & ~Own) == 0 || mode.HasFlag(UnixFileMode.StickyBit)) return;
        try { File.SetUnixFileMode(path, mode & Own); }
        catch (UnauthorizedAccessException) { return; }   // it is another user's, who says who enters
    }

    private static FileStream Lock(string folder)
    {
        string path = Path.Combine(folder, LockFile);
        try { return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1); }
        catch (UnauthorizedAccessException denied) { throw Explain(denied, folder); }
        catch (IOException taken) when (IsTaken(taken))
        {
            throw new StartupException($"Another server is running on {folder}: stop it, or choose another folder with --data.");
        }
        catch (IOException failure) { throw Explain(failure, folder); }
    }

    /// <summary>Whether a server is running on a folder.</summary>
    private static bool IsServed(string folder)
    {
        string path = Path.Combine(folder, LockFile);
        if (!File.Exists(path)) return false;
        try
        {
            using var free = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None, bufferSize: 1);
            return false;
        }
        catch (IOException taken) when (IsTaken(taken)) { return true; }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException) { return false; }   // whoever opens the database says what is wrong
    }

    /// <summary>Whether somebody else holds the file, on Linux, on macOS or on Windows.</summary>
    private static bool IsTaken(IOException failure)
    {
        const int WouldBlock = 11, MacWouldBlock = 35, SharingViolation = unchecked((int)0x80070020);
        return failure.HResult is WouldBlock or MacWouldBlock or SharingViolation;
    }

    /// <summary>
    /// The database of a folder that no server is running on. What one that ended without notice has left is put in order, and on the disk, before
    /// anything is answered that rests on it.
    /// </summary>
    private static SqliteDatabase OpenAlone(ServerOptions options)
    {
        var database = OpenDatabase(options);
        try
        {
            database.Checkpoint(empty: true);   // where a sync failed, it may be in memory alone; a backup that is reading puts that off
            SqliteSchema.Recover(database);
            return database;
        }
        catch (StorageException failure)
        {
            database.Dispose();
            throw Sentence(failure, options);
        }
    }

    private static SqliteDatabase OpenDatabase(ServerOptions options, bool isServed = false)
    {
        SqliteDatabase? database = null;
        try
        {
            database = Storage.Database.Open(options.DatabaseFile);
            SqliteSchema.Ensure(database, isServed);
            return database;
        }
        catch (StorageException failure)
        {
            database?.Dispose();
            throw Sentence(failure, options);
        }
        catch (StartupException)
        {
            database?.Dispose();
            throw;
        }
    }

    private static StartupException Sentence(StorageException failure, ServerOptions options)
    {
        const int CannotOpen = 14, ReadOnly = 8, NotADatabase = 26, Full = 13, DiskError = 10, Corrupt = 11;
        return (failure.SqliteCode & 0xff) switch
        {
            NotADatabase => new($"{options.DatabaseFile} is not a Holdfast database: choose an empty folder with --data."),
            Full => new($"The disk that holds {options.Data} is full: make room and start again."),
            CannotOpen or ReadOnly => Explain(new UnauthorizedAccessException(), options.Data),
            DiskError => new($"The disk that holds {options.Data} is full or failing: make room or replace it, and start again."),
            Corrupt => new(
                $"{options.DatabaseFile} is damaged, or its disk fails: look after the disk and start again; if that ends the same way, restore a backup."),
            _ => new($"The database in {options.Data} cannot be opened: {failure.Message}."),
        };
    }
}
