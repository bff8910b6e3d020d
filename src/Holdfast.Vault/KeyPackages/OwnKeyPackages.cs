using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>The private halves of the key packages we have handed out; a one-time one is deleted when it has been used.</summary>
internal sealed class OwnKeyPackages(SealedStore store, Profile profile, RandomSource random, TimeProvider clock)
{
    private static readonly TimeSpan Validity = TimeSpan.FromDays(90), ClockSkew = TimeSpan.FromHours(1);

    /// <summary>The last-resort key package is replaced when this much of its lifetime has gone.</summary>
    private static readonly TimeSpan Renewal = TimeSpan.FromDays(ProtocolLimits.KeyPackageDays);

    /// <summary>A Welcome to a key package that has just expired may wait in the inbox: as long as servers keep it, and some days.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromDays(35);

    /// <summary>Whether there should be a new last-resort key package at the server.</summary>
    internal bool IsLastResortDue => profile.LastResortAt + Renewal.TotalMilliseconds <= clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>What every leaf of ours can do.</summary>
    internal static Capabilities Capabilities { get; } = new(
        [(ushort)ProtocolVersion.Mls10], [ConversationSuite.Suite.Id], [LeafTraits.ConversationType, LeafTraits.InboxKeyType, LeafTraits.LastResortType], [],
        [(ushort)CredentialType.Basic]);

    internal KeyPackageBundle Make(bool lastResort = false)
    {
        var now = clock.GetUtcNow();
        var credential = DeviceCredential.Issue(profile.RequirePin(), profile.Identity, profile.Device, profile.Leaf.PublicKey.Span);
        return KeyPackageBundle.Create(
            ConversationSuite.Suite, profile.Leaf, new BasicCredential(Tls.Encode(credential)), Capabilities,
            new Lifetime((ulong)(now - ClockSkew).ToUnixTimeSeconds(), (ulong)(now + Validity).ToUnixTimeSeconds()),
            [LeafTraits.InboxKey(profile.Inbox)], lastResort ? [LeafTraits.LastResort] : [], random);
    }

    internal void Save(KeyPackageBundle bundle)
    {
        using var bytes = bundle.Serialize();
        store.Put(RecordKind.KeyPackage, Key(bundle), bytes.Reveal());
    }

    /// <summary>The first of the key packages a Welcome names that is ours, or null.</summary>
    internal KeyPackageBundle? Find(Welcome welcome)
    {
        foreach (var secrets in welcome.Secrets)
        {
            if (store.Get(RecordKind.KeyPackage, secrets.NewMember.ToArray()) is not { } record) continue;
            try { return KeyPackageBundle.Restore(record, ConversationSuite.Only); }
            finally { CryptographicOperations.ZeroMemory(record); }
        }
        return null;
    }

    /// <summary>Whether a leaf is of a key package that we have made and that no Welcome has used.</summary>
    internal bool Holds(LeafNode leaf)
    {
        foreach (var (_, value) in store.ScanAll(RecordKind.KeyPackage))
        {
            using var bundle = KeyPackageBundle.Restore(value, ConversationSuite.Only);
            CryptographicOperations.ZeroMemory(value);
            if (bundle.KeyPackage.LeafNode.EncryptionKey.Span.SequenceEqual(leaf.EncryptionKey.Span)) return true;
        }
        return false;
    }

    internal void Used(KeyPackageBundle bundle)
    {
        if (!IsLastResort(bundle.KeyPackage)) store.Delete(RecordKind.KeyPackage, Key(bundle));
    }

    /// <summary>Deletes the private halves of what nobody can be using any more.</summary>
    internal void DropExpired()
    {
        var over = clock.GetUtcNow() - Grace;
        foreach (var (key, value) in store.ScanAll(RecordKind.KeyPackage))
        {
            using var bundle = KeyPackageBundle.Restore(value, ConversationSuite.Only);
            if (bundle.KeyPackage.LeafNode.Lifetime!.NotAfter < (ulong)over.ToUnixTimeSeconds()) store.Delete(RecordKind.KeyPackage, key);
            CryptographicOperations.ZeroMemory(value);
        }
    }

    private static bool IsLastResort(KeyPackage package) => package.Extensions.Any(extension => extension.Type == LeafTraits.LastResortType);

    private static byte[] Key(KeyPackageBundle bundle) => bundle.Reference();
}
