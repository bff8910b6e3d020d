using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>Fetches a file into a folder, decrypting it on the way.</summary>
/// <param name="engine">The engine.</param>
/// <param name="progress">Told of bytes done and bytes in all.</param>
internal sealed class AttachmentReceiver(SyncEngine engine, Func<ulong, ulong, Task> progress)
{
    private const int ChunksPerReport = 64;

    internal Task<string> SaveAsync(AttachmentInfo info, AttachmentPointer pointer, string folder, CancellationToken cancellationToken) =>
        Path.IsPathFullyQualified(folder)
            ? ReceivedFile.SaveAsync(folder, info.FileName, engine.Random, file => FetchAsync(file, info, pointer, cancellationToken))
            : throw new AttachmentException(AttachmentProblem.Path, "The folder's full path is needed.");

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
}
