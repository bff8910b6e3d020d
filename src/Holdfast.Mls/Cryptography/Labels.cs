namespace Holdfast.Mls;

/// <summary>Every label this protocol signs, encrypts, hashes or derives under, in one place so that none is used twice.</summary>
public static class Labels
{
    /// <summary>RFC 9420 §5.1.2, §5.1.3, §8: stands before each label that signs, encrypts or derives.</summary>
    public static ReadOnlySpan<byte> Prefix => "MLS 1.0 "u8;

    /// <summary>RFC 9420 §6.1: signs the content of a message.</summary>
    public const string FramedContent = "FramedContentTBS";

    /// <summary>RFC 9420 §7.2: signs a leaf.</summary>
    public const string LeafNode = "LeafNodeTBS";

    /// <summary>RFC 9420 §10: signs a key package.</summary>
    public const string KeyPackage = "KeyPackageTBS";

    /// <summary>RFC 9420 §12.4.3: signs what a joiner learns of the group.</summary>
    public const string GroupInfo = "GroupInfoTBS";

    /// <summary>RFC 9420 §7.6: encrypts a path secret to a node.</summary>
    public const string UpdatePathNode = "UpdatePathNode";

    /// <summary>RFC 9420 §12.4.3.1: encrypts the group secrets to a joiner.</summary>
    public const string Welcome = "Welcome";

    /// <summary>RFC 9420 §5.2: names a key package by its hash; used whole, prefix and all.</summary>
    public const string KeyPackageReference = "MLS 1.0 KeyPackage Reference";

    /// <summary>RFC 9420 §5.2: names a proposal by its hash; used whole, prefix and all.</summary>
    public const string ProposalReference = "MLS 1.0 Proposal Reference";

    /// <summary>RFC 9420 §7.4: from one path secret to the next.</summary>
    public const string Path = "path";

    /// <summary>RFC 9420 §7.4: from a path secret to a node's key.</summary>
    public const string Node = "node";

    /// <summary>RFC 9420 §8: from the commit secret to the joiner secret.</summary>
    public const string Joiner = "joiner";

    /// <summary>RFC 9420 §8: the key of a Welcome's group info.</summary>
    public const string WelcomeSecret = "welcome";

    /// <summary>RFC 9420 §8: the epoch secret.</summary>
    public const string Epoch = "epoch";

    /// <summary>RFC 9420 §8: the next epoch's init secret.</summary>
    public const string Init = "init";

    /// <summary>RFC 9420 §8: encrypts who sent a message.</summary>
    public const string SenderData = "sender data";

    /// <summary>RFC 9420 §8: the secret tree's root.</summary>
    public const string Encryption = "encryption";

    /// <summary>RFC 9420 §8: exported secrets.</summary>
    public const string Exporter = "exporter";

    /// <summary>draft-ietf-mls-extensions: the root of the exporter tree.</summary>
    public const string ApplicationExport = "application_export";

    /// <summary>RFC 9420 §8: the external key pair.</summary>
    public const string External = "external";

    /// <summary>RFC 9420 §8: the confirmation tag's key.</summary>
    public const string Confirmation = "confirm";

    /// <summary>RFC 9420 §8: the membership tag's key.</summary>
    public const string Membership = "membership";

    /// <summary>RFC 9420 §8: the resumption PSK.</summary>
    public const string Resumption = "resumption";

    /// <summary>RFC 9420 §8: the epoch authenticator.</summary>
    public const string Authentication = "authentication";

    /// <summary>RFC 9420 §8.3: exports a joiner's init secret from its encapsulation; used whole, prefix and all.</summary>
    public const string ExternalInit = "MLS 1.0 external init secret";

    /// <summary>RFC 9420 §8.4: one PSK's input.</summary>
    public const string DerivedPsk = "derived psk";

    /// <summary>RFC 9420 §8.5: an exported secret.</summary>
    public const string Exported = "exported";

    /// <summary>RFC 9420 §9: a child in the secret tree; the context says which.</summary>
    public const string Tree = "tree";

    /// <summary>RFC 9420 §9: the root of a leaf's handshake ratchet.</summary>
    public const string Handshake = "handshake";

    /// <summary>RFC 9420 §9: the root of a leaf's application ratchet.</summary>
    public const string Application = "application";

    /// <summary>RFC 9420 §6.3.2, §9.1, §12.4.3.1: an AEAD key, from a secret that yields only key and nonce.</summary>
    public const string Key = "key";

    /// <summary>RFC 9420 §6.3.2, §9.1, §12.4.3.1: an AEAD nonce.</summary>
    public const string Nonce = "nonce";

    /// <summary>RFC 9420 §9.1: a ratchet's next secret.</summary>
    public const string RatchetSecret = "secret";
}
