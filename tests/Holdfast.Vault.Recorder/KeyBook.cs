using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Mls;
using Holdfast.Protocol;
using Holdfast.Vault.Pages;

namespace Holdfast.Vault.Recorder;

/// <summary>
/// Every secret in a profile, a line each: what it is, a tab, hexadecimal digits. Among them are the keys of messages that have not been
/// written yet, so that a test that goes on with the profile knows by which keys its messages were sealed.
/// </summary>
internal sealed class KeyBook(TextWriter output)
{
    private const int NextMessages = 16, Window = 48;

    public static void Write(string folder, byte[] passcode, TextWriter output)
    {
        var access = new Access(
            folder, RandomSource.System, TimeProvider.System, PasscodeCost.Least, static _ => throw new NotSupportedException("a token guards this profile"));
        using var storeKey = access.Open(new Unlock(passcode));
        var store = SealedStore.Open(access.StorePath, storeKey, RandomSource.System);
        using var vault = new OpenVault(store, Profile.Load(store), RandomSource.System, TimeProvider.System);
        var book = new KeyBook(output);
        book.Say("the store's key", storeKey.Reveal());
        book.SayPageKeys(access.StorePath, storeKey);
        book.SayProfile(vault.Profile);
        using (var delivery = vault.Settings.DeliveryKey())
            if (delivery is not null) book.Say("the delivery key", delivery.RevealPrivateKey());
        foreach (var (_, package) in store.ScanAll(RecordKind.KeyPackage)) book.SayPrivateHalves(package);
        foreach (var log in vault.Conversations.All().Select(static conversation => conversation.Log).ToList())
            if (store.ScanAll(RecordKind.Group, log.ToBytes(), limit: 1).Count > 0) book.SayGroup(vault.Groups.Load(log));
        foreach (var (_, message) in store.ScanAll(RecordKind.History)) book.SayWindows("a message's record", message);
    }

    private void Say(string what, ReadOnlySpan<byte> secret) => output.WriteLine($"{what}\t{Convert.ToHexStringLower(secret)}");

    /// <summary>The main file begins with a header that has its identity in it.</summary>
    private void SayPageKeys(string path, Secret storeKey)
    {
        byte[] header = File.ReadAllBytes(path)[..FileHeader.Bytes];
        using var keys = new StoreKeys(storeKey, FileHeader.IdentityIn(header));
        using Secret check = keys.Check(), pages = keys.Pages();
        Say("the key that the store's file is checked by", check.Reveal());
        Say("the key of the store's pages", pages.Reveal());
    }

    private void SayProfile(Profile profile)
    {
        Say("the identity key", profile.Identity.RevealPrivateKey());
        Say("the leaf's key", profile.Leaf.RevealPrivateKey());
        Say("the login key", profile.LoginKey.RevealPrivateKey());
        Say("the inbox key", profile.Inbox.RevealPrivateKey());
    }

    private void SayPrivateHalves(byte[] package)
    {
        using var bundle = KeyPackageBundle.Restore(package, ConversationSuite.Only);
        Say("a key package's init key", bundle.InitKey.RevealPrivateKey());
        Say("a key package's leaf key", bundle.LeafKey.RevealPrivateKey());
    }

    /// <summary>docs/STATE.md: the records of a group that are secrets, and the parts of those that have some.</summary>
    private void SayGroup(Group group)
    {
        int size = group.Suite.Hkdf.HashSize;
        using (var access = AccessKey.Of(group)) Say("an access key", access.RevealPrivateKey());
        using var records = group.Records();
        foreach (var record in records)
        {
            switch ((RecordType)record.Key[0])
            {
                case RecordType.Head: SayEpoch(record.Value, size); break;
                case RecordType.PrivateKey: Say("a tree's private key", record.Value); break;
                case RecordType.SecretNode: Say("a secret tree's node", record.Value); break;
                case RecordType.Ratchet: SayRatchet(group.Suite, record.Value); break;
                case RecordType.SkippedKey: Say("a key that was passed over", record.Value); break;
                case RecordType.ResumptionPsk: Say("a resumption key", record.Value); break;
            }
        }
    }

    private void SayEpoch(ReadOnlySpan<byte> head, int size)
    {
        var reader = new TlsReader(head);
        _ = GroupContext.Decode(ref reader);
        reader.ReadUInt32();
        string[] names = ["sender data", "exporter", "external", "confirmation", "membership", "resumption", "init", "authenticator"];
        foreach (string name in names) Say($"an epoch's {name} secret", reader.ReadBytes(size));
    }

    /// <summary>RFC 9420 §9.1: a ratchet's present secret, and the keys of the next messages.</summary>
    private void SayRatchet(CipherSuite suite, ReadOnlySpan<byte> record)
    {
        var reader = new TlsReader(record);
        uint generation = reader.ReadUInt32();
        byte[] secret = reader.ReadBytes(suite.Hkdf.HashSize).ToArray();
        byte[] key = new byte[suite.Aead.KeySize], nonce = new byte[suite.Aead.NonceSize];
        for (int i = 0; i < NextMessages; i++, generation++)
        {
            Say("a ratchet's secret", secret);
            MessageKey.Derive(suite, secret, generation, key, nonce);
            Say("a message's key", key);
            byte[] next = new byte[secret.Length];
            suite.DeriveTreeSecret(secret, Labels.RatchetSecret, generation, next);
            secret = next;
        }
    }

    private void SayWindows(string what, byte[] value)
    {
        for (int at = 0; at + Window <= value.Length; at += Window) Say(what, value.AsSpan(at, Window));
    }
}
