namespace Holdfast.Codec.Tests;

/// <summary>A structure with a field of every kind, to decode what no real structure would claim.</summary>
internal sealed record Specimen(
    byte Small, ushort Medium, uint Large, ulong Huge, ReadOnlyMemory<byte> Opaque, string Text, Pair? Optional, IReadOnlyList<Pair> Vector)
    : ITlsStruct<Specimen>
{
    internal const int TextLimit = 64;

    public void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Small);
        writer.WriteUInt16(Medium);
        writer.WriteUInt32(Large);
        writer.WriteUInt64(Huge);
        writer.WriteOpaque(Opaque.Span);
        writer.WriteText(Text);
        writer.WriteOptional(Optional);
        writer.WriteVector(Vector);
    }

    public static Specimen Decode(ref TlsReader reader) => new(
        reader.ReadUInt8(), reader.ReadUInt16(), reader.ReadUInt32(), reader.ReadUInt64(),
        reader.ReadOpaque().ToArray(), reader.ReadText(TextLimit), reader.ReadOptional<Pair>(), reader.ReadVector<Pair>());
}

/// <summary>The smallest structure with a vector inside it.</summary>
internal sealed record Pair(byte Tag, ReadOnlyMemory<byte> Content) : ITlsStruct<Pair>
{
    public void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteOpaque(Content.Span);
    }

    public static Pair Decode(ref TlsReader reader) => new(reader.ReadUInt8(), reader.ReadOpaque().ToArray());
}
