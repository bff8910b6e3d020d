using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>The application's authentication service (RFC 9420 §5.3.1): whether a leaf's credential is who it says.</summary>
/// <param name="leaf">The leaf to judge; its signature has been verified.</param>
/// <param name="replaced">The leaf it takes the place of, for an Update or a commit's path; null for a member who is new to us.</param>
public delegate bool LeafJudge(LeafNode leaf, LeafNode? replaced);

/// <summary>Finds a pre-shared key the application holds (RFC 9420 §8.4), or null; the secret stays the application's.</summary>
public delegate Secret? PskSource(PreSharedKeyId id);

/// <summary>Whether the application allows that proposal of that sender.</summary>
public delegate bool ProposalJudge(Proposal proposal, Proposer proposer);

/// <summary>What the application decides about a group; part of no state, so it is given again at every restore.</summary>
public sealed record GroupPolicy
{
    /// <summary>
    /// Called for every leaf when joining, and for every new leaf in a proposal or commit. Where the application names no judge,
    /// every credential is refused.
    /// </summary>
    public LeafJudge AcceptLeaf { get; init; } = static (_, _) => false;

    /// <summary>The cipher suites a stored group may have; a group under a code point of one's own is found in a set that has it.</summary>
    public CipherSuites Suites { get; init; } = CipherSuites.Known;

    /// <summary>RFC 9420 §7.2: the longest lifetime of an added leaf that is accepted.</summary>
    public TimeSpan LongestLifetime { get; init; } = TimeSpan.FromDays(366);

    /// <summary>
    /// Which proposals the application allows; one that it does not allow makes a commit invalid, so all members must answer alike.
    /// Asked of every proposal, whoever sends it; by default all are allowed but those of strangers who propose to be added
    /// (RFC 9420 §12.1.8 new_member_proposal).
    /// </summary>
    public ProposalJudge AcceptProposal { get; init; } = static (_, proposer) => proposer.Sender.Type != SenderType.NewMemberProposal;

    /// <summary>
    /// RFC 9420 §12.4.3.2: whether somebody may join by an external commit; by default nobody may. Whoever has the GroupInfo and a
    /// signature key that <see cref="AcceptLeaf"/> takes can make one, and a thief of a member's key can put that member out:
    /// so ask for more, such as <see cref="ExternalJoin.ProvesEarlierMembership"/>. All members must answer alike.
    /// </summary>
    public Func<ExternalJoin, bool> AcceptExternalJoin { get; init; } = static _ => false;

    /// <summary>
    /// RFC 9420 §5.3.1, §12.1.8.1: whether that outsider may be among a group's external senders; by default nobody may. Asked when
    /// a group is created or joined, and when its extensions are replaced.
    /// </summary>
    public Func<ExternalSender, bool> AcceptExternalSender { get; init; } = static _ => false;

    /// <summary>
    /// RFC 9420 §11.2, §11.3, §12.2: whether two leaves are of the same member, in two groups or before and after a resync; by
    /// default if their credentials are equal to the byte.
    /// </summary>
    public Func<LeafNode, LeafNode, bool> IsSameMember { get; init; } = static (one, other) =>
        Tls.Encode(one.Credential).AsSpan().SequenceEqual(Tls.Encode(other.Credential));

    /// <summary>External keys, and resumption keys of other groups; this group's own past epochs are looked up first.</summary>
    public PskSource Psks { get; init; } = static _ => null;

    /// <summary>draft-ietf-mls-extensions: which components the application has, and what they accept.</summary>
    public ComponentPolicy Components { get; init; } = new();

    /// <summary>RFC 9420 §15.3: for how many past epochs late application messages can still be read.</summary>
    public int PastEpochs { get; init; } = 2;

    /// <summary>RFC 9420 §8.4: for how many past epochs the resumption key is kept.</summary>
    public int PastResumptionPsks { get; init; } = 8;

    /// <summary>RFC 9420 §15.3: how far, and how many skipped keys, a ratchet may run ahead.</summary>
    public RatchetLimits Ratchets { get; init; } = new();

    /// <summary>Whether joins and large commits use all cores.</summary>
    public Parallelism Parallelism { get; init; } = Parallelism.AllCores;

    /// <summary>RFC 9420 §6: how proposals and commits are framed.</summary>
    public WireFormat HandshakeFormat { get; init; } = WireFormat.PrivateMessage;

    /// <summary>RFC 9420 §15.1: application messages are padded to a multiple of this many bytes; 0 for none.</summary>
    public int PaddingBlock { get; init; }

    /// <summary>RFC 9420 §5.3.1: asks the application.</summary>
    internal void CheckAccepts(LeafNode leaf, LeafNode? replaced) => MlsException.Require(
        AcceptLeaf(leaf, replaced), MlsError.RefusedCredential, "RFC 9420 §5.3.1: the application does not accept the credential");

    /// <summary>RFC 9420 §5.3.1: asks the application about every external sender a group would have.</summary>
    internal void CheckAcceptsExternalSenders(IReadOnlyList<Extension> contextExtensions) => MlsException.Require(
        ExternalSender.In(contextExtensions).All(AcceptExternalSender),
        MlsError.RefusedCredential,
        "RFC 9420 §5.3.1: the application does not accept an external sender");
}
