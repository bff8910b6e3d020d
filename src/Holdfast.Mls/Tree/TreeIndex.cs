using System.Collections.Immutable;

namespace Holdfast.Mls;

/// <summary>
/// What of a whole tree a commit has to be judged by (RFC 9420 §7.3, §12.2): which keys are in it, and what its members support. It never
/// changes; the next tree's is made from this one by what differs between the two.
/// </summary>
internal sealed class TreeIndex
{
    private TreeIndex(KeyTrie encryption, KeyTrie signature, ImmutableDictionary<LeafTraits, int> traits) =>
        (Encryption, Signature, Traits) = (encryption, signature, traits);

    /// <summary>The leaves and parents by their encryption keys.</summary>
    internal KeyTrie Encryption { get; }

    /// <summary>The leaves by their signature keys.</summary>
    internal KeyTrie Signature { get; }

    /// <summary>What members are of one kind: usually there are few kinds, however many members there are.</summary>
    internal ImmutableDictionary<LeafTraits, int> Traits { get; }

    /// <summary>The index of a tree, from that of another tree, which is best one it shares much with.</summary>
    internal static TreeIndex After(TreeNode? before, TreeIndex? index, TreeNode after)
    {
        var (gone, come) = (new List<object>(), new List<object>());
        TreeDifferences.Between(index is null ? null : before, after, (_, was, now) =>
        {
            if (ReferenceEquals(was?.Holder, now?.Holder)) return;
            if (was?.Holder is { } former) gone.Add(former);
            if (now?.Holder is { } present) come.Add(present);
        });
        var (encryption, signature) = (index?.Encryption ?? KeyTrie.ByEncryptionKey, index?.Signature ?? KeyTrie.BySignatureKey);
        var traits = (index?.Traits ?? ImmutableDictionary<LeafTraits, int>.Empty).ToBuilder();
        foreach (object holder in gone)
        {
            encryption = encryption.Without(holder);
            if (holder is not LeafNode leaf) continue;
            signature = signature.Without(leaf);
            Count(traits, leaf, -1);
        }
        foreach (object holder in come)
        {
            encryption = encryption.With(holder);
            if (holder is not LeafNode leaf) continue;
            signature = signature.With(leaf);
            Count(traits, leaf, 1);
        }
        return new TreeIndex(encryption, signature, traits.ToImmutable());
    }

    private static void Count(ImmutableDictionary<LeafTraits, int>.Builder traits, LeafNode leaf, int change)
    {
        var kind = new LeafTraits(leaf.Capabilities, leaf.Credential.Type);
        int count = traits.GetValueOrDefault(kind) + change;
        if (count > 0) traits[kind] = count;
        else traits.Remove(kind);
    }
}

/// <summary>What of a leaf the others depend on: what it supports, and of which type its credential is.</summary>
internal readonly record struct LeafTraits(Capabilities Capabilities, ushort CredentialType)
{
    public bool Equals(LeafTraits other) => CredentialType == other.CredentialType
        && (ReferenceEquals(Capabilities, other.Capabilities) || Capabilities.Encoded.SequenceEqual(other.Capabilities.Encoded));

    public override int GetHashCode() => HashCode.Combine(Bytes.HashCode(Capabilities.Encoded), CredentialType);
}
