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

    /// <summary>The message is of another epoch.</summary>
    WrongEpoch,

    /// <summary>The sender is no member, or not one the group knows.</summary>
    UnknownSender,

    /// <summary>This sender may not send this, or not in this form (RFC 9420 §6, §12.1.8).</summary>
    ForbiddenSender,

    /// <summary>A membership tag does not verify.</summary>
    InvalidMembershipTag,

    /// <summary>The message cannot be decrypted: forged, damaged, opened before or too far ahead; nobody is told which.</summary>
    Undecryptable,

    /// <summary>The key of that generation was used, or is no longer kept.</summary>
    GenerationUsed,

    /// <summary>That generation is further ahead than the policy allows.</summary>
    GenerationTooFar,
}
