using System.Globalization;
using System.Text;
using Holdfast.Cryptography;

namespace Holdfast.Mls.Bench;

/// <summary>The people of a group, as far as they have to exist.</summary>
internal sealed class Cast(CipherSuite suite)
{
    private readonly Capabilities _capabilities = new([1], [suite.Id], [], [], [CredentialType.Basic]);

    internal CipherSuite Suite => suite;

    internal Person NewPerson(int number)
    {
        var key = suite.Signature.Generate(RandomSource.System);
        return new Person(key, KeyPackage(key, number));
    }

    internal KeyPackageBundle KeyPackage(SignatureKey key, int number) => KeyPackageBundle.Create(
        suite, key, Credential(number), _capabilities, new Lifetime(0, ulong.MaxValue), [], [], RandomSource.System);

    /// <summary>A leaf as its member's last commit left it, signed.</summary>
    internal LeafNode CommittedLeaf(SignatureKey key, KemKey leafKey, int number, byte[] groupId, byte[] parentHash) => new LeafNode
    {
        EncryptionKey = leafKey.PublicKey,
        SignatureKey = key.PublicKey,
        Credential = Credential(number),
        Capabilities = _capabilities,
        Source = LeafNodeSource.Commit,
        ParentHash = parentHash,
    }.Sign(suite, key, groupId, new LeafIndex((uint)number));

    private static BasicCredential Credential(int number) =>
        new(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"member-{number:d6}")));
}

/// <summary>A person with a signature key, and a key package to be added by.</summary>
internal sealed record Person(SignatureKey Key, KeyPackageBundle KeyPackage);
