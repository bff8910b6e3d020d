namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §7.3: no two members share a signature key or an encryption key. Equal signature keys are also what makes
/// two clients the same in RFC 9420 §12.2.
/// </summary>
internal sealed class LeafKeys
{
    private readonly HashSet<string> _signature = [], _encryption = [];

    internal LeafKeys(RatchetTree tree)
    {
        foreach (var (_, leaf) in tree.Leaves) Add(leaf);
    }

    /// <summary>Adds a leaf's keys, or returns false where one of them is taken.</summary>
    internal bool Add(LeafNode leaf)
    {
        string signature = Name(leaf.SignatureKey), encryption = Name(leaf.EncryptionKey);
        if (_signature.Contains(signature) || _encryption.Contains(encryption)) return false;
        _signature.Add(signature);
        _encryption.Add(encryption);
        return true;
    }

    internal void Remove(LeafNode leaf)
    {
        _signature.Remove(Name(leaf.SignatureKey));
        _encryption.Remove(Name(leaf.EncryptionKey));
    }

    /// <summary>Puts one leaf's keys in place of another's, or returns false and changes nothing.</summary>
    internal bool Replace(LeafNode before, LeafNode after)
    {
        Remove(before);
        if (Add(after)) return true;
        Add(before);
        return false;
    }

    private static string Name(ReadOnlyMemory<byte> key) => Convert.ToHexString(key.Span);
}
