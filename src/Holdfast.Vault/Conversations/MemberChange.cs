using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// Who came and went between two epochs, by what the trees say and nothing else: people, and devices of people who stay. A leaf
/// that was replaced by a fresh key package counts as come again, for only whoever made the commit can say why.
/// </summary>
internal sealed record MemberChange(List<Pin> Added, List<Pin> Removed, List<Pin> Returned, List<Pin> DevicesAdded, List<Pin> DevicesRemoved)
{
    /// <summary>Whether people would want to be told.</summary>
    internal bool IsEmpty => Added.Count + Removed.Count + Returned.Count + DevicesAdded.Count + DevicesRemoved.Count == 0;

    internal static MemberChange Between(IReadOnlyList<SeatedDevice> before, IReadOnlyList<SeatedDevice> after)
    {
        var (oldPeople, people) = (PeopleOf(before), PeopleOf(after));
        ILookup<(Pin, DeviceId), SeatedDevice> old = before.ToLookup(Key), now = after.ToLookup(Key);
        var stayed = after.Where(device => oldPeople.Contains(device.Credential.Pin)).ToList();
        return new(
            [.. people.Except(oldPeople)],
            [.. oldPeople.Except(people)],
            PeopleOf(stayed.Where(device => old.Contains(Key(device)) && device.IsFreshAfter(old[Key(device)]))),
            PeopleOf(stayed.Where(device => !old.Contains(Key(device)))),
            PeopleOf(before.Where(device => people.Contains(device.Credential.Pin) && !now.Contains(Key(device)))));
    }

    /// <summary>Whose devices these are, each once, in their order.</summary>
    internal static List<Pin> PeopleOf(IEnumerable<SeatedDevice> devices) => [.. devices.Select(static device => device.Credential.Pin).Distinct()];

    /// <summary>Everyone in a group, in the order of the leaves.</summary>
    internal static List<Pin> PeopleOf(Group group) => PeopleOf(SeatedDevice.Of(group));

    private static (Pin Pin, DeviceId Device) Key(SeatedDevice device) => (device.Credential.Pin, device.Credential.Device);
}

/// <summary>A device in a group's tree: its leaf, and whose it proves to be.</summary>
internal sealed record SeatedDevice(LeafNode Leaf, DeviceCredential Credential)
{
    /// <summary>Every leaf of a group. The policy has let in none whose credential does not verify.</summary>
    internal static List<SeatedDevice> Of(Group group) =>
        [.. group.Members.Select(static member => new SeatedDevice(member.Leaf, DeviceCredential.Verify(member.Leaf)!))];

    /// <summary>
    /// Every leaf of the group that a commit leads to, as the commit says: for who does not get that group, being removed by it or unable
    /// to follow.
    /// </summary>
    internal static List<SeatedDevice> After(Group before, EpochChange change)
    {
        var gone = change.Removed.Select(static member => member.Index).ToHashSet();
        var updated = change.Updated.ToDictionary(static member => member.Index, static member => member.After);
        var staying = before.Members.Where(member => !gone.Contains(member.Index)).Select(member => updated.GetValueOrDefault(member.Index, member.Leaf));
        return [.. staying.Concat(change.Added.Select(static member => member.Leaf)).Select(static leaf => new SeatedDevice(leaf, DeviceCredential.Verify(leaf)!))];
    }

    /// <summary>Whether this leaf came from a key package that was not there before.</summary>
    internal bool IsFreshAfter(IEnumerable<SeatedDevice> before) => Leaf.Source == LeafNodeSource.KeyPackage
        && !before.Any(old => old.Leaf.EncryptionKey.Span.SequenceEqual(Leaf.EncryptionKey.Span));
}
