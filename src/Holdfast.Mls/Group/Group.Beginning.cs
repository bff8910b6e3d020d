using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

public sealed partial class Group
{
    /// <summary>RFC 9420 §11: a group of which the creator is the only member, in epoch 0.</summary>
    /// <param name="suite">The group's cipher suite.</param>
    /// <param name="groupId">An id that no other group has: fresh random bytes.</param>
    /// <param name="self">The creator's key package, of which leaf and leaf key are used; it stays the caller's.</param>
    /// <param name="signatureKey">The key the leaf names; it stays the caller's, who keeps it as long as the group.</param>
    /// <param name="contextExtensions">What the group agrees on.</param>
    /// <param name="policy">The application's rules.</param>
    /// <param name="random">Where the epoch's secret comes from.</param>
    /// <exception cref="MlsException">
    /// The creator's key package breaks a rule of RFC 9420 §10.1 or is one that the policy refuses, its leaf does not fit the group, or
    /// the id or an extension is over a limit of ours.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// The key package is of another cipher suite, or the signature key is not the one its leaf names.
    /// </exception>
    public static Group Create(
        CipherSuite suite,
        ReadOnlyMemory<byte> groupId,
        KeyPackageBundle self,
        SignatureKey signatureKey,
        IReadOnlyList<Extension> contextExtensions,
        GroupPolicy policy,
        RandomSource random)
    {
        if (self.Suite != suite) throw new ArgumentException("the key package is of another cipher suite", nameof(self));
        CheckIsKeyOf(signatureKey, self.KeyPackage.LeafNode);
        KeyPackageRules.Check(self.KeyPackage, ProtocolVersion.Mls10, suite);   // or nobody could ever join
        policy.CheckAccepts(self.KeyPackage.LeafNode, null);
        var tree = RatchetTree.Create(suite, self.KeyPackage.LeafNode);
        MemberRules.Check(tree, contextExtensions);
        policy.CheckAcceptsExternalSenders(contextExtensions);
        var context = Readable.Checked(new GroupContext(
            ProtocolVersion.Mls10, suite.Id, groupId.ToArray(), 0, tree.TreeHash, TranscriptHash.Initial, contextExtensions));
        using var keys = TreePrivateKeys.Create(suite, new LeafIndex(0), self.LeafKey);
        using var derived = DerivedEpoch.First(tree, context, policy.Ratchets, random);
        return Begin(tree, derived, keys, signatureKey, policy);
    }

    /// <summary>
    /// RFC 9420 §12.4.3.1: joins by a Welcome. It never throws on bad bytes. That the group's id is new to the caller, and that
    /// the key package is not used again, is the caller's to see to: a second join by the same Welcome succeeds, and uses keys twice.
    /// </summary>
    /// <param name="welcomeMessage">An MLSMessage with a Welcome.</param>
    /// <param name="self">The key package we were added by; it stays the caller's.</param>
    /// <param name="signatureKey">The key its leaf names; it stays the caller's, who keeps it as long as the group.</param>
    /// <param name="ratchetTree">The tree (<see cref="EncodeTree"/>), where the Welcome does not carry it.</param>
    /// <param name="policy">The application's rules.</param>
    /// <param name="groups">
    /// Finds a group of ours by its id, or null: needed to join one that takes another's place or branches from it (RFC 9420 §11.2,
    /// §11.3), which is refused where the other is not found.
    /// </param>
    /// <exception cref="ArgumentException">The signature key is not the one the key package's leaf names.</exception>
    public static JoinOutcome Join(
        ReadOnlySpan<byte> welcomeMessage,
        KeyPackageBundle self,
        SignatureKey signatureKey,
        ReadOnlyMemory<byte>? ratchetTree,
        GroupPolicy policy,
        Func<ReadOnlyMemory<byte>, Group?>? groups = null)
    {
        CheckIsKeyOf(signatureKey, self.KeyPackage.LeafNode);
        try
        {
            var welcome = Tls.Decode<MlsMessage>(welcomeMessage).Welcome
                ?? throw new MlsException(MlsError.Malformed, "RFC 9420 §12.4.3.1: the message is not a Welcome");
            return new WelcomeHandling(self, signatureKey, ratchetTree, policy, groups).Handle(welcome);
        }
        catch (Exception bad) when (MlsException.Of(bad) is { } refusal)
        {
            return new JoinOutcome.Rejected(refusal.Error, refusal.Rule);
        }
    }

    /// <summary>
    /// RFC 9420 §12.4.3.2: makes an external commit, by which we join a group without being added. Nothing takes effect until the
    /// commit is accepted: then <see cref="ExternalJoinOutcome.Prepared.Next"/>, stored before the message leaves, is the group; if it
    /// is not, dispose that. It never throws on bad bytes. That the group's id is new to the caller, or the group of that id given up, is
    /// the caller's to see to.
    /// </summary>
    /// <param name="groupInfoMessage">An MLSMessage with a GroupInfo that has external_pub (<see cref="GroupInfoMessage"/>).</param>
    /// <param name="options">Who joins, and how.</param>
    /// <param name="signatureKey">The key our leaf will name; it stays the caller's, who keeps it as long as the group.</param>
    /// <param name="policy">The application's rules.</param>
    /// <param name="random">Where the secrets come from.</param>
    public static ExternalJoinOutcome JoinExternally(
        ReadOnlySpan<byte> groupInfoMessage,
        ExternalJoinOptions options,
        SignatureKey signatureKey,
        GroupPolicy policy,
        RandomSource random)
    {
        try
        {
            var groupInfo = Tls.Decode<MlsMessage>(groupInfoMessage).GroupInfo
                ?? throw new MlsException(MlsError.Malformed, "RFC 9420 §12.4.3.2: the message is not a GroupInfo");
            return new ExternalCommitCreation(groupInfo, options, signatureKey, policy, random).Create();
        }
        catch (Exception bad) when (MlsException.Of(bad) is { } refusal)
        {
            return new ExternalJoinOutcome.Rejected(refusal.Error, refusal.Rule);
        }
    }

    /// <summary>A group without a past; the private keys are copied.</summary>
    internal static Group Begin(RatchetTree tree, DerivedEpoch derived, TreePrivateKeys keys, SignatureKey signatureKey, GroupPolicy policy)
    {
        var (epoch, ratchets, exporter) = EpochState.Begin(tree, derived, keys, signatureKey, new ResumptionPsks());
        return new Group(epoch, ratchets, PastEpochs.None(), EpochProposals.None, exporter, policy);
    }

    internal static void CheckIsKeyOf(SignatureKey signatureKey, LeafNode leaf)
    {
        if (!signatureKey.PublicKey.Span.SequenceEqual(leaf.SignatureKey.Span))
            throw new ArgumentException("the signature key is not the one the leaf names", nameof(signatureKey));
    }
}
