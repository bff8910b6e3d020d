namespace Holdfast.Mls;

/// <summary>How a group is tied to an older one, which all its members were in.</summary>
/// <param name="Usage">Reinit for one that takes the other's place (RFC 9420 §11.2), branch for a part of it (§11.3).</param>
/// <param name="GroupId">The older group.</param>
/// <param name="Epoch">The epoch of the older group whose resumption key ties them.</param>
public sealed record GroupLink(ResumptionPskUsage Usage, ReadOnlyMemory<byte> GroupId, ulong Epoch);

/// <summary>A new group that is tied to an older one, as its maker has it: in epoch 1.</summary>
/// <param name="Group">The new group.</param>
/// <param name="Welcome">The Welcome for all the others, an MLSMessage; null where there are none.</param>
public sealed record LinkedGroup(Group Group, byte[]? Welcome)
{
    /// <summary>The ratchet tree (RFC 9420 §12.4.3.3), for a Welcome that does not carry it.</summary>
    public byte[] RatchetTree => Group.EncodeTree();

    /// <summary>Where the group stands, also once it has been disposed.</summary>
    public override string ToString() => $"LinkedGroup({Group})";
}

/// <summary>How a group that is tied to an older one begins.</summary>
/// <param name="Self">Our key package for the new group; it stays the caller's.</param>
/// <param name="SignatureKey">The key its leaf names; it stays the caller's, who keeps it as long as the new group.</param>
/// <param name="Others">Fresh key packages of the other members, for the new group's cipher suite.</param>
/// <param name="Policy">The application's rules for the new group.</param>
public sealed record NewGroupOptions(
    KeyPackageBundle Self, Cryptography.SignatureKey SignatureKey, IReadOnlyList<KeyPackage> Others, GroupPolicy Policy)
{
    /// <summary>Whether the Welcome carries the ratchet tree (RFC 9420 §12.4.3.3), as by default, or the application brings it.</summary>
    public bool TreeInWelcome { get; init; } = true;

    /// <summary>The time against which lifetimes of key packages are checked (RFC 9420 §7.3); null for no check.</summary>
    public DateTimeOffset? Now { get; init; }
}
