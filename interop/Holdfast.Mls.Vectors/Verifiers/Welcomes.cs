using System.Text.Json;
using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls.Vectors;

/// <summary>RFC 9420 §12.4.3.1: open the secrets and the GroupInfo, check its signature and its confirmation tag.</summary>
internal static class Welcomes
{
    internal static void Verify(JsonElement vector)
    {
        var suite = vector.Suite();
        var welcome = Expect.Present("Welcome", Tls.Decode<MlsMessage>(vector.Hex("welcome")).Welcome);
        Expect.Equal("the Welcome's cipher suite", suite.Id, welcome.CipherSuite);
        using var secrets = OpenSecrets(suite, vector, welcome);
        using var psk = PskSecret.Compute(suite, []);
        using var welcomeKey = KeySchedule.WelcomeKey(suite, secrets.JoinerSecret, psk);
        var info = Tls.Decode<GroupInfo>(Expect.Present("GroupInfo", welcomeKey.Open(suite, welcome.EncryptedGroupInfo.Span)));
        Expect.Holds(
            "the GroupInfo is signed",
            suite.VerifyWithLabel(vector.Hex("signer_pub"), Labels.GroupInfo, info.Tbs(), info.Signature.Span));
        CheckTag(suite, secrets, psk, info);
    }

    private static GroupSecrets OpenSecrets(CipherSuite suite, JsonElement vector, Welcome welcome)
    {
        var package = Expect.Present("KeyPackage", Tls.Decode<MlsMessage>(vector.Hex("key_package")).KeyPackage);
        using var initKey = suite.Hpke.Kem.Import(vector.Hex("init_priv"));
        Expect.Same("init_priv's public key", package.InitKey.Span, initKey.PublicKey.Span);
        byte[] reference = suite.RefHash(Labels.KeyPackageReference, Tls.Encode(package));
        var entry = Expect.Present(
            "entry for the key package", welcome.Secrets.SingleOrDefault(secrets => secrets.NewMember.Span.SequenceEqual(reference)));
        using var opened = suite.DecryptWithLabel(
            initKey, Labels.Welcome, welcome.EncryptedGroupInfo.Span, entry.Sealed.KemOutput.Span, entry.Sealed.Ciphertext.Span);
        return Tls.Decode<GroupSecrets>(Expect.Present("GroupSecrets", opened).Reveal());
    }

    private static void CheckTag(CipherSuite suite, GroupSecrets secrets, Secret psk, GroupInfo info)
    {
        using var epochSecret = KeySchedule.EpochSecret(suite, secrets.JoinerSecret, psk, info.GroupContext);
        using var epoch = EpochSecrets.Derive(suite, epochSecret, out var encryptionSecret);
        encryptionSecret.Dispose();
        var hash = info.GroupContext.ConfirmedTranscriptHash;
        Expect.Holds("the confirmation tag verifies", epoch.VerifyConfirmationTag(hash.Span, info.ConfirmationTag.Span));
        byte[] wrongTag = info.ConfirmationTag.ToArray();
        wrongTag[0] ^= 1;
        Expect.Holds("another confirmation tag is refused", !epoch.VerifyConfirmationTag(hash.Span, wrongTag));
    }
}
