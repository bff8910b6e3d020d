using Holdfast.Protocol;

namespace Holdfast.Server.Blobs;

/// <summary>Reads a blob part by part, from any place on.</summary>
internal sealed class PostgresBlobStream(PostgresBlobs blobs, BlobId blob, long length) : Stream
{
    private long _start;
    private byte[] _part = [];

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => true;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => length;

    /// <inheritdoc/>
    public override long Position { get; set; }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position >= length || buffer.IsEmpty) return 0;
        if (Position < _start || Position >= _start + _part.Length) (_start, _part) = await blobs.PartAsync(blob, Position, cancellationToken);
        int offset = (int)(Position - _start), taken = Math.Min(buffer.Length, _part.Length - offset);
        if (taken <= 0) throw new IOException("the blob has gone");
        _part.AsSpan(offset, taken).CopyTo(buffer.Span);
        Position += taken;
        return taken;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("blobs are read as they are sent");

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => length + offset,
    };

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
