namespace Holdfast.Mls;

/// <summary>Compares public bytes by content, so that they can be keys of sets and dictionaries.</summary>
internal sealed class Bytes : IEqualityComparer<ReadOnlyMemory<byte>>
{
    internal static Bytes Comparer { get; } = new();

    public bool Equals(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceEqual(y.Span);

    public int GetHashCode(ReadOnlyMemory<byte> obj) => HashCode(obj.Span);

    internal static int HashCode(ReadOnlySpan<byte> bytes)
    {
        var hash = new HashCode();   // seeded per process: chosen keys cannot make a set slow
        hash.AddBytes(bytes);
        return hash.ToHashCode();
    }
}
