using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>Lines of a conversation's history that nobody has written: how we came in, who came and went, what could not be read.</summary>
internal sealed class Notices(OpenVault vault, LogId log)
{
    /// <summary>How we came in ourselves: who added us, which is who signed the Welcome, and who was in it.</summary>
    internal HistoryRecord Entered(ulong position, Joining joining, IReadOnlyList<Pin> present, string more) => new()
    {
        Log = log,
        Position = position,
        Id = joining.Commit,
        From = joining.Adder,
        Device = joining.Device,
        SentAt = vault.Now,
        Kind = HistoryKind.Members,
        Text = more,
        Added = joining.IsReturn ? [] : [vault.Profile.RequirePin()],
        Returned = joining.IsReturn ? [vault.Profile.RequirePin()] : [],
        Present = present,
    };

    /// <summary>Who came and went by a commit, and whose doing it was: who leaves does so, whoever carries it out.</summary>
    internal HistoryRecord Changed(LogEntry entry, Pin from, DeviceId device, MemberChange change) => new()
    {
        Log = log,
        Position = entry.Position,
        Id = entry.Id,
        From = from,
        Device = device,
        SentAt = vault.Now,
        Kind = HistoryKind.Members,
        Added = change.Added,
        Removed = change.Removed,
        Returned = change.Returned,
        DevicesAdded = change.DevicesAdded,
        DevicesRemoved = change.DevicesRemoved,
    };

    /// <summary>What could not be read, and why.</summary>
    internal HistoryRecord Unreadable(LogEntry entry, string reason) => new()
    {
        Log = log,
        Position = entry.Position,
        Id = entry.Id,
        From = vault.Profile.RequirePin(),
        Device = default,
        SentAt = vault.Now,
        Kind = HistoryKind.Unreadable,
        Text = reason,
    };

    /// <summary>Who is called otherwise from now on; it stands behind the entry of this position.</summary>
    internal HistoryRecord Renamed(ulong position, Pin pin, string before, string now) => new()
    {
        Log = log,
        Position = position,
        Id = vault.NewMessageId(),
        From = pin,
        Device = default,
        SentAt = vault.Now,
        Kind = HistoryKind.Members,
        NameBefore = before,
        Text = now,
    };
}
