using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>Lines of a conversation's history that nobody has written: how we came in, who came and went, what could not be read.</summary>
internal sealed class Notices(OpenVault vault, LogId log)
{
    /// <summary>How we came in ourselves: who added us, which is who signed the Welcome, and who was in it.</summary>
    internal HistoryRecord Entered(ulong position, Joining joining, IReadOnlyList<Pin> present, string more) =>
        Line(HistoryKind.Members, position, joining.Commit, joining.Adder, joining.Device) with
        {
            Text = more,
            Added = joining.IsReturn ? [] : [vault.Profile.RequirePin()],
            Returned = joining.IsReturn ? [vault.Profile.RequirePin()] : [],
            Present = present,
        };

    /// <summary>Who came and went by a commit, and whose doing it was: who leaves does so, whoever carries it out.</summary>
    internal HistoryRecord Changed(LogEntry entry, Pin from, DeviceId device, MemberChange change) =>
        Line(HistoryKind.Members, entry.Position, entry.Id, from, device) with
        {
            Added = change.Added,
            Removed = change.Removed,
            Returned = change.Returned,
            DevicesAdded = change.DevicesAdded,
            DevicesRemoved = change.DevicesRemoved,
        };

    /// <summary>What could not be read, and why.</summary>
    internal HistoryRecord Unreadable(LogEntry entry, string reason) =>
        Line(HistoryKind.Unreadable, entry.Position, entry.Id, vault.Profile.RequirePin(), default) with { Text = reason };

    /// <summary>We have found out that this is an older state than there was; it stands beside what has shown it.</summary>
    internal HistoryRecord Behind(ulong position) =>
        Line(HistoryKind.Unreadable, position, vault.NewMessageId(), vault.Profile.RequirePin(), vault.Profile.Device) with { Text = QuarantineReason.Behind };

    /// <summary>Who is called otherwise from now on; it stands behind the entry of this position.</summary>
    internal HistoryRecord Renamed(ulong position, Pin pin, string before, string now) =>
        Line(HistoryKind.Members, position, vault.NewMessageId(), pin, default) with { NameBefore = before, Text = now };

    private HistoryRecord Line(HistoryKind kind, ulong position, MessageId id, Pin from, DeviceId device) => new()
    {
        Log = log,
        Position = position,
        Id = id,
        From = from,
        Device = device,
        SentAt = vault.Now,
        Kind = kind,
    };
}
