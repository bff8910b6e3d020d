using System.Buffers.Binary;
using System.Text.Unicode;
using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>
/// Refuses every encoding but the deterministic one of RFC 8949 §4.2.1, and what draft-ietf-mimi-content §6.2 excludes.
/// The platform's reader has no such mode: its CTAP2 mode forbids tags, its canonical mode sorts as RFC 7049 did.
/// Allocates nothing.
/// </summary>
internal ref struct DeterministicCbor
{
    private const ulong LargestExactInteger = (1UL << 53) - 1;

    private ReadOnlySpan<byte> _rest;

    private DeterministicCbor(ReadOnlySpan<byte> input) => _rest = input;

    private enum Major : byte
    {
        Unsigned = 0,
        Negative = 1,
        Bytes = 2,
        Text = 3,
        Array = 4,
        Map = 5,
        Tag = 6,
        Simple = 7,
    }

    /// <summary>Judges one item that must fill the input.</summary>
    /// <param name="input">The bytes.</param>
    /// <param name="levels">How many arrays, maps and tags may lie within one another.</param>
    /// <exception cref="CodecException">The item is not well-formed, not deterministic or too deep.</exception>
    internal static void Check(ReadOnlySpan<byte> input, int levels)
    {
        var walker = new DeterministicCbor(input);
        walker.Item(levels);
        if (!walker._rest.IsEmpty) throw new CodecException("bytes are left over behind the content");
    }

    private void Item(int levels)
    {
        var (major, info, argument) = Head();
        if (major is Major.Array or Major.Map or Major.Tag && levels == 0)
            throw new CodecException("draft-ietf-mimi-content §6.3: nested too deeply");
        switch (major)
        {
            case Major.Bytes: Take(argument); break;
            case Major.Text: Text(argument); break;
            case Major.Array: for (ulong i = 0; i < argument; i++) Item(levels - 1); break;
            case Major.Map: Map(argument, levels - 1); break;
            case Major.Tag: Tag(argument, levels - 1); break;
            case Major.Simple: Simple(info, argument); break;
        }
    }

    /// <summary>RFC 8949 §4.2.1: the shortest argument, and no indefinite lengths.</summary>
    private (Major Major, int Info, ulong Argument) Head()
    {
        byte initial = Take(1)[0];
        var major = (Major)(initial >> 5);
        int info = initial & 31;
        if (info > 27) throw new CodecException("RFC 8949 §4.2.1: indefinite lengths and reserved heads are refused");
        ulong argument = info switch
        {
            24 => Take(1)[0],
            25 => BinaryPrimitives.ReadUInt16BigEndian(Take(2)),
            26 => BinaryPrimitives.ReadUInt32BigEndian(Take(4)),
            27 => BinaryPrimitives.ReadUInt64BigEndian(Take(8)),
            _ => (ulong)info,
        };
        ulong least = info switch { 24 => 24, 25 => 1UL << 8, 26 => 1UL << 16, 27 => 1UL << 32, _ => 0 };
        if (major != Major.Simple && argument < least) throw new CodecException("RFC 8949 §4.2.1: not the shortest form");
        return (major, info, argument);
    }

    private void Text(ulong length)
    {
        if (!Utf8.IsValid(Take(length))) throw new CodecException("draft-ietf-mimi-content §6.2: text is not well-formed UTF-8");
    }

    /// <summary>RFC 8949 §4.2.1: keys in bytewise order, none twice.</summary>
    private void Map(ulong pairs, int levels)
    {
        ReadOnlySpan<byte> previous = default;
        for (ulong i = 0; i < pairs; i++)
        {
            var start = _rest;
            Key();
            var key = start[..^_rest.Length];
            if (i > 0 && previous.SequenceCompareTo(key) >= 0) throw new CodecException("RFC 8949 §4.2.1: map keys are not in order, or one is there twice");
            previous = key;
            Item(levels);
        }
    }

    /// <summary>draft-ietf-mimi-content §6.2: a key is text, bytes, or an integer that a double can hold.</summary>
    private void Key()
    {
        var (major, _, argument) = Head();
        switch (major)
        {
            case Major.Unsigned when argument <= LargestExactInteger: break;
            case Major.Negative when argument < LargestExactInteger: break;
            case Major.Bytes: Take(argument); break;
            case Major.Text: Text(argument); break;
            default: throw new CodecException("draft-ietf-mimi-content §6.2: not a permitted map key");
        }
    }

    /// <summary>draft-ietf-mimi-content §6.1: a bignum (tags 2 and 3) only where an integer does not reach.</summary>
    private void Tag(ulong tag, int levels)
    {
        if (tag is 2 or 3)
        {
            var (major, _, length) = Head();
            var magnitude = major == Major.Bytes ? Take(length) : default;
            if (magnitude.Length <= 8 || magnitude[0] == 0) throw new CodecException("draft-ietf-mimi-content §6.1: a bignum that is none");
            return;
        }
        Item(levels);
    }

    /// <summary>RFC 8949 §4.2.1 and §3.3: the shortest float, the one NaN, no simple value in two forms.</summary>
    private static void Simple(int info, ulong argument)
    {
        bool allowed = info switch
        {
            24 => argument >= 32,
            25 => !Half.IsNaN(BitConverter.UInt16BitsToHalf((ushort)argument)) || argument == 0x7e00,
            26 => BitConverter.UInt32BitsToSingle((uint)argument) is var single && !float.IsNaN(single) && (float)(Half)single != single,
            27 => BitConverter.UInt64BitsToDouble(argument) is var number && !double.IsNaN(number) && (double)(float)number != number,
            _ => true,
        };
        if (!allowed) throw new CodecException("RFC 8949 §4.2.1: not the shortest form of a float or simple value");
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)_rest.Length) throw new CodecException("truncated: the content ends within an item");
        var bytes = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return bytes;
    }
}
