using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §4.1.1: a leaf's place, counted from 0 at the left.</summary>
public readonly record struct LeafIndex(uint Value) : ITlsStruct<LeafIndex>, IComparable<LeafIndex>
{
    /// <summary>RFC 9420 Appendix C: the leaf's place among all nodes; the caller knows that the tree has such a leaf.</summary>
    public NodeIndex Node => new(checked(Value * 2));

    /// <inheritdoc/>
    public int CompareTo(LeafIndex other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public void Encode(TlsWriter writer) => writer.WriteUInt32(Value);

    /// <inheritdoc/>
    public static LeafIndex Decode(ref TlsReader reader) => new(reader.ReadUInt32());

    /// <summary>The place; the generated text would go round in circles with <see cref="Node"/>.</summary>
    public override string ToString() => $"leaf {Value}";

    /// <summary>Orders by place.</summary>
    public static bool operator <(LeafIndex left, LeafIndex right) => left.Value < right.Value;

    /// <summary>Orders by place.</summary>
    public static bool operator >(LeafIndex left, LeafIndex right) => left.Value > right.Value;

    /// <summary>Orders by place.</summary>
    public static bool operator <=(LeafIndex left, LeafIndex right) => left.Value <= right.Value;

    /// <summary>Orders by place.</summary>
    public static bool operator >=(LeafIndex left, LeafIndex right) => left.Value >= right.Value;
}
