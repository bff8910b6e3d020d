using System.Buffers;

namespace Holdfast.Server.Connections;

/// <summary>What leaves in one write: WebSocket frames one behind the other, or one that is too large to be copied.</summary>
/// <param name="Buffer">Lent, until it is written.</param>
/// <param name="Length">How much of the buffer is used.</param>
/// <param name="Large">What goes behind it.</param>
/// <param name="ContentBytes">How many bytes of it are contents of frames.</param>
internal readonly record struct Parcel(byte[] Buffer, int Length, ReadOnlyMemory<byte> Large, int ContentBytes)
{
    /// <summary>Writes it, once.</summary>
    public async ValueTask WriteAsync(Stream stream, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(Buffer.AsMemory(0, Length), cancellationToken);
            if (Large.Length > 0) await stream.WriteAsync(Large, cancellationToken);
        }
        finally { ArrayPool<byte>.Shared.Return(Buffer); }
    }
}
