namespace Holdfast.Mls;

/// <summary>The kinds of failure that a caller may want to tell apart.</summary>
public enum MlsError
{
    /// <summary>The bytes are not the structure they should be.</summary>
    Malformed,

    /// <summary>Something is larger than <see cref="MlsLimits"/> allows.</summary>
    TooLarge,

    /// <summary>A version, cipher suite, credential, proposal or extension that is not supported.</summary>
    Unsupported,

    /// <summary>A signature does not verify.</summary>
    InvalidSignature,

    /// <summary>A public key is not one of its algorithm, or contributes nothing.</summary>
    InvalidKey,

    /// <summary>A leaf node breaks RFC 9420 §7.3.</summary>
    InvalidLeafNode,

    /// <summary>A key package breaks RFC 9420 §10.1.</summary>
    InvalidKeyPackage,

    /// <summary>A ratchet tree breaks RFC 9420 §7.</summary>
    InvalidTree,

    /// <summary>An update path that every member can see to be wrong (RFC 9420 §7.5, §7.9.2).</summary>
    InvalidPath,

    /// <summary>The path secret that was meant for us is not the right one; others may have got theirs.</summary>
    InvalidPathSecret,

    /// <summary>The message is for another group.</summary>
    WrongGroup,

    /// <summary>
    /// The message is of another epoch. If <see cref="MlsMessage.Epoch"/> is greater than <see cref="Group.Epoch"/>, a commit has been
    /// missed: handle that, and the message again. If it is smaller, the message's keys are gone (<see cref="GroupPolicy.PastEpochs"/>).
    /// </summary>
    WrongEpoch,

    /// <summary>The sender is no member, or not one the group knows.</summary>
    UnknownSender,

    /// <summary>This sender may not send this, or not in this form (RFC 9420 §6, §12.1.8).</summary>
    ForbiddenSender,

    /// <summary>A membership tag does not verify.</summary>
    InvalidMembershipTag,

    /// <summary>
    /// The message cannot be decrypted: forged, damaged, opened before (by us, or as it came from a server that delivers twice) or too far
    /// ahead; nobody is told which.
    /// </summary>
    Undecryptable,

    /// <summary>
    /// The key of that generation was used, or is no longer kept; said by <see cref="SecretTree"/> only:
    /// <see cref="Group.Handle(ReadOnlySpan{byte}, DateTimeOffset?)"/> says <see cref="Undecryptable"/>.
    /// </summary>
    GenerationUsed,

    /// <summary>
    /// That generation is further ahead than the policy allows; said by <see cref="SecretTree"/> only:
    /// <see cref="Group.Handle(ReadOnlySpan{byte}, DateTimeOffset?)"/> says <see cref="Undecryptable"/>.
    /// </summary>
    GenerationTooFar,

    /// <summary>A message that we sent ourselves.</summary>
    OwnMessage,

    /// <summary>A proposal is invalid by itself (RFC 9420 §12.1).</summary>
    InvalidProposal,

    /// <summary>Proposals that may not be committed together, or not by this committer (RFC 9420 §12.2).</summary>
    InvalidProposalList,

    /// <summary>A commit refers to a proposal that we do not have.</summary>
    UnknownProposal,

    /// <summary>A commit lacks the path it must have (RFC 9420 §12.4).</summary>
    PathRequired,

    /// <summary>The application does not accept a leaf's credential.</summary>
    RefusedCredential,

    /// <summary>A pre-shared key that is needed is not to be had.</summary>
    UnknownPsk,

    /// <summary>A confirmation tag does not verify: we did not arrive where the sender did.</summary>
    InvalidConfirmationTag,

    /// <summary>A Welcome for other key packages than ours.</summary>
    NotForUs,

    /// <summary>The ratchet tree is neither in the Welcome nor beside it.</summary>
    MissingTree,

    /// <summary>A message in a group that a ReInit has closed (RFC 9420 §11.2).</summary>
    GroupClosed,

    /// <summary>A group does not continue or branch from another of ours as RFC 9420 §11.2, §11.3 ask.</summary>
    InvalidLink,
}
