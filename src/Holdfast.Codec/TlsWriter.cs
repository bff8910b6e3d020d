using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Holdfast.Codec;

/// <summary>Writes the TLS presentation language as RFC 9420 §2.1 extends it, always in its shortest form.</summary>
/// <param name="capacity">How many bytes it has room for before it grows.</param>
/// <param name="pinned">Whether the garbage collector must not move, and so copy, what is written: for secrets that stay a while.</param>
public sealed class TlsWriter(int capacity = 256, bool pinned = false) : IDisposable
{
    /// <summary>RFC 9420 §2.1.2: the longest vector, in bytes.</summary>
    public const int MaxLength = (1 << 30) - 1;

    private byte[] _buffer = Rent(capacity, pinned);
    private int _length;

    /// <summary>How many bytes have been written.</summary>
    public int Length => _length;

    /// <summary>What has been written so far; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>A copy of what has been written.</summary>
    public byte[] ToArray() => Written.ToArray();

    /// <summary>Writes a <c>uint8</c>.</summary>
    public void WriteUInt8(byte value) => Grow(1)[0] = value;

    /// <summary>Writes a <c>uint16</c>.</summary>
    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Grow(2), value);

    /// <summary>Writes a <c>uint32</c>.</summary>
    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Grow(4), value);

    /// <summary>Writes a <c>uint64</c>.</summary>
    public void WriteUInt64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Grow(8), value);

    /// <summary>Writes bytes without a length.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Grow(bytes.Length));

    /// <summary>RFC 9420 §2.1.2: a vector's length in bytes.</summary>
    public void WriteLength(int length) => WriteLength(Grow(LengthSize(length)), length);

    /// <summary>Writes <c>opaque&lt;V&gt;</c>.</summary>
    public void WriteOpaque(ReadOnlySpan<byte> bytes)
    {
        WriteLength(bytes.Length);
        WriteBytes(bytes);
    }

    /// <summary>Writes text as <c>opaque&lt;V&gt;</c> of UTF-8.</summary>
    /// <exception cref="ArgumentException">The text has half a surrogate pair, which UTF-8 cannot say.</exception>
    public void WriteText(string text) => WriteOpaque(Tls.StrictUtf8.GetBytes(text));

    /// <summary>Writes one structure.</summary>
    public void Write<T>(T value) where T : ITlsStruct<T> => value.Encode(this);

    /// <summary>RFC 9420 §2.1.1: the presence octet of an <c>optional&lt;T&gt;</c>.</summary>
    public void WritePresence(bool present) => WriteUInt8(present ? (byte)1 : (byte)0);

    /// <summary>Writes <c>optional&lt;T&gt;</c>.</summary>
    public void WriteOptional<T>(T? value) where T : class, ITlsStruct<T>
    {
        WritePresence(value is not null);
        value?.Encode(this);
    }

    /// <summary>Writes <c>optional&lt;T&gt;</c> of text.</summary>
    /// <exception cref="ArgumentException">The text has half a surrogate pair, which UTF-8 cannot say.</exception>
    public void WriteOptionalText(string? text)
    {
        WritePresence(text is not null);
        if (text is not null) WriteText(text);
    }

    /// <summary>Writes <c>T&lt;V&gt;</c>.</summary>
    public void WriteVector<T>(IEnumerable<T> items) where T : ITlsStruct<T> =>
        WriteVector(items, static (writer, item) => item.Encode(writer));

    /// <summary>Writes a vector whose elements <paramref name="encode"/> writes one by one.</summary>
    public void WriteVector<T>(IEnumerable<T> items, Action<TlsWriter, T> encode)
    {
        int start = _length;
        foreach (T item in items) encode(this, item);
        PrefixLength(start);
    }

    /// <summary>Makes what was written since <paramref name="start"/> a vector by putting its length before it.</summary>
    public void PrefixLength(int start)
    {
        int length = _length - start, size = LengthSize(length);
        Grow(size);
        _buffer.AsSpan(start, length).CopyTo(_buffer.AsSpan(start + size));
        WriteLength(_buffer.AsSpan(start, size), length);
    }

    /// <summary>Writes bytes that the caller fills in; the span is valid until the next write.</summary>
    public Span<byte> Reserve(int count) => Grow(count);

    /// <summary>Takes back, and wipes, what was written since there were <paramref name="length"/> bytes.</summary>
    public void Truncate(int length)
    {
        CryptographicOperations.ZeroMemory(_buffer.AsSpan(length, _length - length));
        _length = length;
    }

    /// <summary>Wipes what was written and gives the memory back; what <see cref="Written"/> gave is then gone.</summary>
    public void Dispose()
    {
        Return(_buffer, _length, pinned);
        (_buffer, _length) = ([], 0);
    }

    private static int LengthSize(int length) => length switch
    {
        < 0 or > MaxLength =>
            throw new ArgumentOutOfRangeException(nameof(length), "RFC 9420 §2.1.2: a vector has fewer than 2^30 bytes"),
        < 1 << 6 => 1,
        < 1 << 14 => 2,
        _ => 4,
    };

    private static void WriteLength(Span<byte> target, int length)
    {
        switch (target.Length)
        {
            case 1: target[0] = (byte)length; break;
            case 2: BinaryPrimitives.WriteUInt16BigEndian(target, (ushort)(length | 0x4000)); break;
            default: BinaryPrimitives.WriteUInt32BigEndian(target, (uint)length | 0x8000_0000); break;
        }
    }

    private Span<byte> Grow(int count)
    {
        int needed = _length + count;
        if (needed > _buffer.Length)
        {
            var larger = Rent(Math.Max(needed, _buffer.Length * 2), pinned);
            Written.CopyTo(larger);
            Return(_buffer, _length, pinned);
            _buffer = larger;
        }
        var span = _buffer.AsSpan(_length, count);
        _length = needed;
        return span;
    }

    /// <summary>Memory is used again by other writers; pinned memory is not, for it is asked for seldom.</summary>
    private static byte[] Rent(int capacity, bool pinned) =>
        pinned ? GC.AllocateArray<byte>(capacity, pinned) : ArrayPool<byte>.Shared.Rent(capacity);

    /// <summary>What was written may be a secret: no copy is left behind.</summary>
    private static void Return(byte[] buffer, int length, bool pinned)
    {
        CryptographicOperations.ZeroMemory(buffer.AsSpan(0, length));
        if (!pinned && buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
    }
}
