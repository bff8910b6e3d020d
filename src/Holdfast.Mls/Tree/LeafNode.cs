using System.Diagnostics.CodeAnalysis;
using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §7.2: a member as the tree shows it, signed by that member.</summary>
public sealed record LeafNode : ITlsStruct<LeafNode>
{
    private readonly byte[]? _encoded;   // of a leaf that was read: then its keys and signature are parts of it
    private readonly int _signedLength;

    /// <summary>A leaf to be filled in.</summary>
    public LeafNode()
    {
    }

    /// <summary>A copy, in which anything may then be replaced: so it is not the encoding's any more.</summary>
    [SetsRequiredMembers]
    private LeafNode(LeafNode original)
    {
        (EncryptionKey, SignatureKey, Credential, Capabilities) =
            (original.EncryptionKey, original.SignatureKey, original.Credential, original.Capabilities);
        (Source, Lifetime, ParentHash, Extensions, Signature) =
            (original.Source, original.Lifetime, original.ParentHash, original.Extensions, original.Signature);
    }

    [SetsRequiredMembers]
    private LeafNode(ref TlsReader reader)
    {
        int start = reader.Position;
        var encryptionKey = Skip(ref reader, start, MlsLimits.MaxKeySize);
        var signatureKey = Skip(ref reader, start, MlsLimits.MaxKeySize);
        Credential = Credential.Decode(ref reader);
        Capabilities = Capabilities.Decode(ref reader);
        Source = (LeafNodeSource)reader.ReadUInt8();
        if (Source is < LeafNodeSource.KeyPackage or > LeafNodeSource.Commit)
            throw new CodecException("RFC 9420 §7.2: an unknown leaf_node_source");
        if (Source == LeafNodeSource.KeyPackage) Lifetime = Lifetime.Decode(ref reader);
        var parentHash = Source == LeafNodeSource.Commit ? Skip(ref reader, start, MlsLimits.MaxHashSize) : default;
        Extensions = Extension.DecodeList(ref reader);
        _signedLength = reader.Position - start;
        var signature = Skip(ref reader, start, MlsLimits.MaxSignatureSize);
        _encoded = reader.Since(start).ToArray();
        (EncryptionKey, SignatureKey) = (_encoded.AsMemory(encryptionKey), _encoded.AsMemory(signatureKey));
        (ParentHash, Signature) = (_encoded.AsMemory(parentHash), _encoded.AsMemory(signature));
    }

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
        if (_encoded is not null)
        {
            writer.WriteBytes(_encoded);
            return;
        }
        EncodeContent(writer);
        writer.WriteOpaque(Signature.Span);
    }

    /// <inheritdoc/>
    public static LeafNode Decode(ref TlsReader reader) => new(ref reader);

    /// <summary>
    /// This leaf signed by its member, who takes the key's public half as its own; a leaf for a key package is bound to no group.
    /// </summary>
    internal LeafNode Sign(CipherSuite suite, SignatureKey key, ReadOnlySpan<byte> groupId, LeafIndex index)
    {
        var leaf = this with { SignatureKey = key.PublicKey };
        return leaf with { Signature = suite.SignWithLabel(key, Labels.LeafNode, leaf.Tbs(groupId, index)) };
    }

    /// <summary>RFC 9420 §7.2 LeafNodeTBS: what the signature covers. A leaf from a key package is bound to no group.</summary>
    internal byte[] Tbs(ReadOnlySpan<byte> groupId, LeafIndex index)
    {
        using var writer = new TlsWriter(512);
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
        if (_encoded is not null)
        {
            writer.WriteBytes(_encoded.AsSpan(0, _signedLength));
            return;
        }
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

    /// <summary>Reads past a field, and says where it is.</summary>
    private static Range Skip(ref TlsReader reader, int start, int limit)
    {
        int length = reader.ReadOpaque(limit).Length, end = reader.Position - start;
        return (end - length)..end;
    }
}
