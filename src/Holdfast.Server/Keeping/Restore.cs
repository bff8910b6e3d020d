using System.Text.RegularExpressions;
using Holdfast.Cryptography;
using Holdfast.Server.Storage;
using Holdfast.Server.Storage.Sqlite;

namespace Holdfast.Server.Keeping;

/// <summary>
/// Makes a folder from a backup. Everything is verified before anything is written, and stands in a folder beside until all of it is there; the database
/// comes last, so that a server never begins on half of it.
/// </summary>
internal static partial class Restore
{
    /// <summary>Where it is made ready, within the new folder. A server does not start on a folder that has it.</summary>
    public const string Unfinished = "restoring";

    /// <summary>Restores a backup.</summary>
    /// <exception cref="StartupException">The backup or the folder is not what it should be.</exception>
    public static void Make(ServerOptions options, string path, TimeProvider clock)
    {
        if (Directory.Exists(options.Data) && Directory.EnumerateFileSystemEntries(options.Data).Any())
            throw new StartupException($"There is something in {options.Data}: restore into a new or empty folder, and move that one out of the way.");
        string work = Path.Combine(options.Data, Unfinished);
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            BackupFile.Verify(file, path);
            CreatePrivate(options.Data);
            CreatePrivate(work);
            BackupFile.Extract(file, name => Create(work, name, path));
            foreach (var part in new DirectoryInfo(work).EnumerateFiles("*", SearchOption.AllDirectories)) part.LastWriteTimeUtc = clock.GetUtcNow().UtcDateTime.Date;
            StepOn(options with { Data = work }, path);
            MoveUp(work, options.Data);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or StorageException or StartupException)
        {
            if (Directory.Exists(work)) Directory.Delete(work, recursive: true);
            throw failure switch
            {
                StartupException known => known,
                FileNotFoundException or DirectoryNotFoundException => new StartupException($"There is no backup {path}."),
                StorageException => new StartupException($"The disk that holds {options.Data} is full or failing: make room, and restore again."),
                _ => DataFolder.Explain(failure, options.Data),
            };
        }
    }

    private static void StepOn(ServerOptions options, string path)
    {
        using var database = DataFolder.OpenExisting(options);
        if (database.Prepare("PRAGMA quick_check").Start().First(static row => row.Text(0)) != "ok")
            throw new StartupException($"The database in the backup {path} is damaged: take another backup.");
        SqliteSchema.Recover(database);
        using var stores = new Stores(database, RandomSource.System);
        SteppedBack.Mend(database, stores);
        if (!database.Checkpoint(empty: true)) throw new StartupException($"Something else has {options.Data} open: restore again.");   // only the file is moved
    }

    /// <summary>A backup names these files and no others, whoever wrote it.</summary>
    private static OnDisk Create(string work, string name, string path)
    {
        if (name != Backup.DatabaseFile && !Backup.Certificate.Contains(name) && !BlobName().IsMatch(name))
            throw new StartupException($"The backup {path} has a file in it that is not a server's: take another backup.");
        string place = Path.Combine(work, name);
        CreatePrivate(Path.GetDirectoryName(place)!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 1 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new OnDisk(place, options);
    }

    private static void MoveUp(string work, string data)
    {
        string blobs = Path.Combine(work, "blobs");
        if (Directory.Exists(blobs)) Directory.Move(blobs, Path.Combine(data, "blobs"));
        foreach (string file in Backup.Certificate.Append(Backup.DatabaseFile))
            if (File.Exists(Path.Combine(work, file))) File.Move(Path.Combine(work, file), Path.Combine(data, file));
        Directory.Delete(work, recursive: true);
    }

    /// <summary>Its owner's alone, also where there was an empty one that others could enter.</summary>
    private static void CreatePrivate(string folder)
    {
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else if (Directory.Exists(folder)) File.SetUnixFileMode(folder, Owner);
        else Directory.CreateDirectory(folder, Owner);
    }

    [GeneratedRegex("^blobs/[0-9a-f]{2}/[0-9a-f]{32}$")]
    private static partial Regex BlobName();

    /// <summary>A file that is on disk when it is closed.</summary>
    private sealed class OnDisk(string path, FileStreamOptions options) : FileStream(path, options)
    {
        /// <inheritdoc/>
        protected override void Dispose(bool disposing)
        {
            if (disposing && CanWrite) DiskSync.Wait(this);
            base.Dispose(disposing);
        }
    }
}
