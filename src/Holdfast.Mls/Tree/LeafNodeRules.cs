using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §7.3: when a leaf node is valid. Whether its credential is genuine is for the application to say; times are
/// checked where the caller knows one (<see cref="CheckLifetime"/>), and that keys are unique where all leaves are at hand.
/// </summary>
public static class LeafNodeRules
{
    /// <summary>RFC 9420 §7.3: everything that a leaf shows by itself, its signature last.</summary>
    /// <param name="suite">The group's cipher suite.</param>
    /// <param name="leaf">The leaf.</param>
    /// <param name="groupId">The group's id; not used for a leaf from a key package.</param>
    /// <param name="index">The leaf's place; not used for a leaf from a key package.</param>
    public static void Check(CipherSuite suite, LeafNode leaf, ReadOnlySpan<byte> groupId, LeafIndex index)
    {
        CheckOwnCapabilities(suite, leaf);
        CheckCredential(suite, leaf);
        Require(
            suite.Hpke.Kem.IsValidPublicKey(leaf.EncryptionKey.Span),
            MlsError.InvalidKey,
            "RFC 9420 §7.2: encryption_key is no public key");
        Require(
            suite.VerifyWithLabel(leaf.SignatureKey.Span, Labels.LeafNode, leaf.Tbs(groupId, index), leaf.Signature.Span),
            MlsError.InvalidSignature,
            "RFC 9420 §7.3: the leaf's signature does not verify");
    }

    /// <summary>RFC 9420 §7.3, §13.4: whether the leaf may be in a group with those extensions in its context.</summary>
    public static void CheckFits(LeafNode leaf, IReadOnlyList<Extension> contextExtensions) =>
        CheckFits(leaf.Capabilities, contextExtensions);

    /// <inheritdoc cref="CheckFits(LeafNode, IReadOnlyList{Extension})"/>
    internal static void CheckFits(Capabilities capabilities, IReadOnlyList<Extension> contextExtensions)
    {
        Require(
            RequiredCapabilities.In(contextExtensions)?.AreMetBy(capabilities) ?? true,
            MlsError.InvalidLeafNode,
            "RFC 9420 §7.3: the leaf lacks a required capability");
        foreach (var extension in contextExtensions)
        {
            if (!capabilities.SupportsExtension(extension.Type) || Grease.IsGrease(extension.Type))
                throw new MlsException(
                    MlsError.InvalidLeafNode,
                    $"RFC 9420 §13.4, §13.5: the leaf does not support an extension of the group, 0x{extension.Type:X4}");
        }
    }

    /// <summary>RFC 9420 §7.3: every member supports every credential type that is in use.</summary>
    public static void CheckCredentialTypes(IEnumerable<LeafNode> leaves) =>
        CheckCredentialTypes(leaves.Select(static leaf => new LeafTraits(leaf.Capabilities, leaf.Credential.Type)).Distinct().ToArray());

    /// <inheritdoc cref="CheckCredentialTypes(IEnumerable{LeafNode})"/>
    internal static void CheckCredentialTypes(IReadOnlyCollection<LeafTraits> kinds)
    {
        var inUse = kinds.Select(static kind => kind.CredentialType).Distinct().ToList();
        Require(
            kinds.All(kind => inUse.All(kind.Capabilities.SupportsCredential)),
            MlsError.InvalidLeafNode,
            "RFC 9420 §7.3: a credential type in use is not supported by every member");
    }

    /// <summary>RFC 9420 §7.3: whether a leaf with a lifetime is valid now, and not for longer than the application accepts.</summary>
    public static void CheckLifetime(LeafNode leaf, DateTimeOffset now, TimeSpan longest)
    {
        if (leaf.Lifetime is null) return;
        Require(leaf.Lifetime.Contains(now), MlsError.InvalidLeafNode, "RFC 9420 §7.3: the time is outside the leaf's lifetime");
        Require(leaf.Lifetime.IsAtMost(longest), MlsError.InvalidLeafNode, "RFC 9420 §7.2: the leaf's lifetime is too long");
    }

    /// <summary>RFC 9420 §7.3: a leaf that takes the place of another has the source of its message and a fresh key.</summary>
    /// <param name="before">The leaf so far, or null for one that joins by an external commit.</param>
    /// <param name="after">The leaf that is to take its place.</param>
    /// <param name="source">What its message asks for.</param>
    public static void CheckReplaces(LeafNode? before, LeafNode after, LeafNodeSource source)
    {
        Require(after.Source == source, MlsError.InvalidLeafNode, "RFC 9420 §7.3: leaf_node_source does not fit the message");
        Require(
            before is null || !before.EncryptionKey.Span.SequenceEqual(after.EncryptionKey.Span),
            MlsError.InvalidLeafNode,
            "RFC 9420 §7.3: the new leaf has the encryption key of the old");
    }

    /// <summary>RFC 9420 §12.4.3.1: every leaf of a tree; that keys are unique is checked with the tree.</summary>
    internal static void CheckAll(RatchetTree tree, GroupContext context, Parallelism parallelism)
    {
        (LeafIndex Index, LeafNode Leaf)[] leaves = [.. tree.Leaves];
        parallelism.For(leaves.Length, 16, i => Check(tree.Suite, leaves[i].Leaf, context.GroupId.Span, leaves[i].Index));
        CheckTogether(tree, context.Extensions);
    }

    /// <summary>
    /// RFC 9420 §7.3, §13.4: whether the members of a tree fit the group and each other, whatever each leaf shows by itself.
    /// </summary>
    internal static void CheckTogether(RatchetTree tree, IReadOnlyList<Extension> contextExtensions)
    {
        LeafTraits[] kinds = [.. tree.Index.Traits.Keys];
        foreach (var kind in kinds) CheckFits(tree, kind, contextExtensions);
        CheckCredentialTypes(kinds);
        ComponentRules.CheckMembers(tree.Leaves.Select(static entry => entry.Leaf), contextExtensions);
    }

    /// <summary>Of all members of a kind; names one of them.</summary>
    private static void CheckFits(RatchetTree tree, LeafTraits kind, IReadOnlyList<Extension> contextExtensions)
    {
        try
        {
            CheckFits(kind.Capabilities, contextExtensions);
        }
        catch (MlsException broken)
        {
            var one = tree.Leaves.First(entry => kind == new LeafTraits(entry.Leaf.Capabilities, entry.Leaf.Credential.Type)).Index;
            throw new MlsException(broken.Error, $"{broken.Rule} ({one})");
        }
    }

    /// <summary>RFC 9420 §5.3: of a certificate, that it names the leaf's signature key.</summary>
    internal static void CheckCredential(CipherSuite suite, LeafNode leaf)
    {
        if (leaf.Credential is X509Credential x509) x509.CheckCertifies(suite, leaf.SignatureKey.Span);
    }

    /// <summary>RFC 9420 §7.2, §7.3: that the leaf's capabilities list what it uses itself.</summary>
    internal static void CheckOwnCapabilities(CipherSuite suite, LeafNode leaf)
    {
        var capabilities = leaf.Capabilities;
        Require(
            capabilities.Versions.Contains((ushort)ProtocolVersion.Mls10),
            MlsError.InvalidLeafNode,
            "RFC 9420 §7.2: the leaf does not list mls10");
        Require(
            capabilities.CipherSuites.Contains(suite.Id),
            MlsError.InvalidLeafNode,
            "RFC 9420 §7.2: the leaf does not list the cipher suite");
        Require(
            capabilities.SupportsCredential(leaf.Credential.Type),
            MlsError.InvalidLeafNode,
            "RFC 9420 §7.2: the leaf's own credential type is not among its capabilities");
        Require(
            leaf.Extensions.All(extension => capabilities.SupportsExtension(extension.Type)),
            MlsError.InvalidLeafNode,
            "RFC 9420 §7.3: an extension of the leaf is not among its capabilities");
    }

    private static void Require(bool holds, MlsError error, string rule) => MlsException.Require(holds, error, rule);
}
