using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// Who a PIN is has one answer in a group, and it is the one we know. A leaf by itself cannot show that, so this is asked of all leaves of
/// the group that would come to be: before a commit of ours is posted, when it lands, of every other commit, and of every Welcome.
/// </summary>
internal static class Seating
{
    /// <summary>
    /// Who would have two user identity keys, or one device with two leaves; null where nobody would. It stands in the tree for all to see,
    /// so such a commit is one for nobody. A device's id belongs to its person, who signs it: nobody takes it away by using it.
    /// </summary>
    internal static Pin? Doubled(IEnumerable<SeatedDevice> seats)
    {
        var identities = new Dictionary<Pin, ReadOnlyMemory<byte>>();
        var devices = new HashSet<(Pin, DeviceId)>();
        foreach (var (pin, identity, device, _) in seats.Select(static seat => seat.Credential))
        {
            if (!identities.TryAdd(pin, identity) && !identities[pin].Span.SequenceEqual(identity.Span)) return pin;
            if (!devices.Add((pin, device))) return pin;
        }
        return null;
    }

    /// <summary>
    /// Who would have another user identity key than the pinned one; null where nobody would. Whom we have met the others may not have, so
    /// they may follow such a commit where we do not.
    /// </summary>
    internal static Pin? Mistaken(IEnumerable<SeatedDevice> seats, ContactBook contacts)
    {
        foreach (var seat in seats)
        {
            if (!contacts.Accepts(seat.Credential.Pin, seat.Credential.IdentityKey.Span)) return seat.Credential.Pin;
        }
        return null;
    }
}
