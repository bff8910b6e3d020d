using System.Text.Json;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

public sealed class CryptoBasicsVectors
{
    private const string File = "crypto-basics";

    public static IEnumerable<TheoryDataRow<int>> Cases => VectorCases.Of(File);

    [Theory, MemberData(nameof(Cases))]
    public void DerivationsAreAsPublished(int index)
    {
        var (vector, suite) = Load(index);

        var reference = vector.GetProperty("ref_hash");
        Assert.Equal(reference.Hex("out"), suite.RefHash(reference.Text("label"), reference.Hex("value")));

        var expand = vector.GetProperty("expand_with_label");
        using var expanded = suite.ExpandWithLabel(
            expand.Secret("secret"), expand.Text("label"), expand.Hex("context"), expand.GetProperty("length").GetInt32());
        Assert.Equal(expand.Hex("out"), expanded.Reveal());

        var derive = vector.GetProperty("derive_secret");
        using var derived = suite.DeriveSecret(derive.Secret("secret"), derive.Text("label"));
        Assert.Equal(derive.Hex("out"), derived.Reveal());

        var tree = vector.GetProperty("derive_tree_secret");
        using var ofTree = suite.DeriveTreeSecret(
            tree.Secret("secret"), tree.Text("label"), tree.GetProperty("generation").GetUInt32(), tree.GetProperty("length").GetInt32());
        Assert.Equal(tree.Hex("out"), ofTree.Reveal());
    }

    [Theory, MemberData(nameof(Cases))]
    public void SignaturesVerifyUnderTheirLabelOnly(int index)
    {
        var (vector, suite) = Load(index);
        var sign = vector.GetProperty("sign_with_label");
        byte[] publicKey = sign.Hex("pub"), content = sign.Hex("content");
        string label = sign.Text("label");
        using var key = suite.Signature.Import(sign.Hex("priv"));

        Assert.True(suite.VerifyWithLabel(publicKey, label, content, sign.Hex("signature")));
        Assert.True(suite.VerifyWithLabel(publicKey, label, content, suite.SignWithLabel(key, label, content)));
        Assert.False(suite.VerifyWithLabel(publicKey, label + "x", content, sign.Hex("signature")));
        Assert.False(suite.VerifyWithLabel(publicKey, label, [.. content, 0], sign.Hex("signature")));
    }

    [Theory, MemberData(nameof(Cases))]
    public void CiphertextsOpenUnderTheirLabelAndContextOnly(int index)
    {
        var (vector, suite) = Load(index);
        var encrypt = vector.GetProperty("encrypt_with_label");
        string label = encrypt.Text("label");
        byte[] context = encrypt.Hex("context"), kemOutput = encrypt.Hex("kem_output"), ciphertext = encrypt.Hex("ciphertext");
        using var key = suite.Hpke.Kem.Import(encrypt.Hex("priv"));

        using var opened = suite.DecryptWithLabel(key, label, context, kemOutput, ciphertext);
        Assert.Equal(encrypt.Hex("plaintext"), opened!.Reveal());
        Assert.Null(suite.DecryptWithLabel(key, label + "x", context, kemOutput, ciphertext));
        Assert.Null(suite.DecryptWithLabel(key, label, [.. context, 0], kemOutput, ciphertext));

        var own = suite.EncryptWithLabel(encrypt.Hex("pub"), label, context, encrypt.Hex("plaintext"), RandomSource.System)!;
        using var reopened = suite.DecryptWithLabel(key, label, context, own.Encapsulation.Span, own.Ciphertext.Span);
        Assert.Equal(encrypt.Hex("plaintext"), reopened!.Reveal());
    }

    private static (JsonElement Vector, CipherSuite Suite) Load(int index)
    {
        var vector = VectorCases.Get(File, index);
        return (vector, vector.Suite());
    }
}
