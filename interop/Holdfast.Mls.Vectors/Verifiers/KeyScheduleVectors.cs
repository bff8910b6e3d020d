using System.Text.Json;
using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls.Vectors;

/// <summary>RFC 9420 §8: the secrets of consecutive epochs.</summary>
internal static class KeyScheduleVectors
{
    internal static void Verify(JsonElement vector)
    {
        var suite = vector.Suite();
        var init = vector.Secret("initial_init_secret");
        ulong number = 0;
        foreach (var epoch in vector.Items("epochs"))
        {
            var context = new GroupContext(
                ProtocolVersion.Mls10,
                suite.Id,
                vector.Hex("group_id"),
                number++,
                epoch.Hex("tree_hash"),
                epoch.Hex("confirmed_transcript_hash"),
                []);
            Expect.Same("group_context", epoch.Hex("group_context"), Tls.Encode(context));

            using var joiner = KeySchedule.JoinerSecret(suite, init, epoch.Secret("commit_secret"), context);
            Expect.Same("joiner_secret", epoch.Hex("joiner_secret"), joiner.Reveal());
            CheckWelcomeKey(suite, joiner, epoch.Secret("psk_secret"), epoch.Secret("welcome_secret"));

            using var epochSecret = KeySchedule.EpochSecret(suite, joiner, epoch.Secret("psk_secret"), context);
            using var secrets = EpochSecrets.Derive(suite, epochSecret, out var encryption);
            Expect.Same("encryption_secret", epoch.Hex("encryption_secret"), encryption.Reveal());
            CheckSecrets(suite, epoch, secrets);
            CheckSecrets(suite, epoch, Restored(suite, secrets));
            init = Secret.CopyOf(secrets.InitSecret.Reveal());
        }
        Expect.Holds("there is an epoch", number > 0);
    }

    private static void CheckSecrets(CipherSuite suite, JsonElement epoch, EpochSecrets secrets)
    {
        Expect.Same("sender_data_secret", epoch.Hex("sender_data_secret"), secrets.SenderDataSecret.Reveal());
        Expect.Same("membership_key", epoch.Hex("membership_key"), secrets.MembershipKey.Reveal());
        Expect.Same("resumption_psk", epoch.Hex("resumption_psk"), secrets.ResumptionPsk.Reveal());
        Expect.Same("init_secret", epoch.Hex("init_secret"), secrets.InitSecret.Reveal());
        Expect.Same("epoch_authenticator", epoch.Hex("epoch_authenticator"), secrets.EpochAuthenticator.Span);
        CheckConfirmation(suite, epoch, secrets);
        CheckExternal(suite, epoch, secrets);
        CheckExporter(suite, epoch, secrets);
    }

    /// <summary>The confirmation key shows only in the tags it makes.</summary>
    private static void CheckConfirmation(CipherSuite suite, JsonElement epoch, EpochSecrets secrets)
    {
        byte[] hash = [1, 2, 3], tag = suite.Hkdf.Mac(epoch.Hex("confirmation_key"), hash);
        Expect.Same("a tag under confirmation_key", tag, secrets.ConfirmationTag(hash));
        Expect.Holds("the tag verifies", secrets.VerifyConfirmationTag(hash, tag));
        Expect.Holds("the tag of another hash is refused", !secrets.VerifyConfirmationTag([1, 2, 4], tag));
    }

    private static void CheckExternal(CipherSuite suite, JsonElement epoch, EpochSecrets secrets)
    {
        using var external = secrets.ExternalKeyPair();
        using var published = suite.Hpke.Kem.DeriveKeyPair(epoch.Hex("external_secret"));
        Expect.Same("external_pub", epoch.Hex("external_pub"), external.PublicKey.Span);
        Expect.Same("external_secret's public key", published.PublicKey.Span, external.PublicKey.Span);
    }

    private static void CheckExporter(CipherSuite suite, JsonElement epoch, EpochSecrets secrets)
    {
        var exporter = epoch.GetProperty("exporter");
        string label = exporter.Text("label");
        using var exported = secrets.Export(label, exporter.Hex("context"), exporter.Int32("length"));
        Expect.Same("exporter.secret", exporter.Hex("secret"), exported.Reveal());

        using var derived = suite.DeriveSecret(epoch.Secret("exporter_secret"), label);
        using var byHand = suite.ExpandWithLabel(derived, "exported", suite.Hkdf.Hash(exporter.Hex("context")), exporter.Int32("length"));
        Expect.Same("what exporter_secret exports", byHand.Reveal(), exported.Reveal());
    }

    /// <summary>The welcome secret shows only in what it encrypts.</summary>
    private static void CheckWelcomeKey(CipherSuite suite, Secret joiner, Secret psk, Secret welcomeSecret)
    {
        using var key = suite.ExpandWithLabel(welcomeSecret, "key", [], suite.Aead.KeySize);
        using var nonce = suite.ExpandWithLabel(welcomeSecret, "nonce", [], suite.Aead.NonceSize);
        byte[] ciphertext = suite.Aead.Seal(key.Reveal(), nonce.Reveal(), [], "group info"u8);
        using var welcome = KeySchedule.WelcomeKey(suite, joiner, psk);
        Expect.Same(
            "what welcome_secret opens", "group info"u8, Expect.Present("plaintext under welcome_secret", welcome.Open(suite, ciphertext)));
        Expect.Same("what welcome_secret seals", ciphertext, welcome.Seal(suite, "group info"u8));
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
