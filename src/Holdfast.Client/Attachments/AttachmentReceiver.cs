using System.Globalization;
using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>
/// Fetches a file into a folder. It grows under a name of its own, for its owner only, and gets its real name when all of it
/// has been checked; on any failure nothing is left.
/// </summary>
/// <param name="engine">The engine.</param>
/// <param name="progress">Told of bytes done and bytes in all.</param>
internal sealed class AttachmentReceiver(SyncEngine engine, Func<ulong, ulong, Task> progress)
{
    private const int ChunksPerReport = 64, MostNames = 1000;

    internal async Task<string> SaveAsync(AttachmentInfo info, AttachmentPointer pointer, string folder, CancellationToken cancellationToken)
    {
        if (!Path.IsPathFullyQualified(folder)) throw new FaceException(ExitCode.Usage, FaceCode.Invalid, "The folder's full path is needed.");
        string temporary = Path.Combine(folder, $".holdfast-{Convert.ToHexStringLower(engine.Random.PublicBytes(8))}.part");
        try
        {
            await using (var file = Create(temporary)) await FetchAsync(file, info, pointer, cancellationToken);
            return Name(temporary, folder, SafeFileName.Of(info.FileName));
        }
        finally
        {
            File.Delete(temporary);   // there no more where all went well
        }
    }

    private async Task FetchAsync(FileStream file, AttachmentInfo info, AttachmentPointer pointer, CancellationToken cancellationToken)
    {
        using var writer = new OpenedWriter(file, info.Size, pointer);
        var transfer = new BlobTransfer(engine, pointer.Blob);
        ulong before;
        do   // each connection that broke after some progress is followed by another
        {
            before = writer.BlobPosition;
            await transfer.PersistAsync(session => FetchRestAsync(transfer, session, writer, info.Size, cancellationToken), cancellationToken);
        }
        while (writer.NextChunk > 0 && writer.BlobPosition > before);
        writer.Finish();
        file.Flush(flushToDisk: true);
    }

    private async Task FetchRestAsync(
        BlobTransfer transfer, ServerSession session, OpenedWriter writer, ulong size, CancellationToken cancellationToken)
    {
        using var response = await transfer.ReadAsync(session, writer.BlobPosition, cancellationToken);
        await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
        byte[] chunk = new byte[AttachmentFormat.SealedChunkBytes];
        for (int chunks = 1; writer.NextChunk is > 0 and var length; chunks++)
        {
            if (!await TryFillAsync(content, chunk.AsMemory(0, length), cancellationToken)) return;
            await Task.Run(() => writer.Write(chunk.AsSpan(0, length)), CancellationToken.None);
            if (chunks % ChunksPerReport == 0 || writer.NextChunk == 0) await progress(writer.Done, size);
        }
    }

    private static async Task<bool> TryFillAsync(Stream content, Memory<byte> chunk, CancellationToken cancellationToken)
    {
        try { return await content.ReadAtLeastAsync(chunk, chunk.Length, throwOnEndOfStream: false, cancellationToken) == chunk.Length; }
        catch (Exception broken) when (broken is IOException or HttpRequestException) { return false; }
    }

    private static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    /// <summary>A name is taken by making it anew, which follows no link and overwrites nothing; then the file moves over it in one step.</summary>
    private static string Name(string temporary, string folder, string name)
    {
        for (int number = 1; number <= MostNames; number++)
        {
            string path = Path.Combine(folder, SafeFileName.Numbered(name, number));
            try { Create(path).Dispose(); }
            catch (IOException) when (Path.Exists(path) || File.ResolveLinkTarget(path, false) is not null) { continue; }
            File.Move(temporary, path, overwrite: true);
            return path;
        }
        throw new FaceException(ExitCode.Failed, FaceCode.Refused, $"There are {MostNames.ToString(CultureInfo.InvariantCulture)} files of this name in the folder.");
    }
}
