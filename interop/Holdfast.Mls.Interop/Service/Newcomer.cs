using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls.Interop;

/// <summary>
/// Somebody with a key package who is in no group by it yet: what the interface calls a transaction. Becoming a member gives the keys
/// that a member needs to the <see cref="MemberState"/>; what is left is wiped with this.
/// </summary>
internal sealed class Newcomer : IDisposable
{
    private static readonly TimeSpan Validity = TimeSpan.FromDays(30), ClockSkew = TimeSpan.FromHours(1);

    private bool _isMember;

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

    internal static CipherSuite SuiteOf(uint id) => id <= ushort.MaxValue && CipherSuite.Find((ushort)id) is { } suite
        ? suite
        : throw new ArgumentException($"cipher suite {id} is not known");

    internal static Newcomer Create(uint suiteId, ReadOnlyMemory<byte> identity) => Create(SuiteOf(suiteId), new BasicCredential(identity));

    /// <summary>A member of a group, as who comes into another.</summary>
    internal static Newcomer Again(CipherSuite suite, Group group) =>
        Create(suite, group.Members.Single(member => member.Index == group.OwnLeaf).Leaf.Credential);

    private static Newcomer Create(CipherSuite suite, Credential credential)
    {
        var now = DateTimeOffset.UtcNow;
        var lifetime = new Lifetime((ulong)(now - ClockSkew).ToUnixTimeSeconds(), (ulong)(now + Validity).ToUnixTimeSeconds());
        var signatureKey = suite.Signature.Generate(RandomSource.System);
        return new Newcomer(
            KeyPackageBundle.Create(suite, signatureKey, credential, Capabilities, lifetime, [], [], RandomSource.System), signatureKey);
    }

    /// <summary>Creates a group of which this is the only member.</summary>
    internal MemberState Found(ReadOnlyMemory<byte> groupId, bool encryptHandshake)
    {
        var policy = MemberState.Policy(Psks, encryptHandshake);
        return Enter(Group.Create(Bundle.Suite, groupId, Bundle, SignatureKey, [], policy, RandomSource.System), encryptHandshake);
    }

    /// <summary>Makes a group that is tied to another.</summary>
    internal (MemberState Member, LinkedGroup Linked) Begin(
        IReadOnlyList<KeyPackage> others, bool treeBeside, bool encryptHandshake, Func<NewGroupOptions, LinkedGroup> make)
    {
        var policy = MemberState.Policy(Psks, encryptHandshake);
        var linked = make(new NewGroupOptions(Bundle, SignatureKey, others, policy) { TreeInWelcome = !treeBeside });
        return (Enter(linked.Group, encryptHandshake), linked);
    }

    /// <summary>Joins by a Welcome.</summary>
    /// <param name="welcome">An MLSMessage.</param>
    /// <param name="ratchetTree">Empty where the Welcome carries it.</param>
    /// <param name="encryptHandshake">Whether our handshake messages are to be PrivateMessages.</param>
    /// <param name="old">The group of ours that the new one may be tied to.</param>
    /// <exception cref="MlsException">The Welcome is rejected.</exception>
    internal MemberState Join(ReadOnlySpan<byte> welcome, ReadOnlyMemory<byte> ratchetTree, bool encryptHandshake, Group? old = null)
    {
        ReadOnlyMemory<byte>? beside = ratchetTree.IsEmpty ? null : ratchetTree;
        var policy = MemberState.Policy(Psks, encryptHandshake);
        return Group.Join(welcome, Bundle, SignatureKey, beside, policy, _ => old) switch
        {
            JoinOutcome.Joined joined => Enter(joined.Group, encryptHandshake),
            JoinOutcome.Rejected rejected => throw new MlsException(rejected.Error, rejected.Rule),
            _ => throw new InvalidOperationException("an outcome we do not know"),
        };
    }

    /// <summary>RFC 9420 §12.4.3.2: joins from outside. The runner takes the commit for accepted.</summary>
    /// <exception cref="MlsException">The GroupInfo is rejected.</exception>
    internal static (MemberState Member, byte[] Commit) JoinExternally(Wire.ExternalJoinRequest request)
    {
        var suite = SuiteOf(request.GroupInfo.ToGroupInfo().GroupContext.CipherSuite);
        var psks = new ExternalPsks();
        foreach (var psk in request.Psks) psks.Store(psk.PskId.Span, psk.PskSecret.Span);
        var options = new ExternalJoinOptions
        {
            Credential = new BasicCredential(request.Identity.ToByteArray()),
            Capabilities = Capabilities,
            RatchetTree = request.RatchetTree.IsEmpty ? null : request.RatchetTree.ToByteArray(),
            Resync = request.RemovePrior,
            Psks = [.. request.Psks.Select(psk => WireForms.ExternalPsk(suite, psk.PskId).PreSharedKey)],
        };
        var signatureKey = suite.Signature.Generate(RandomSource.System);
        var policy = MemberState.Policy(psks, request.EncryptHandshake);
        return Group.JoinExternally(request.GroupInfo.Span, options, signatureKey, policy, RandomSource.System) switch
        {
            ExternalJoinOutcome.Prepared prepared =>
                (new MemberState(prepared.Next, signatureKey, psks, request.EncryptHandshake), prepared.Message),
            ExternalJoinOutcome.Rejected rejected => throw new MlsException(rejected.Error, rejected.Rule),
            _ => throw new InvalidOperationException("an outcome we do not know"),
        };
    }

    public void Dispose()
    {
        Bundle.Dispose();
        if (_isMember) return;
        SignatureKey.Dispose();
        Psks.Dispose();
    }

    private MemberState Enter(Group group, bool encryptHandshake)
    {
        _isMember = true;
        return new MemberState(group, SignatureKey, Psks, encryptHandshake);
    }
}
