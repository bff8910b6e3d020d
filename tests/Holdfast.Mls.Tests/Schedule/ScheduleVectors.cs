using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

public sealed class ScheduleVectors
{
    public static IEnumerable<TheoryDataRow<int>> KeySchedules => VectorCases.Of("key-schedule");

    public static IEnumerable<TheoryDataRow<int>> PskSecrets => VectorCases.Of("psk_secret");

    public static IEnumerable<TheoryDataRow<int>> TranscriptHashes => VectorCases.Of("transcript-hashes");

    [Theory, MemberData(nameof(KeySchedules))]
    public void EachEpochYieldsThePublishedSecrets(int index)
    {
        var vector = VectorCases.Get("key-schedule", index);
        var suite = vector.Suite();
        var init = vector.Secret("initial_init_secret");
        ulong number = 0;
        foreach (var epoch in vector.GetProperty("epochs").EnumerateArray())
        {
            var context = new GroupContext(
                ProtocolVersion.Mls10, suite.Id, vector.Hex("group_id"), number++, epoch.Hex("tree_hash"), epoch.Hex("confirmed_transcript_hash"), []);
            Assert.Equal(epoch.Hex("group_context"), Tls.Encode(context));

            using var joiner = KeySchedule.JoinerSecret(suite, init, epoch.Secret("commit_secret"), context);
            Assert.Equal(epoch.Hex("joiner_secret"), joiner.Reveal());
            CheckWelcomeKey(suite, joiner, epoch.Secret("psk_secret"), epoch.Secret("welcome_secret"));

            using var epochSecret = KeySchedule.EpochSecret(suite, joiner, epoch.Secret("psk_secret"), context);
            using var secrets = EpochSecrets.Derive(suite, epochSecret, out var encryption);
            Assert.Equal(epoch.Hex("encryption_secret"), encryption.Reveal());
            CheckSecrets(suite, epoch, secrets);
            CheckSecrets(suite, epoch, Restored(suite, secrets));
            init = Secret.CopyOf(secrets.InitSecret.Reveal());
        }
        Assert.True(number > 1);
    }

    [Theory, MemberData(nameof(PskSecrets))]
    public void PreSharedKeysChainToThePublishedSecret(int index)
    {
        var vector = VectorCases.Get("psk_secret", index);
        PreSharedKey[] keys =
        [
            .. from psk in vector.GetProperty("psks").EnumerateArray()
               select new PreSharedKey(new ExternalPskId(psk.Hex("psk_id"), psk.Hex("psk_nonce")), psk.Secret("psk")),
        ];
        using var secret = PskSecret.Compute(vector.Suite(), keys);
        Assert.Equal(vector.Hex("psk_secret"), secret.Reveal());
    }

    [Theory, MemberData(nameof(TranscriptHashes))]
    public void ACommitMovesTheTranscriptHashesAsPublished(int index)
    {
        var vector = VectorCases.Get("transcript-hashes", index);
        var suite = vector.Suite();
        byte[] encoded = vector.Hex("authenticated_content");
        var commit = Tls.Decode<AuthenticatedContent>(encoded);
        Assert.Equal(encoded, Tls.Encode(commit));

        byte[] confirmed = TranscriptHash.Confirmed(suite, vector.Hex("interim_transcript_hash_before"), commit);
        Assert.Equal(vector.Hex("confirmed_transcript_hash_after"), confirmed);
        Assert.True(suite.Hkdf.VerifyMac(vector.Hex("confirmation_key"), confirmed, commit.Auth.ConfirmationTag!.Value.Span));
        Assert.Equal(
            vector.Hex("interim_transcript_hash_after"),
            TranscriptHash.Interim(suite, confirmed, commit.Auth.ConfirmationTag.Value.Span));
    }

    private static void CheckSecrets(CipherSuite suite, System.Text.Json.JsonElement epoch, EpochSecrets secrets)
    {
        Assert.Equal(epoch.Hex("sender_data_secret"), secrets.SenderDataSecret.Reveal());
        Assert.Equal(epoch.Hex("membership_key"), secrets.MembershipKey.Reveal());
        Assert.Equal(epoch.Hex("resumption_psk"), secrets.ResumptionPsk.Reveal());
        Assert.Equal(epoch.Hex("init_secret"), secrets.InitSecret.Reveal());
        Assert.Equal(epoch.Hex("epoch_authenticator"), secrets.EpochAuthenticator.Span);

        byte[] hash = [1, 2, 3], tag = suite.Hkdf.Mac(epoch.Hex("confirmation_key"), hash);
        Assert.Equal(tag, secrets.ConfirmationTag(hash));
        Assert.True(secrets.VerifyConfirmationTag(hash, tag));
        Assert.False(secrets.VerifyConfirmationTag([1, 2, 4], tag));

        using var external = secrets.ExternalKeyPair();
        Assert.Equal(epoch.Hex("external_pub"), external.PublicKey.Span);

        var exporter = epoch.GetProperty("exporter");
        using var exported = secrets.Export(exporter.Text("label"), exporter.Hex("context"), exporter.GetProperty("length").GetInt32());
        Assert.Equal(exporter.Hex("secret"), exported.Reveal());
    }

    private static void CheckWelcomeKey(CipherSuite suite, Secret joiner, Secret psk, Secret welcomeSecret)
    {
        using var key = suite.ExpandWithLabel(welcomeSecret, "key", [], suite.Aead.KeySize);
        using var nonce = suite.ExpandWithLabel(welcomeSecret, "nonce", [], suite.Aead.NonceSize);
        byte[] ciphertext = suite.Aead.Seal(key.Reveal(), nonce.Reveal(), [], "group info"u8);
        using var welcome = KeySchedule.WelcomeKey(suite, joiner, psk);
        Assert.Equal("group info"u8, welcome.Open(suite, ciphertext)!);
        Assert.Equal(ciphertext, welcome.Seal(suite, "group info"u8));
    }

    private static EpochSecrets Restored(CipherSuite suite, EpochSecrets secrets)
    {
        using var writer = new TlsWriter();
        secrets.Encode(writer);
        var reader = new TlsReader(writer.Written);
        var restored = EpochSecrets.Decode(ref reader, suite);
        reader.ExpectEnd();
        return restored;
    }
}
