using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §12.4.3.1: letting new members into an epoch that a commit has begun.</summary>
internal sealed class WelcomeCreation(
    EpochState epoch,
    Secret joinerSecret,
    Secret pskSecret,
    IReadOnlyList<PreSharedKeyId> psks,
    Parallelism parallelism,
    RandomSource random)
{
    /// <summary>One Welcome for all that were added, as an MLSMessage; null where nobody was.</summary>
    internal byte[]? Create(IReadOnlyList<(LeafIndex Index, KeyPackage KeyPackage)> added, NewPath? path, CommitOptions options)
    {
        if (added.Count == 0) return null;
        var encryptedGroupInfo = SealGroupInfo(options);
        var info = epoch.Suite.PrepareLabel(Labels.Welcome, encryptedGroupInfo);
        var secrets = new EncryptedGroupSecrets[added.Count];
        parallelism.With(random).For(
            added.Count, 4, i => secrets[i] = SealSecrets(added[i].KeyPackage, path?.PathSecretFor(added[i].Index), info));
        return Tls.Encode(new MlsMessage(new Welcome(epoch.Suite.Id, secrets, encryptedGroupInfo)));
    }

    /// <summary>The GroupInfo under a key that only those have who know joiner secret and pre-shared keys.</summary>
    private byte[] SealGroupInfo(CommitOptions options)
    {
        using var key = KeySchedule.WelcomeKey(epoch.Suite, joinerSecret, pskSecret);
        return key.Seal(
            epoch.Suite, Tls.Encode(epoch.SignGroupInfo(options.TreeInWelcome, options.ExternalKeyInWelcome, options.GroupInfoExtensions)));
    }

    /// <summary>One joiner's secrets, sealed to its init key and bound to the GroupInfo.</summary>
    private EncryptedGroupSecrets SealSecrets(KeyPackage keyPackage, Secret? pathSecret, HpkeInfo info)
    {
        using var writer = new TlsWriter();
        writer.Write(new GroupSecrets(joinerSecret, pathSecret, psks));   // borrows its secrets: not disposed here
        var message = epoch.Suite.Hpke.Seal(keyPackage.InitKey.Span, info, [], writer.Written, random)
            ?? throw new MlsException(MlsError.InvalidKey, "RFC 9420 §10: init_key is no public key");
        return new EncryptedGroupSecrets(keyPackage.Reference(epoch.Suite), new HpkeCiphertext(message.Encapsulation, message.Ciphertext));
    }
}
