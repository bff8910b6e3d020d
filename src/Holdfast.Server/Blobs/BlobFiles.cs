using System.Collections.Concurrent;
using System.IO.Pipelines;
using Holdfast.Protocol;
using Holdfast.Server.Storage;

namespace Holdfast.Server.Blobs;

/// <summary>A file of a blob.</summary>
/// <param name="Blob">Its name.</param>
/// <param name="Length">How many bytes are there.</param>
/// <param name="LastDay">The day on which the last came.</param>
internal sealed record BlobFile(BlobId Blob, long Length, long LastDay);

/// <summary>
/// The bytes of blobs, one file each under its random name. File times are set back to the day; the time of a file's last
/// change of status cannot be set, so a seized disk may still tell when a blob came, and never whose it is.
/// </summary>
internal sealed class BlobFiles(string folder, TimeProvider clock) : IBlobContents
{
    private readonly ConcurrentDictionary<BlobId, bool> _appending = [];

    /// <inheritdoc/>
    public ValueTask<long> LengthAsync(BlobId blob, CancellationToken cancellationToken) => ValueTask.FromResult(Length(blob));

    /// <inheritdoc/>
    public ValueTask<Stream> OpenReadAsync(BlobId blob, CancellationToken cancellationToken) => ValueTask.FromResult<Stream>(OpenRead(blob));

    /// <inheritdoc/>
    public ValueTask DeleteAsync(BlobId blob, CancellationToken cancellationToken)
    {
        Delete(blob);
        return ValueTask.CompletedTask;
    }

    /// <summary>How many bytes of a blob are there.</summary>
    public long Length(BlobId blob)
    {
        var file = new FileInfo(PathOf(blob));
        return file.Exists ? file.Length : 0;
    }

    /// <summary>Opens a blob for reading.</summary>
    public FileStream OpenRead(BlobId blob) => new(
        PathOf(blob), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1, FileOptions.Asynchronous);

    /// <inheritdoc/>
    public async Task<long> AppendAsync(BlobId blob, BlobRow row, long offset, PipeReader source, CancellationToken cancellationToken)
    {
        if (!_appending.TryAdd(blob, true)) throw new RefusalException(RefusalCode.BlobConflict);
        try
        {
            if (Length(blob) != offset) throw new RefusalException(RefusalCode.BlobConflict);
            using (var file = Guard(() => OpenAppend(blob)))
            {
                try
                {
                    try { await CopyAsync(source, file, row.Size - offset, cancellationToken); }
                    finally { Guard(() => DiskSync.Wait(file)); }   // of a broken transfer, too
                }
                catch (Exception failed) when (failed is RefusalException or StorageException)
                {
                    Guard(() => file.SetLength(offset));   // nothing half done, and nothing of which it is not known whether it is on disk
                    throw;
                }
            }
            return Length(blob);
        }
        finally
        {
            RoundTimes(PathOf(blob));
            _appending.TryRemove(blob, out _);
        }
    }

    /// <summary>Every file there is, whether or not anything is known of it.</summary>
    public IEnumerable<BlobFile> All() =>
        from file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories)
        let blob = BlobId.Parse(file.Name)
        where blob is not null
        select new BlobFile(blob.Value, file.Length, new DateTimeOffset(file.LastWriteTimeUtc).ToUnixTimeSeconds() / 86_400);

    /// <summary>Deletes the bytes; none there is no matter.</summary>
    public void Delete(BlobId blob)
    {
        string path = PathOf(blob);
        if (!File.Exists(path)) return;
        File.Delete(path);
        RoundTimes(Path.GetDirectoryName(path)!);
    }

    /// <summary>Whether a failure says that the disk is full or over quota.</summary>
    public static bool IsDiskFull(Exception failure)
    {
        const int NoSpace = 28, OverQuota = 122, WindowsDiskFull = unchecked((int)0x80070070);
        return failure is IOException { HResult: NoSpace or OverQuota or WindowsDiskFull };
    }

    private static async Task CopyAsync(PipeReader source, FileStream file, long room, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await source.ReadAsync(cancellationToken);
            try
            {
                room -= read.Buffer.Length;
                if (room < 0) throw new RefusalException(RefusalCode.BlobConflict);
                try { foreach (var part in read.Buffer) await file.WriteAsync(part, CancellationToken.None); }
                catch (IOException failure) { throw Failure(failure); }
            }
            finally { source.AdvanceTo(read.Buffer.End); }
            if (read.IsCompleted) return;
        }
    }

    private static void Guard(Action action) => Guard(() =>
    {
        action();
        return true;
    });

    /// <summary>Does something with a file; what its disk refuses leaves as a <see cref="StorageException"/>.</summary>
    private static T Guard<T>(Func<T> action)
    {
        try { return action(); }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException) { throw Failure(failure); }
    }

    private static StorageException Failure(Exception failure) => IsDiskFull(failure)
        ? new StorageException("file", "the disk is full", failure) { Advice = StorageException.MakeRoom }
        : new StorageException("file", "the disk fails or takes no writes", failure) { Advice = StorageException.LookAfterDisk };

    private FileStream OpenAppend(BlobId blob)
    {
        string path = PathOf(blob);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions
        {
            Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 1, Options = FileOptions.Asynchronous,
        };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    private void RoundTimes(string path)
    {
        var day = clock.GetUtcNow().UtcDateTime.Date;
        if (File.Exists(path))
        {
            File.SetLastWriteTimeUtc(path, day);
            File.SetLastAccessTimeUtc(path, day);
            path = Path.GetDirectoryName(path)!;
        }
        if (Directory.Exists(path)) Directory.SetLastWriteTimeUtc(path, day);
    }

    private string PathOf(BlobId blob)
    {
        string name = blob.ToString();
        return Path.Combine(folder, name[..2], name);
    }
}
