using System.Text.Json;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>The working group's welcome vectors: open the secrets and the GroupInfo, check its signature and its confirmation tag.</summary>
public sealed class WelcomeVectorTests
{
    [Fact]
    public void OpensTheWelcomeAndVerifiesWhatIsInIt()
    {
        var vectors = Vectors.ReadForKnownSuites("welcome").Where(vector => vector.Suite.Id == 1).ToList();
        Assert.NotEmpty(vectors);
        foreach (var (suite, vector) in vectors) Open(suite, vector);
    }

    private static void Open(CipherSuite suite, JsonElement vector)
    {
        var package = Tls.Decode<MlsMessage>(vector.Hex("key_package")).KeyPackage!;
        var welcome = Tls.Decode<MlsMessage>(vector.Hex("welcome")).Welcome!;
        Assert.Equal(suite.Id, welcome.CipherSuite);
        using var initKey = suite.Hpke.Kem.Import(vector.Hex("init_priv"));
        Assert.Equal(package.InitKey.ToArray(), initKey.PublicKey.ToArray());

        byte[] reference = suite.RefHash(Labels.KeyPackageReference, Tls.Encode(package));
        var entry = Assert.Single(welcome.Secrets, secrets => secrets.NewMember.Span.SequenceEqual(reference));
        using var opened = suite.DecryptWithLabel(
            initKey, Labels.Welcome, welcome.EncryptedGroupInfo.Span, entry.Sealed.KemOutput.Span, entry.Sealed.Ciphertext.Span);
        using var secrets = Tls.Decode<GroupSecrets>(opened!.Reveal());
        using var psk = PskSecret.Compute(suite, []);
        using var welcomeKey = KeySchedule.WelcomeKey(suite, secrets.JoinerSecret, psk);
        var info = Tls.Decode<GroupInfo>(welcomeKey.Open(suite, welcome.EncryptedGroupInfo.Span)!);
        Assert.True(suite.VerifyWithLabel(vector.Hex("signer_pub"), Labels.GroupInfo, info.Tbs(), info.Signature.Span));

        using var epochSecret = KeySchedule.EpochSecret(suite, secrets.JoinerSecret, psk, info.GroupContext);
        using var epoch = EpochSecrets.Derive(suite, epochSecret, out var encryptionSecret);
        encryptionSecret.Dispose();
        Assert.True(epoch.VerifyConfirmationTag(info.GroupContext.ConfirmedTranscriptHash.Span, info.ConfirmationTag.Span));
        byte[] wrongTag = [.. info.ConfirmationTag.Span];
        wrongTag[0] ^= 1;
        Assert.False(epoch.VerifyConfirmationTag(info.GroupContext.ConfirmedTranscriptHash.Span, wrongTag));
    }
}
