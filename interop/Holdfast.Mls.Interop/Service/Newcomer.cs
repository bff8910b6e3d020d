using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls.Interop;

/// <summary>Somebody with a key package who is in no group yet: what the interface calls a transaction.</summary>
internal sealed class Newcomer : IDisposable
{
    private static readonly TimeSpan Validity = TimeSpan.FromDays(30), ClockSkew = TimeSpan.FromHours(1);

    private Newcomer(KeyPackageBundle bundle, SignatureKey signatureKey) => (Bundle, SignatureKey) = (bundle, signatureKey);

    internal static Capabilities Capabilities { get; } = new(
        [(ushort)ProtocolVersion.Mls10],
        [.. CipherSuite.All.Select(suite => suite.Id)],
        [],
        [],
        [CredentialType.Basic, CredentialType.X509]);

    internal KeyPackageBundle Bundle { get; }

    internal SignatureKey SignatureKey { get; }

    internal ExternalPsks Psks { get; } = new();

    /// <summary>The key package as an MLSMessage.</summary>
    internal byte[] KeyPackageMessage => Tls.Encode(new MlsMessage(Bundle.KeyPackage));

    internal static Newcomer Create(uint suiteId, ReadOnlyMemory<byte> identity)
    {
        var suite = SuiteOf(suiteId);
        return Create(suite, new BasicCredential(identity), suite.Signature.Generate(RandomSource.System));
    }

    /// <summary>Takes ownership of the key.</summary>
    internal static Newcomer Create(CipherSuite suite, Credential credential, SignatureKey signatureKey)
    {
        var now = DateTimeOffset.UtcNow;
        var lifetime = new Lifetime((ulong)(now - ClockSkew).ToUnixTimeSeconds(), (ulong)(now + Validity).ToUnixTimeSeconds());
        return new Newcomer(
            KeyPackageBundle.Create(suite, signatureKey, credential, Capabilities, lifetime, [], [], RandomSource.System), signatureKey);
    }

    internal static CipherSuite SuiteOf(uint id) => id <= ushort.MaxValue && CipherSuite.Find((ushort)id) is { } suite
        ? suite
        : throw new ArgumentException($"cipher suite {id} is not known");

    /// <summary>Creates a group of which this is the only member; the member owns what was ours.</summary>
    internal MemberState Found(ReadOnlyMemory<byte> groupId, IReadOnlyList<Extension> extensions, bool encryptHandshake)
    {
        var policy = MemberState.Policy(Psks, encryptHandshake);
        return ToMember(Group.Create(Bundle.Suite, groupId, Bundle, SignatureKey, extensions, policy, RandomSource.System), encryptHandshake);
    }

    /// <summary>Joins by a Welcome; the member owns what was ours.</summary>
    /// <exception cref="MlsException">The Welcome is rejected.</exception>
    internal MemberState Join(ReadOnlySpan<byte> welcome, ReadOnlyMemory<byte> ratchetTree, bool encryptHandshake)
    {
        ReadOnlyMemory<byte>? beside = ratchetTree.IsEmpty ? null : ratchetTree;
        return Group.Join(welcome, Bundle, SignatureKey, beside, MemberState.Policy(Psks, encryptHandshake)) switch
        {
            JoinOutcome.Joined joined => ToMember(joined.Group, encryptHandshake),
            JoinOutcome.Rejected rejected => throw new MlsException(rejected.Error, rejected.Rule),
            _ => throw new InvalidOperationException("an outcome we do not know"),
        };
    }

    private MemberState ToMember(Group group, bool encryptHandshake)
    {
        Bundle.Dispose();
        return new MemberState(group, SignatureKey, Psks, encryptHandshake);
    }

    public void Dispose()
    {
        Bundle.Dispose();
        SignatureKey.Dispose();
        Psks.Dispose();
    }
}
