using System.Security.Cryptography;
using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>Turns a blob back into the file, chunk by chunk; anything but exactly what was sealed is refused.</summary>
internal sealed class OpenedWriter : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _chunk = new byte[AttachmentFormat.ChunkBytes];
    private readonly Stream _file;
    private readonly AttachmentPointer _pointer;
    private readonly ulong _size, _padded;
    private ulong _position, _number;

    /// <exception cref="AttachmentException">The sizes do not fit each other.</exception>
    internal OpenedWriter(Stream file, ulong size, AttachmentPointer pointer)
    {
        if (size > (ulong)ProtocolLimits.BlobBytes || pointer.BlobSize != AttachmentFormat.BlobSize(size)) throw Damaged();
        (_file, _size, _pointer, _padded) = (file, size, pointer, AttachmentFormat.PaddedSize(size));
    }

    /// <summary>How much of the file has been written.</summary>
    internal ulong Done => Math.Min(_position, _size);

    /// <summary>Where in the blob the next chunk begins.</summary>
    internal ulong BlobPosition { get; private set; }

    /// <summary>How many bytes the next chunk has; 0 at the end.</summary>
    internal int NextChunk => _position == _padded ? 0 : (int)Math.Min(AttachmentFormat.ChunkBytes, _padded - _position) + Aead.TagSize;

    /// <summary>Opens the next chunk.</summary>
    /// <exception cref="AttachmentException">It is not the chunk that was sealed.</exception>
    internal void Write(ReadOnlySpan<byte> chunk)
    {
        int length = chunk.Length - Aead.TagSize;
        bool last = _position + (uint)length == _padded;
        if (!AttachmentFormat.TryOpen(_pointer.Key.Span, _pointer.Blob, _number++, last, chunk, _chunk.AsSpan(0, length))) throw Damaged();
        _hash.AppendData(chunk);
        _file.Write(_chunk.AsSpan(0, (int)Math.Min((ulong)length, _size - Done)));
        _position += (uint)length;
        BlobPosition += (uint)chunk.Length;
    }

    /// <summary>Checks the whole: all of it is there, and it is what the message named.</summary>
    /// <exception cref="AttachmentException">It is not.</exception>
    internal void Finish()
    {
        if (NextChunk != 0 || !CryptographicOperations.FixedTimeEquals(_hash.GetCurrentHash(), _pointer.Hash.Span)) throw Damaged();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_chunk);
        _hash.Dispose();
    }

    private static AttachmentException Damaged() =>
        new(AttachmentProblem.Damaged, "The file at the server is not what its sender sealed: nothing was saved.");
}
