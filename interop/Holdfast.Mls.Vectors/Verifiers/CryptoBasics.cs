using System.Text.Json;
using Holdfast.Cryptography;

namespace Holdfast.Mls.Vectors;

/// <summary>RFC 9420 §5: hashes, derivations, signatures and encryption with labels.</summary>
internal static class CryptoBasics
{
    internal static void Verify(JsonElement vector)
    {
        var suite = vector.Suite();
        CheckDerivations(suite, vector);
        CheckSignature(suite, vector.GetProperty("sign_with_label"));
        CheckEncryption(suite, vector.GetProperty("encrypt_with_label"));
    }

    private static void CheckDerivations(CipherSuite suite, JsonElement vector)
    {
        var reference = vector.GetProperty("ref_hash");
        Expect.Same("ref_hash", reference.Hex("out"), suite.RefHash(reference.Text("label"), reference.Hex("value")));

        var expand = vector.GetProperty("expand_with_label");
        using var expanded = suite.ExpandWithLabel(
            expand.Secret("secret"), expand.Text("label"), expand.Hex("context"), expand.Int32("length"));
        Expect.Same("expand_with_label", expand.Hex("out"), expanded.Reveal());

        var derive = vector.GetProperty("derive_secret");
        using var derived = suite.DeriveSecret(derive.Secret("secret"), derive.Text("label"));
        Expect.Same("derive_secret", derive.Hex("out"), derived.Reveal());

        var tree = vector.GetProperty("derive_tree_secret");
        using var ofTree = suite.DeriveTreeSecret(
            tree.Secret("secret"), tree.Text("label"), tree.UInt32("generation"), tree.Int32("length"));
        Expect.Same("derive_tree_secret", tree.Hex("out"), ofTree.Reveal());
    }

    /// <summary>A signature is good under its label only, theirs and ours.</summary>
    private static void CheckSignature(CipherSuite suite, JsonElement sign)
    {
        byte[] publicKey = sign.Hex("pub"), content = sign.Hex("content"), signature = sign.Hex("signature");
        string label = sign.Text("label");
        using var key = suite.Signature.Import(sign.Hex("priv"));
        Expect.Holds("the signature verifies", suite.VerifyWithLabel(publicKey, label, content, signature));
        Expect.Holds("our signature verifies", suite.VerifyWithLabel(publicKey, label, content, suite.SignWithLabel(key, label, content)));
        Expect.Holds("another label is refused", !suite.VerifyWithLabel(publicKey, label + "x", content, signature));
        Expect.Holds("other content is refused", !suite.VerifyWithLabel(publicKey, label, [.. content, 0], signature));
    }

    /// <summary>A ciphertext opens under its label and context only, theirs and ours.</summary>
    private static void CheckEncryption(CipherSuite suite, JsonElement encrypt)
    {
        string label = encrypt.Text("label");
        byte[] context = encrypt.Hex("context"), plaintext = encrypt.Hex("plaintext");
        byte[] kemOutput = encrypt.Hex("kem_output"), ciphertext = encrypt.Hex("ciphertext");
        using var key = suite.Hpke.Kem.Import(encrypt.Hex("priv"));

        using var opened = suite.DecryptWithLabel(key, label, context, kemOutput, ciphertext);
        Expect.Same("the plaintext", plaintext, Expect.Present("plaintext", opened).Reveal());
        Expect.Holds("another label is refused", suite.DecryptWithLabel(key, label + "x", context, kemOutput, ciphertext) is null);
        Expect.Holds("another context is refused", suite.DecryptWithLabel(key, label, [.. context, 0], kemOutput, ciphertext) is null);

        var own = suite.EncryptWithLabel(encrypt.Hex("pub"), label, context, plaintext, RandomSource.System);
        using var reopened = suite.DecryptWithLabel(
            key, label, context, Expect.Present("ciphertext of ours", own).Encapsulation.Span, own!.Ciphertext.Span);
        Expect.Same("the plaintext that we encrypted", plaintext, Expect.Present("plaintext of ours", reopened).Reveal());
    }
}
