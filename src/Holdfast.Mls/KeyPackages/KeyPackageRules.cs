using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §10.1: when a key package is valid. Its credential and lifetime are the caller's to judge.</summary>
public static class KeyPackageRules
{
    /// <summary>RFC 9420 §10.1: throws where a rule is broken.</summary>
    public static void Check(KeyPackage keyPackage, ProtocolVersion version, CipherSuite suite)
    {
        var leaf = keyPackage.LeafNode;
        Require(keyPackage.Version == version, MlsError.InvalidKeyPackage, "RFC 9420 §10.1: the version is not the group's");
        Require(keyPackage.CipherSuite == suite.Id, MlsError.InvalidKeyPackage, "RFC 9420 §10.1: the cipher suite is not the group's");
        Require(
            leaf.Source == LeafNodeSource.KeyPackage, MlsError.InvalidKeyPackage, "RFC 9420 §10: leaf_node_source must be key_package");
        LeafNodeRules.Check(suite, leaf, [], default);
        Require(
            suite.Hpke.Kem.IsValidPublicKey(keyPackage.InitKey.Span), MlsError.InvalidKey, "RFC 9420 §10: init_key is no public key");
        Require(
            !keyPackage.InitKey.Span.SequenceEqual(leaf.EncryptionKey.Span),
            MlsError.InvalidKeyPackage,
            "RFC 9420 §10.1: init_key and the leaf's encryption_key are the same");
        Require(
            !keyPackage.InitKey.Span.SequenceEqual(leaf.SignatureKey.Span),
            MlsError.InvalidKeyPackage,
            "RFC 9420 §16.7: init_key and the leaf's signature_key are the same");
        Require(
            suite.VerifyWithLabel(leaf.SignatureKey.Span, Labels.KeyPackage, keyPackage.Tbs(), keyPackage.Signature.Span),
            MlsError.InvalidSignature,
            "RFC 9420 §10.1: the key package's signature does not verify");
    }

    private static void Require(bool holds, MlsError error, string rule) => MlsException.Require(holds, error, rule);
}
