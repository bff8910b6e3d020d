using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §7.2: a member as the tree shows it, signed by that member.</summary>
public sealed record LeafNode : ITlsStruct<LeafNode>
{
    /// <summary>The HPKE public key whose private half only this member has.</summary>
    public required ReadOnlyMemory<byte> EncryptionKey { get; init; }

    /// <summary>The key that verifies what this member signs.</summary>
    public required ReadOnlyMemory<byte> SignatureKey { get; init; }

    /// <summary>Who this member is.</summary>
    public required Credential Credential { get; init; }

    /// <summary>What this member's client supports.</summary>
    public required Capabilities Capabilities { get; init; }

    /// <summary>How this leaf came into the tree.</summary>
    public required LeafNodeSource Source { get; init; }

    /// <summary>When the leaf is valid: there exactly for <see cref="LeafNodeSource.KeyPackage"/>.</summary>
    public Lifetime? Lifetime { get; init; }

    /// <summary>The hash of the parent nodes set with this leaf: for <see cref="LeafNodeSource.Commit"/>.</summary>
    public ReadOnlyMemory<byte> ParentHash { get; init; }

    /// <summary>Further data of the application.</summary>
    public IReadOnlyList<Extension> Extensions { get; init; } = [];

    /// <summary>The member's signature over all of it.</summary>
    public ReadOnlyMemory<byte> Signature { get; init; }

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        EncodeContent(writer);
        writer.WriteOpaque(Signature.Span);
    }

    /// <inheritdoc/>
    public static LeafNode Decode(ref TlsReader reader)
    {
        ReadOnlyMemory<byte> encryptionKey = reader.ReadOpaque(MlsLimits.MaxKeySize).ToArray();
        ReadOnlyMemory<byte> signatureKey = reader.ReadOpaque(MlsLimits.MaxKeySize).ToArray();
        var credential = Credential.Decode(ref reader);
        var capabilities = Capabilities.Decode(ref reader);
        var source = (LeafNodeSource)reader.ReadUInt8();
        if (source is < LeafNodeSource.KeyPackage or > LeafNodeSource.Commit)
            throw new CodecException("RFC 9420 §7.2: an unknown leaf_node_source");
        return new LeafNode
        {
            EncryptionKey = encryptionKey,
            SignatureKey = signatureKey,
            Credential = credential,
            Capabilities = capabilities,
            Source = source,
            Lifetime = source == LeafNodeSource.KeyPackage ? Lifetime.Decode(ref reader) : null,
            ParentHash = source == LeafNodeSource.Commit ? reader.ReadOpaque(MlsLimits.MaxHashSize).ToArray() : default,
            Extensions = Extension.DecodeList(ref reader),
            Signature = reader.ReadOpaque(MlsLimits.MaxSignatureSize).ToArray(),
        };
    }

    /// <summary>This leaf signed by its member, who takes the key's public half as its own; a leaf for a key package is bound to no group.</summary>
    internal LeafNode Sign(CipherSuite suite, SignatureKey key, ReadOnlySpan<byte> groupId, LeafIndex index)
    {
        var leaf = this with { SignatureKey = key.PublicKey };
        return leaf with { Signature = suite.SignWithLabel(key, Labels.LeafNode, leaf.Tbs(groupId, index)) };
    }

    /// <summary>RFC 9420 §7.2 LeafNodeTBS: what the signature covers. A leaf from a key package is bound to no group.</summary>
    internal byte[] Tbs(ReadOnlySpan<byte> groupId, LeafIndex index)
    {
        var writer = new TlsWriter();
        EncodeContent(writer);
        if (Source != LeafNodeSource.KeyPackage)
        {
            writer.WriteOpaque(groupId);
            writer.Write(index);
        }
        return writer.ToArray();
    }

    private void EncodeContent(TlsWriter writer)
    {
        writer.WriteOpaque(EncryptionKey.Span);
        writer.WriteOpaque(SignatureKey.Span);
        writer.Write(Credential);
        writer.Write(Capabilities);
        writer.WriteUInt8((byte)Source);
        if (Source == LeafNodeSource.KeyPackage)
            writer.Write(Lifetime ?? throw new InvalidOperationException("a leaf from a key package has a lifetime"));
        if (Source == LeafNodeSource.Commit) writer.WriteOpaque(ParentHash.Span);
        writer.WriteVector(Extensions);
    }
}
