using System.Numerics;

namespace Holdfast.Mls;

/// <summary>
/// The ratchets of the leaves that have been opened, found by leaf: a trie of up to 16 branches a level. It never changes, and the
/// next one shares all but the way to what was replaced, so that a message costs by how many senders have spoken and not by how many
/// there are. A trie, and each slot in it, is null where there is nobody, the <see cref="LeafRatchets"/> of the one leaf there, or a
/// branch.
/// </summary>
internal static class RatchetTrie
{
    private const int Bits = 4, Mask = (1 << Bits) - 1;

    /// <summary>That leaf's ratchets, borrowed, or null.</summary>
    internal static LeafRatchets? Find(Shared? slot, LeafIndex leaf)
    {
        for (int shift = 0; slot is Branch branch; shift += Bits) slot = branch.Child(Nibble(leaf, shift));
        return slot is LeafRatchets found && found.Leaf == leaf ? found : null;
    }

    /// <summary>
    /// With these, whose ownership it takes, in the place of what that leaf had; <paramref name="slot"/> stays the caller's.
    /// </summary>
    internal static Shared With(Shared? slot, LeafRatchets ratchets, int shift = 0)
    {
        if (slot is Branch branch)
        {
            int nibble = Nibble(ratchets.Leaf, shift);
            return branch.With(nibble, With(branch.Child(nibble), ratchets, shift + Bits));
        }
        if (slot is not LeafRatchets other || other.Leaf == ratchets.Leaf) return ratchets;
        other.Hold();
        return Apart(other, ratchets, shift);
    }

    /// <summary>The records that differ between two of them, either of which may be missing.</summary>
    internal static void Compare(Shared? older, Shared? newer, ulong epoch, RecordChanges changes, int shift = 0)
    {
        if (ReferenceEquals(older, newer)) return;
        if (older is Branch || newer is Branch)
        {
            for (int nibble = 0; nibble <= Mask; nibble++)
                Compare(Below(older, nibble, shift), Below(newer, nibble, shift), epoch, changes, shift + Bits);
            return;
        }
        var (before, after) = (older as LeafRatchets, newer as LeafRatchets);
        if (before is not null && before.Leaf != after?.Leaf) LeafRatchets.Compare(before, null, epoch, changes);
        if (after is not null) LeafRatchets.Compare(before?.Leaf == after.Leaf ? before : null, after, epoch, changes);
    }

    private static Shared? Below(Shared? slot, int nibble, int shift) => slot switch
    {
        Branch branch => branch.Child(nibble),
        LeafRatchets ratchets when Nibble(ratchets.Leaf, shift) == nibble => ratchets,
        _ => null,
    };

    /// <summary>Branches down to where the two part; it takes ownership of both.</summary>
    private static Branch Apart(LeafRatchets one, LeafRatchets other, int shift)
    {
        int first = Nibble(one.Leaf, shift), second = Nibble(other.Leaf, shift);
        if (first == second) return new Branch((ushort)(1 << first), [Apart(one, other, shift + Bits)]);
        return new Branch((ushort)((1 << first) | (1 << second)), first < second ? [one, other] : [other, one]);
    }

    private static int Nibble(LeafIndex leaf, int shift) => (int)(leaf.Value >> shift) & Mask;

    /// <summary>One level: a bit for each child that is there, and those children, which it owns: branches, or a leaf's ratchets.</summary>
    private sealed class Branch(ushort map, Shared[] children) : Shared
    {
        internal Shared? Child(int nibble) => (map & (1 << nibble)) == 0 ? null : children[Place(nibble)];

        /// <summary>With that child, whose ownership it takes, in its place.</summary>
        internal Branch With(int nibble, Shared child)
        {
            int place = Place(nibble);
            bool replaces = (map & (1 << nibble)) != 0;
            Shared[] next = replaces ? [.. children] : [.. children.AsSpan(0, place), child, .. children.AsSpan(place)];
            next[place] = child;
            foreach (var other in next)
            {
                if (!ReferenceEquals(other, child)) other.Hold();
            }
            return new Branch((ushort)(map | (1 << nibble)), next);
        }

        protected override void Wipe()
        {
            foreach (var child in children) child.Release();
        }

        private int Place(int nibble) => BitOperations.PopCount((uint)(map & ((1 << nibble) - 1)));
    }
}
