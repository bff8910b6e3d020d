using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Holdfast.Codec;

/// <summary>
/// Reads the TLS presentation language as RFC 9420 §2.1 extends it. Nothing is allocated before the bytes that
/// justify it have been seen, so a short input can never cost more memory than a small multiple of its own size.
/// </summary>
public ref struct TlsReader(ReadOnlySpan<byte> input)
{
    private readonly ReadOnlySpan<byte> _input = input;
    private int _position;

    /// <summary>
    /// So many elements may a vector have whatever they are. Above that they must have on the average the bytes that honest ones
    /// have at least, so that a list of nothings costs no more memory than its bytes justify.
    /// </summary>
    public const int Many = 64;

    /// <summary>How many bytes have been read.</summary>
    public readonly int Position => _position;

    /// <summary>How many bytes are left.</summary>
    public readonly int Remaining => _input.Length - _position;

    /// <summary>The bytes read since <paramref name="start"/>, a former <see cref="Position"/>.</summary>
    public readonly ReadOnlySpan<byte> Since(int start) => _input[start.._position];

    /// <summary>The bytes not read yet; the reader stays where it is.</summary>
    public readonly ReadOnlySpan<byte> Rest => _input[_position..];

    /// <summary>Reads a <c>uint8</c>.</summary>
    public byte ReadUInt8() => ReadBytes(1)[0];

    /// <summary>Reads a <c>uint16</c>.</summary>
    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(ReadBytes(2));

    /// <summary>Reads a <c>uint32</c>.</summary>
    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(ReadBytes(4));

    /// <summary>Reads a <c>uint64</c>.</summary>
    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64BigEndian(ReadBytes(8));

    /// <summary>Reads exactly <paramref name="count"/> bytes, a view into the input.</summary>
    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        if (count > Remaining) throw new CodecException("truncated: the input ends before the structure does");
        var bytes = _input.Slice(_position, count);
        _position += count;
        return bytes;
    }

    /// <summary>RFC 9420 §2.1.2: a vector's length in bytes; the top two bits give the length's own size.</summary>
    public int ReadLength()
    {
        int first = ReadUInt8(), size = 1 << (first >> 6), value = first & 0x3f;
        if (size == 8) throw new CodecException("RFC 9420 §2.1.2: length prefix 3 is invalid");
        foreach (byte next in ReadBytes(size - 1)) value = (value << 8) | next;
        if (size > 1 && value >> ((8 * (size / 2)) - 2) == 0)
            throw new CodecException("RFC 9420 §2.1.2: length is not in its shortest form");
        return value;
    }

    /// <summary>Reads <c>opaque&lt;V&gt;</c>, a view into the input.</summary>
    /// <param name="limit">The most bytes this field may have.</param>
    public ReadOnlySpan<byte> ReadOpaque(int limit = int.MaxValue)
    {
        int length = ReadLength();
        if (length > limit) throw new CodecException($"a field of {length} bytes is over its limit of {limit}");
        return ReadBytes(length);
    }

    /// <summary>Reads <c>opaque&lt;V&gt;</c> holding UTF-8 text; ill-formed text is refused.</summary>
    /// <param name="limit">The most bytes this field may have.</param>
    public string ReadText(int limit)
    {
        try { return Tls.StrictUtf8.GetString(ReadOpaque(limit)); }
        catch (DecoderFallbackException) { throw new CodecException("text is not well-formed UTF-8"); }
    }

    /// <summary>RFC 9420 §2.1.1: the presence octet of an <c>optional&lt;T&gt;</c>.</summary>
    public bool ReadPresence() => ReadUInt8() switch
    {
        0 => false,
        1 => true,
        _ => throw new CodecException("RFC 9420 §2.1.1: a presence octet must be 0 or 1"),
    };

    /// <summary>Reads <c>optional&lt;T&gt;</c> of a reference type.</summary>
    public T? ReadOptional<T>() where T : class, ITlsStruct<T> => ReadPresence() ? T.Decode(ref this) : null;

    /// <summary>Reads <c>optional&lt;T&gt;</c> of text.</summary>
    /// <param name="limit">The most bytes the text may have.</param>
    public string? ReadOptionalText(int limit) => ReadPresence() ? ReadText(limit) : null;

    /// <summary>Reads <c>T&lt;V&gt;</c>: elements up to the vector's length in bytes.</summary>
    /// <param name="limit">The most elements this vector may have.</param>
    /// <param name="least">The bytes that an element has at least, if it is an honest one: see <see cref="Many"/>.</param>
    public IReadOnlyList<T> ReadVector<T>(int limit = int.MaxValue, int least = 1) where T : ITlsStruct<T> =>
        ReadVector(static (ref TlsReader reader) => T.Decode(ref reader), limit, least);

    /// <summary>Reads a vector whose elements <paramref name="decode"/> reads one by one.</summary>
    /// <param name="decode">Reads one element.</param>
    /// <param name="limit">The most elements this vector may have.</param>
    /// <param name="least">The bytes that an element has at least, if it is an honest one: see <see cref="Many"/>.</param>
    public IReadOnlyList<T> ReadVector<T>(TlsDecode<T> decode, int limit = int.MaxValue, int least = 1)
    {
        var reader = new TlsReader(ReadOpaque());
        if (reader.Remaining == 0) return [];
        limit = (int)Math.Min(limit, (uint)Many + (uint)(reader.Remaining / least));
        T[] items = ArrayPool<T>.Shared.Rent(4);
        int count = 0;
        try
        {
            for (; reader.Remaining > 0; count++)
            {
                if (count == limit) throw new CodecException($"a vector has more than {limit} elements");
                if (count == items.Length) items = Larger(items);
                items[count] = decode(ref reader);
            }
            return items[..count];
        }
        finally
        {
            ArrayPool<T>.Shared.Return(items, clearArray: true);
        }
    }

    /// <summary>RFC 9420 §2.1: a structure must use up its bytes.</summary>
    public readonly void ExpectEnd()
    {
        if (Remaining != 0) throw new CodecException($"{Remaining} bytes are left over behind the structure");
    }

    private static T[] Larger<T>(T[] items)
    {
        T[] larger = ArrayPool<T>.Shared.Rent(2 * items.Length);
        items.CopyTo(larger, 0);
        ArrayPool<T>.Shared.Return(items, clearArray: true);
        return larger;
    }
}

/// <summary>Reads one <typeparamref name="T"/> and leaves the reader behind it.</summary>
public delegate T TlsDecode<out T>(ref TlsReader reader);
