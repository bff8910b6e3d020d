using System.Security.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>Reads a file as the blob it becomes: piece by piece, never twice, so a file that changes meanwhile cannot make a nonce serve two texts.</summary>
internal sealed class SealedReader(Stream file, ulong size, ReadOnlyMemory<byte> key, BlobId blob) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _chunk = new byte[AttachmentFormat.ChunkBytes];
    private readonly ulong _padded = AttachmentFormat.PaddedSize(size);
    private ulong _position, _number;

    /// <summary>How much of the file has been read.</summary>
    internal ulong Done => Math.Min(_position, size);

    /// <summary>Fills as many whole chunks as fit; 0 at the end.</summary>
    /// <exception cref="AttachmentException">The file has become shorter.</exception>
    internal int Read(Span<byte> piece)
    {
        int filled = 0;
        while (_position < _padded && piece.Length - filled >= AttachmentFormat.SealedChunkBytes) filled += ReadChunk(piece[filled..]);
        _hash.AppendData(piece[..filled]);
        return filled;
    }

    /// <summary>SHA-256 of all that was read.</summary>
    internal byte[] Hash() => _hash.GetCurrentHash();

    /// <inheritdoc/>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_chunk);
        _hash.Dispose();
    }

    private int ReadChunk(Span<byte> output)
    {
        int length = (int)Math.Min(AttachmentFormat.ChunkBytes, _padded - _position);
        int content = (int)Math.Min((ulong)length, size - Math.Min(size, _position));
        if (file.ReadAtLeast(_chunk.AsSpan(0, content), content, throwOnEndOfStream: false) < content)
            throw new AttachmentException(AttachmentProblem.Refused, "The file became shorter while it was read: send it once nothing writes to it any more.");
        _chunk.AsSpan(content, length - content).Clear();
        _position += (uint)length;
        int written = length + Cryptography.Aead.TagSize;
        AttachmentFormat.Seal(key.Span, blob, _number++, _position == _padded, _chunk.AsSpan(0, length), output[..written]);
        return written;
    }
}
