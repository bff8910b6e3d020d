namespace Holdfast.Mls;

/// <summary>RFC 9420 §7.2: how a leaf node came into the tree.</summary>
public enum LeafNodeSource : byte
{
    /// <summary>With a key package: it has a lifetime.</summary>
    KeyPackage = 1,

    /// <summary>With an Update proposal.</summary>
    Update = 2,

    /// <summary>With a commit's update path: it has a parent hash.</summary>
    Commit = 3,
}
