namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §7.3: no two members share a signature key or an encryption key. Equal signature keys are also what makes
/// two clients the same in RFC 9420 §12.2. What a commit changes is kept beside the tree's own index.
/// </summary>
internal sealed class LeafKeys(RatchetTree tree)
{
    private readonly Changes _signature = new(key => tree.Index.Signature.Find(key) is not null);
    private readonly Changes _encryption = new(key => tree.Index.Encryption.Find(key) is LeafNode);

    /// <summary>Adds a leaf's keys, or returns false where one of them is taken.</summary>
    internal bool Add(LeafNode leaf)
    {
        if (_signature.Contains(leaf.SignatureKey) || _encryption.Contains(leaf.EncryptionKey)) return false;
        _signature.Add(leaf.SignatureKey);
        _encryption.Add(leaf.EncryptionKey);
        return true;
    }

    internal void Remove(LeafNode leaf)
    {
        _signature.Remove(leaf.SignatureKey);
        _encryption.Remove(leaf.EncryptionKey);
    }

    /// <summary>Puts one leaf's keys in place of another's, or returns false and changes nothing.</summary>
    internal bool Replace(LeafNode before, LeafNode after)
    {
        Remove(before);
        if (Add(after)) return true;
        Add(before);
        return false;
    }

    /// <summary>A set as it is after some changes.</summary>
    private sealed class Changes(Predicate<ReadOnlyMemory<byte>> before)
    {
        private readonly HashSet<ReadOnlyMemory<byte>> _added = new(Bytes.Comparer), _removed = new(Bytes.Comparer);

        internal bool Contains(ReadOnlyMemory<byte> key) => _added.Contains(key) || (before(key) && !_removed.Contains(key));

        internal void Add(ReadOnlyMemory<byte> key) => _added.Add(key);

        internal void Remove(ReadOnlyMemory<byte> key)
        {
            if (!_added.Remove(key)) _removed.Add(key);
        }
    }
}
