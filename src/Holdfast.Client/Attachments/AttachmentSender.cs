using System.Security.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>Encrypts a file on its way to the server: while one piece travels the next is read, and no more than that is in memory.</summary>
/// <param name="engine">The engine.</param>
/// <param name="progress">Told of bytes done and bytes in all.</param>
internal sealed class AttachmentSender(SyncEngine engine, Func<ulong, ulong, Task> progress)
{
    private const int PieceBytes = 64 * AttachmentFormat.SealedChunkBytes;

    internal async Task<(AttachmentInfo Info, AttachmentPointer Pointer)> UploadAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = Open(path);
        ulong size = (ulong)file.Length, blobSize = AttachmentFormat.BlobSize(size);
        if (blobSize > (ulong)ProtocolLimits.BlobBytes) throw Unfit($"The file is too large: at most {ProtocolLimits.BlobBytes >> 30} GiB can be sent. Send it in parts.");
        string name = SafeFileName.Of(Path.GetFileName(path));
        var prepared = await engine.Vault.CallAsync<AttachmentPrepared>(new NewAttachment(), cancellationToken);
        var transfer = new BlobTransfer(engine, prepared.Blob);
        await transfer.CreateAsync(new BlobCreation(blobSize, SHA256.HashData(prepared.DeleteToken.Span), ExpiryBucket.Retention), cancellationToken);
        using var reader = new SealedReader(file, size, prepared.Key, prepared.Blob);
        await UploadAsync(transfer, reader, size, cancellationToken);
        var pointer = new AttachmentPointer(prepared.Blob, prepared.Key, reader.Hash(), blobSize, prepared.DeleteToken);
        return (new AttachmentInfo(name, MediaTypes.Of(name), size), pointer);
    }

    private async Task UploadAsync(BlobTransfer transfer, SealedReader reader, ulong size, CancellationToken cancellationToken)
    {
        byte[] present = new byte[PieceBytes], next = new byte[PieceBytes];
        int length = await ReadAsync(reader, present);
        for (ulong start = 0; length > 0;)
        {
            ulong done = reader.Done;
            var reading = ReadAsync(reader, next);
            try { await transfer.AppendAsync(start, present.AsMemory(0, length), cancellationToken); }
            catch
            {
                await Task.WhenAny(reading);   // it still uses the file
                throw;
            }
            await progress(done, size);
            start += (uint)length;
            length = await reading;
            (present, next) = (next, present);
        }
    }

    /// <summary>Off the engine's scheduler: encrypting keeps a processor busy.</summary>
    private static Task<int> ReadAsync(SealedReader reader, byte[] piece) => Task.Run(() => reader.Read(piece));

    private static FileStream Open(string path)
    {
        if (!Path.IsPathFullyQualified(path)) throw new AttachmentException(AttachmentProblem.Path, "The file's full path is needed.");
        if (Directory.Exists(path)) throw Unfit("This is a folder: send its files one by one, or an archive.");
        if (!OrdinaryFile.Is(path)) throw Unfit("This is a pipe or a device: write what comes from it to a file, and send that.");
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, AttachmentFormat.ChunkBytes, FileOptions.SequentialScan);
    }

    private static AttachmentException Unfit(string reason) => new(AttachmentProblem.Unfit, reason);
}
