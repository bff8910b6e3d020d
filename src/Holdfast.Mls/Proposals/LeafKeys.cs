namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §7.3: no two members share a signature key or an encryption key. Equal signature keys are also what makes
/// two clients the same in RFC 9420 §12.2.
/// </summary>
internal sealed class LeafKeys
{
    private readonly HashSet<ReadOnlyMemory<byte>> _signature = new(Bytes.Comparer), _encryption = new(Bytes.Comparer);

    internal LeafKeys(RatchetTree tree)
    {
        foreach (var (_, leaf) in tree.Leaves) Add(leaf);
    }

    /// <summary>Adds a leaf's keys, or returns false where one of them is taken.</summary>
    internal bool Add(LeafNode leaf)
    {
        if (_signature.Contains(leaf.SignatureKey) || _encryption.Contains(leaf.EncryptionKey)) return false;
        return _signature.Add(leaf.SignatureKey) && _encryption.Add(leaf.EncryptionKey);
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
}
