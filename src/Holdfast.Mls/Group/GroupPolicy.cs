using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// The application's authentication service (RFC 9420 §5.3.1): whether a leaf's credential is who it says. It must not throw for any
/// leaf, whose credential is of whatever type its sender chose: what it throws comes out of
/// <see cref="Group.Handle(ReadOnlySpan{byte}, DateTimeOffset?)"/> or the join, and the group is unchanged.
/// </summary>
/// <param name="leaf">The leaf to judge; its signature has been verified.</param>
/// <param name="replaced">The leaf it takes the place of, for an Update or a commit's path; null for a member who is new to us.</param>
public delegate bool LeafJudge(LeafNode leaf, LeafNode? replaced);

/// <summary>Finds a pre-shared key the application holds (RFC 9420 §8.4), or null; the secret stays the application's.</summary>
public delegate Secret? PskSource(PreSharedKeyId id);

/// <summary>
/// Whether the application allows that proposal of that sender. It must not throw for any: what it throws comes out of
/// <see cref="Group.Handle(ReadOnlySpan{byte}, DateTimeOffset?)"/>, and the group is unchanged.
/// </summary>
public delegate bool ProposalJudge(Proposal proposal, Proposer proposer);

/// <summary>What the application decides about a group; part of no state, so it is given again at every restore.</summary>
public sealed record GroupPolicy
{
    /// <summary>
    /// Called for every leaf when joining, and for every new leaf in a proposal or commit, our own included. Where the application names
    /// no judge, every credential is refused.
    /// </summary>
    public LeafJudge AcceptLeaf { get; init; } = static (_, _) => false;

    /// <summary>
    /// The cipher suites a stored group may have, by default all we know; a group under a code point of one's own is found in a set that
    /// has it.
    /// </summary>
    public CipherSuites Suites { get; init; } = CipherSuites.Known;

    /// <summary>RFC 9420 §7.2: the longest lifetime of an added leaf that is accepted, by default 366 days.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public TimeSpan LongestLifetime { get; init => field = AtLeast(TimeSpan.Zero, value); } = TimeSpan.FromDays(366);

    /// <summary>
    /// Which proposals the application allows; one that it does not allow makes a commit invalid, so all members must answer alike.
    /// Asked of every proposal, whoever sends it; by default all are allowed but those of strangers who propose to be added
    /// (RFC 9420 §12.1.8 new_member_proposal): so any member may remove any other.
    /// </summary>
    public ProposalJudge AcceptProposal { get; init; } = static (_, proposer) => proposer.Sender.Type != SenderType.NewMemberProposal;

    /// <summary>
    /// RFC 9420 §12.4.3.2: whether somebody may join by an external commit; by default nobody may. Whoever has the GroupInfo and a
    /// signature key that <see cref="AcceptLeaf"/> takes can make one, and a thief of a member's key can put that member out:
    /// so ask for more, such as <see cref="ExternalJoin.ProvesEarlierMembership"/> of one who takes its own former leaf's place
    /// (<see cref="ExternalJoin.Replaces"/>): whoever was expelled was a member earlier, too. All members must answer alike.
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

    /// <summary>
    /// External keys, and resumption keys of other groups; this group's own past epochs are looked up first. By default none is found.
    /// </summary>
    public PskSource Psks { get; init; } = static _ => null;

    /// <summary>draft-ietf-mls-extensions: which components the application has, and what they accept.</summary>
    public ComponentPolicy Components { get; init; } = new();

    /// <summary>RFC 9420 §15.3: for how many past epochs late application messages can still be read, by default 2.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int PastEpochs { get; init => field = AtLeast(0, value); } = 2;

    /// <summary>RFC 9420 §8.4: for how many past epochs the resumption key is kept, by default 8.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int PastResumptionPsks { get; init => field = AtLeast(0, value); } = 8;

    /// <summary>RFC 9420 §15.3: how far, and how many skipped keys, a ratchet may run ahead; by default 1000 and 1000.</summary>
    public RatchetLimits Ratchets { get; init; } = new();

    /// <summary>Whether joins and large commits use all cores, as they do by default.</summary>
    public Parallelism Parallelism { get; init; } = Parallelism.AllCores;

    /// <summary>RFC 9420 §6: how proposals and commits are framed: PrivateMessage, the default, or PublicMessage.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is neither.</exception>
    public WireFormat HandshakeFormat { get; init => field = FormatOfHandshakes(value); } = WireFormat.PrivateMessage;

    /// <summary>
    /// RFC 9420 §15.1: application messages are padded to a multiple of this many bytes; 0, the default, is for none, so that who sees
    /// the ciphertext knows how long the text is.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative, or more than <see cref="MlsLimits.MaxPaddingBlock"/>.</exception>
    public int PaddingBlock { get; init => field = AtMost(MlsLimits.MaxPaddingBlock, AtLeast(0, value)); }

    /// <summary>RFC 9420 §5.3.1: asks the application.</summary>
    internal void CheckAccepts(LeafNode leaf, LeafNode? replaced) => MlsException.Require(
        AcceptLeaf(leaf, replaced), MlsError.RefusedCredential, "RFC 9420 §5.3.1: the application does not accept the credential");

    /// <summary>RFC 9420 §5.3.1: asks the application about every external sender a group would have.</summary>
    internal void CheckAcceptsExternalSenders(IReadOnlyList<Extension> contextExtensions) => MlsException.Require(
        ExternalSender.In(contextExtensions).All(AcceptExternalSender),
        MlsError.RefusedCredential,
        "RFC 9420 §5.3.1: the application does not accept an external sender");

    private static T AtLeast<T>(T least, T value) where T : IComparable<T>
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least);
        return value;
    }

    private static int AtMost(int most, int value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, most);
        return value;
    }

    private static WireFormat FormatOfHandshakes(WireFormat format) => format is WireFormat.PublicMessage or WireFormat.PrivateMessage
        ? format
        : throw new ArgumentOutOfRangeException(nameof(format), format, "RFC 9420 §6: a group's messages are public or private ones");
}
