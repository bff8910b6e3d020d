using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §4.1.1: a leaf's place, counted from 0 at the left.</summary>
public readonly record struct LeafIndex(uint Value) : ITlsStruct<LeafIndex>, IComparable<LeafIndex>
{
    /// <summary>RFC 9420 Appendix C: the leaf's place among all nodes.</summary>
    public NodeIndex Node => new(checked(Value * 2));

    /// <inheritdoc/>
    public int CompareTo(LeafIndex other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public void Encode(TlsWriter writer) => writer.WriteUInt32(Value);

    /// <summary>Reads an index; one that no tree of ours can have is refused.</summary>
    public static LeafIndex Decode(ref TlsReader reader)
    {
        uint value = reader.ReadUInt32();
        MlsException.Require(value < MlsLimits.MaxLeaves, MlsError.TooLarge, "a leaf index is beyond the largest tree we allow");
        return new LeafIndex(value);
    }

    /// <summary>Orders by place.</summary>
    public static bool operator <(LeafIndex left, LeafIndex right) => left.Value < right.Value;

    /// <summary>Orders by place.</summary>
    public static bool operator >(LeafIndex left, LeafIndex right) => left.Value > right.Value;

    /// <summary>Orders by place.</summary>
    public static bool operator <=(LeafIndex left, LeafIndex right) => left.Value <= right.Value;

    /// <summary>Orders by place.</summary>
    public static bool operator >=(LeafIndex left, LeafIndex right) => left.Value >= right.Value;
}
