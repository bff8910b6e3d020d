using System.Globalization;
using Holdfast.Protocol;
using Holdfast.Server.Blobs;
using Holdfast.Server.Storage;

namespace Holdfast.Server.Keeping;

/// <summary>
/// Copies a server's folder while the server runs, or while it does not: the database as it was at one moment, the bytes of the blobs that this names, and
/// the certificate where the server made its own.
/// </summary>
internal static class Backup
{
    /// <summary>The database's name within a backup and a folder.</summary>
    public const string DatabaseFile = "holdfast.db";

    /// <summary>The certificate and its key.</summary>
    public static readonly IReadOnlyList<string> Certificate = ["tls.crt", "tls.key"];

    /// <summary>Makes a backup; returns how many blobs are in it, and how many bytes it has.</summary>
    /// <exception cref="StartupException">It could not be made; nothing is left of it.</exception>
    public static (int Blobs, long Bytes) Make(ServerOptions options, string path)
    {
        if (Path.Exists(path)) throw new StartupException($"{path} is there already: choose another name.");
        if (path.StartsWith(Path.TrimEndingDirectorySeparator(options.Data) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new StartupException("Not into the data folder: it is lost with it.");
        string folder = Path.GetDirectoryName(path)!, work = Path.Combine(folder, $".{Path.GetFileName(path)}.{Environment.ProcessId}.part");
        try
        {
            if (!Directory.Exists(folder)) throw new StartupException($"There is no folder {folder}: make it, or choose another one.");
            CreatePrivate(work);
            return Make(options, path, work);
        }
        catch (StorageException failure) when ((failure.SqliteCode & 0xff) is 13 or 10)   // full; failing
        {
            throw new StartupException($"The disk that {path} was to be written to is full or failing: make room, or choose another one.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StartupException(BlobFiles.IsDiskFull(failure)
                ? $"The disk that {path} was to be written to is full: make room, or choose another one."
                : $"The backup could not be written to {path}: {Reason(failure)}.");
        }
        finally
        {
            if (Directory.Exists(work)) Directory.Delete(work, recursive: true);
        }
    }

    private static (int Blobs, long Bytes) Make(ServerOptions options, string path, string work)
    {
        string copy = Path.Combine(work, DatabaseFile), part = Path.Combine(work, "backup");
        using (var database = DataFolder.OpenExisting(options)) Copy(database, copy);
        int blobs = 0;
        using (var writer = new BackupFile.Writer(part))
        {
            AddFile(writer, DatabaseFile, copy);
            foreach (string file in Certificate)
                if (Path.Combine(options.Data, file) is var own && File.Exists(own)) AddFile(writer, file, own);
            foreach (var (blob, size) in BlobsOf(copy)) blobs += AddBlob(writer, options, blob, size) ? 1 : 0;
            writer.Complete();
        }
        long bytes = new FileInfo(part).Length;
        File.Move(part, path, overwrite: false);
        return (blobs, bytes);
    }

    /// <summary>On a connection of its own, which reads one state from beginning to end: the writer goes on beside it. What was deleted is not in the copy.</summary>
    private static void Copy(Database database, string path)
    {
        var into = database.Prepare("VACUUM INTO $1");
        into.Start().With(path).Run();
    }

    private static List<(BlobId Blob, long Size)> BlobsOf(string copy)
    {
        using var database = Database.Open(copy);
        return database.Prepare("SELECT id, size FROM blobs").Start().All(static row => (BlobId.Of(row.Bytes(0)), row.Integer(1)));
    }

    /// <summary>As much of it as there is by now: an upload goes on where it was. One that has expired since is left out.</summary>
    private static bool AddBlob(BackupFile.Writer writer, ServerOptions options, BlobId blob, long size)
    {
        var files = new BlobFiles(options.BlobFolder, TimeProvider.System);
        try
        {
            using var content = files.OpenRead(blob);
            writer.Add(NameOf(blob), content, Math.Min(content.Length, size));
            return true;
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException) { return false; }
    }

    private static void AddFile(BackupFile.Writer writer, string name, string path)
    {
        using var content = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        writer.Add(name, content, content.Length);
    }

    private static string NameOf(BlobId blob) => string.Create(CultureInfo.InvariantCulture, $"blobs/{blob.ToString()[..2]}/{blob}");

    private static void CreatePrivate(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static string Reason(Exception failure) => failure switch
    {
        EndOfStreamException => "a file became shorter while it was copied, so try again",
        UnauthorizedAccessException => "this user may not",
        _ => "the system refuses it",
    };
}
