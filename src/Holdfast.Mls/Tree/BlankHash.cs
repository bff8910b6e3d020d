using System.Buffers.Binary;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §7.8: the tree hash of a node that is blank, as all below it are; it takes the place alone, and no memory.</summary>
internal static class BlankHash
{
    private const int LargestHash = 64;

    /// <summary>The tree hash of the node at that place, as large as its hash function says.</summary>
    internal static byte[] Of(Hkdf hkdf, NodeIndex index)
    {
        byte[] hash = new byte[hkdf.HashSize];
        Write(hkdf, index, hash);
        return hash;
    }

    private static void Write(Hkdf hkdf, NodeIndex index, Span<byte> hash)
    {
        Span<byte> input = stackalloc byte[2 + (2 * (2 + LargestHash))];
        hkdf.Hash(input[..(index.IsLeaf ? WriteLeaf(index, input) : WriteParent(hkdf, index, input))], hash);
    }

    /// <summary>TreeHashInput with LeafNodeHashInput, whose leaf is absent.</summary>
    private static int WriteLeaf(NodeIndex index, Span<byte> input)
    {
        input[0] = (byte)NodeType.Leaf;
        BinaryPrimitives.WriteUInt32BigEndian(input[1..], index.Leaf.Value);
        input[5] = 0;
        return 6;
    }

    /// <summary>TreeHashInput with ParentNodeHashInput, whose parent is absent.</summary>
    private static int WriteParent(Hkdf hkdf, NodeIndex index, Span<byte> input)
    {
        int size = hkdf.HashSize, length = size < 64 ? 1 : 2, right = 2 + length + size;
        (input[0], input[1]) = ((byte)NodeType.Parent, 0);
        foreach (int start in (ReadOnlySpan<int>)[2, right])
        {
            if (length == 1) input[start] = (byte)size;
            else BinaryPrimitives.WriteUInt16BigEndian(input[start..], (ushort)(0x4000 | size));
        }
        Write(hkdf, index.Left, input.Slice(2 + length, size));
        Write(hkdf, index.Right, input.Slice(right + length, size));
        return right + length + size;
    }
}
