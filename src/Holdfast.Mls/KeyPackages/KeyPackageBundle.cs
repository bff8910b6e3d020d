using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>A key package with its two private keys: what a client keeps until it is added. It owns the keys.</summary>
public sealed class KeyPackageBundle : IDisposable
{
    private const byte FormatVersion = 1;

    private KeyPackageBundle(CipherSuite suite, KeyPackage keyPackage, KemKey initKey, KemKey leafKey) =>
        (Suite, KeyPackage, InitKey, LeafKey) = (suite, keyPackage, initKey, leafKey);

    /// <summary>The key package's cipher suite.</summary>
    public CipherSuite Suite { get; }

    /// <summary>What others see.</summary>
    public KeyPackage KeyPackage { get; }

    /// <summary>The private half of the init key.</summary>
    public KemKey InitKey { get; }

    /// <summary>The private half of the leaf's encryption key.</summary>
    public KemKey LeafKey { get; }

    /// <summary>RFC 9420 §5.2 KeyPackageRef: how a Welcome names the key package.</summary>
    public byte[] Reference() => KeyPackage.Reference(Suite);

    /// <summary>RFC 9420 §10: makes fresh keys and signs leaf and key package.</summary>
    /// <param name="suite">The suite it can be added with.</param>
    /// <param name="signatureKey">The key the leaf names; it stays the caller's.</param>
    /// <param name="credential">Who the client is.</param>
    /// <param name="capabilities">What the client supports.</param>
    /// <param name="lifetime">When it may be used.</param>
    /// <param name="leafExtensions">Extensions of the leaf.</param>
    /// <param name="extensions">Extensions of the key package itself.</param>
    /// <param name="random">Where the keys come from.</param>
    /// <param name="grease">Whether values of RFC 9420 §13.5 go into the capabilities and both lists of extensions.</param>
    /// <exception cref="ArgumentException">
    /// Nobody would take it (RFC 9420 §10.1): the capabilities lack mls10, the suite, the credential's type, or the type of an extension
    /// that is used; the signature key is of another scheme, or not the one the credential's certificate names; or something is longer
    /// than <see cref="MlsLimits"/> allow.
    /// </exception>
    public static KeyPackageBundle Create(
        CipherSuite suite,
        SignatureKey signatureKey,
        Credential credential,
        Capabilities capabilities,
        Lifetime lifetime,
        IReadOnlyList<Extension> leafExtensions,
        IReadOnlyList<Extension> extensions,
        RandomSource random,
        bool grease = false)
    {
        if (grease) (capabilities, leafExtensions, extensions) = Grease.Into(capabilities, leafExtensions, extensions, random);
        if (!leafExtensions.Concat(extensions).All(extension => capabilities.SupportsExtension(extension.Type)))
            throw new ArgumentException("every extension must be among the capabilities", nameof(capabilities));
        var initKey = suite.Hpke.Kem.Generate(random);
        var leafKey = suite.Hpke.Kem.Generate(random);
        var leaf = new LeafNode
        {
            EncryptionKey = leafKey.PublicKey,
            SignatureKey = signatureKey.PublicKey,
            Credential = credential,
            Capabilities = capabilities,
            Source = LeafNodeSource.KeyPackage,
            Lifetime = lifetime,
            Extensions = leafExtensions,
        };
        var unsigned = new KeyPackage(
            ProtocolVersion.Mls10, suite.Id, initKey.PublicKey, leaf.Sign(suite, signatureKey, [], default), extensions, default);
        var keyPackage = unsigned with { Signature = suite.SignWithLabel(signatureKey, Labels.KeyPackage, unsigned.Tbs()) };
        var bundle = new KeyPackageBundle(suite, keyPackage, initKey, leafKey);
        if (FaultOf(keyPackage, suite) is not { } fault) return bundle;
        bundle.Dispose();
        throw fault;
    }

    /// <summary>Which argument makes a key package one that nobody would take, or null.</summary>
    private static ArgumentException? FaultOf(KeyPackage keyPackage, CipherSuite suite)
    {
        string? parameter = "capabilities";
        try
        {
            LeafNodeRules.CheckOwnCapabilities(suite, keyPackage.LeafNode);
            parameter = "credential";
            LeafNodeRules.CheckCredential(suite, keyPackage.LeafNode);
            parameter = "signatureKey";
            KeyPackageRules.Check(keyPackage, ProtocolVersion.Mls10, suite);
            parameter = null;   // a limit of ours, of whichever
            Readable.Checked(keyPackage);
            return null;
        }
        catch (MlsException broken)
        {
            return new ArgumentException(broken.Rule, parameter);
        }
    }

    /// <summary>A key package made elsewhere, with its private keys.</summary>
    /// <param name="keyPackage">What others see.</param>
    /// <param name="initKey">The private half of its init key.</param>
    /// <param name="leafKey">The private half of its leaf's encryption key.</param>
    /// <param name="suites">The cipher suites it may have; null for <see cref="CipherSuites.Known"/>.</param>
    /// <exception cref="ArgumentException">The keys are not those of the key package, or its suite is none of these.</exception>
    public static KeyPackageBundle Import(
        KeyPackage keyPackage, ReadOnlySpan<byte> initKey, ReadOnlySpan<byte> leafKey, CipherSuites? suites = null)
    {
        var suite = (suites ?? CipherSuites.Known).Find(keyPackage.CipherSuite)
            ?? throw new ArgumentException("a cipher suite that is not ours", nameof(keyPackage));
        var bundle = new KeyPackageBundle(suite, keyPackage, suite.Hpke.Kem.Import(initKey), suite.Hpke.Kem.Import(leafKey));
        if (bundle.InitKey.PublicKey.Span.SequenceEqual(keyPackage.InitKey.Span)
            && bundle.LeafKey.PublicKey.Span.SequenceEqual(keyPackage.LeafNode.EncryptionKey.Span))
        {
            return bundle;
        }
        bundle.Dispose();
        throw new ArgumentException("the private keys are not those of the key package");
    }

    /// <summary>The bundle for a store that is sealed; <see cref="Restore"/> reads it.</summary>
    public Secret Serialize()
    {
        using var writer = new TlsWriter(1024);
        writer.WriteUInt8(FormatVersion);
        writer.Write(KeyPackage);
        writer.WriteOpaque(InitKey.RevealPrivateKey());
        writer.WriteOpaque(LeafKey.RevealPrivateKey());
        return Secret.CopyOf(writer.Written);
    }

    /// <summary>Reads what <see cref="Serialize"/> wrote.</summary>
    /// <param name="serialized">Its bytes.</param>
    /// <param name="suites">The cipher suites it may have; null for <see cref="CipherSuites.Known"/>.</param>
    /// <exception cref="CodecException">The bytes are not that.</exception>
    /// <exception cref="ArgumentException">Its suite is none of these.</exception>
    public static KeyPackageBundle Restore(ReadOnlySpan<byte> serialized, CipherSuites? suites = null)
    {
        var reader = new TlsReader(serialized);
        if (reader.ReadUInt8() != FormatVersion) throw new CodecException("a key package bundle of another version");
        var keyPackage = KeyPackage.Decode(ref reader);
        var initKey = reader.ReadOpaque(MlsLimits.MaxKeySize);
        var leafKey = reader.ReadOpaque(MlsLimits.MaxKeySize);
        reader.ExpectEnd();
        return Import(keyPackage, initKey, leafKey, suites);
    }

    /// <summary>Wipes the private keys.</summary>
    public void Dispose()
    {
        InitKey.Dispose();
        LeafKey.Dispose();
    }

    /// <summary>The kind of thing, never its content.</summary>
    public override string ToString() => nameof(KeyPackageBundle);
}
