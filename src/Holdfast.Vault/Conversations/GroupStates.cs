using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// The MLS state of every conversation, and of the one commit of ours that may be under way in each. Each record of a group
/// (docs/STATE.md) is a row, so that a step stores what it changed; a commit under way is stored as the changes it will make.
/// </summary>
internal sealed class GroupStates(SealedStore store, SignatureKey leafKey, GroupPolicy policy) : IDisposable
{
    private readonly Dictionary<LogId, Group> _stored = [];
    private readonly Dictionary<LogId, Group> _pending = [];

    internal Group Load(LogId log)
    {
        if (_stored.TryGetValue(log, out var group)) return group;
        using var records = new StateRecords();
        foreach (var row in Rows(RecordKind.Group, log).Values) Add(row, records);
        if (records.Count == 0) throw new VaultException(VaultError.StoreFailed, "The keys of this conversation are missing from the profile.");
        return _stored[log] = Restore(records);
    }

    /// <summary>Whether a commit of ours is under way.</summary>
    internal bool HasPending(LogId log) =>
        _pending.ContainsKey(log) || store.ScanAll(RecordKind.PendingGroup, log.ToBytes(), limit: 1).Count > 0;

    /// <summary>The group as it will be after our commit, borrowed; null where none is under way.</summary>
    internal Group? LoadPending(LogId log)
    {
        if (_pending.TryGetValue(log, out var group)) return group;
        var changes = Rows(RecordKind.PendingGroup, log);
        if (changes.Count == 0) return null;
        var rows = Rows(RecordKind.Group, log);
        foreach (var (key, change) in changes)
        {
            if (rows.TryGetValue(key, out byte[]? replaced)) CryptographicOperations.ZeroMemory(replaced);
            rows[key] = change;
        }
        using var records = new StateRecords();
        foreach (var row in rows.Values) Add(row, records);
        return _pending[log] = Restore(records);
    }

    /// <summary>
    /// Stores what a step has changed. The group it followed is wiped: its used keys are gone from memory, too. The group is ours
    /// from here on.
    /// </summary>
    internal void Save(LogId log, Group group)
    {
        var pending = LoadPending(log);
        if (_stored.TryGetValue(log, out var before))
        {
            using var changes = group.ChangesSince(before);
            Store(RecordKind.Group, log, changes);
            if (before != group) before.Dispose();
        }
        else
        {
            store.DeleteAll(RecordKind.Group, log.ToBytes());
            using var records = group.Records();
            Store(RecordKind.Group, log, records);
        }
        _stored[log] = group;
        if (pending is not null) StorePending(log, pending, group);   // they are changes from what is stored, whatever that is
    }

    /// <summary>Stores where a commit of ours will lead; the group is ours from here on.</summary>
    internal void SavePending(LogId log, Group next)
    {
        DeletePending(log);
        StorePending(log, next, Load(log));
        _pending[log] = next;
    }

    /// <summary>Our commit takes effect: what was pending is the caller's, who saves it.</summary>
    internal void ReleasePending(LogId log)
    {
        _pending.Remove(log);
        DeletePending(log);
    }

    internal void DeletePending(LogId log)
    {
        store.DeleteAll(RecordKind.PendingGroup, log.ToBytes());
        if (_pending.Remove(log, out var group)) group.Dispose();
    }

    /// <summary>We are no longer a member: nothing of the group's keys stays.</summary>
    internal void Delete(LogId log)
    {
        store.DeleteAll(RecordKind.Group, log.ToBytes());
        store.DeleteAll(RecordKind.EarlierKey, log.ToBytes());
        DeletePending(log);
        if (_stored.Remove(log, out var group)) group.Dispose();
    }

    /// <summary>Wipes what is in memory; it is read again from the store, which a change that was undone may have left behind.</summary>
    internal void Forget() => Dispose();

    public void Dispose()
    {
        foreach (var group in _stored.Values) group.Dispose();
        foreach (var group in _pending.Values) group.Dispose();
        _stored.Clear();
        _pending.Clear();
    }

    private Group Restore(StateRecords records)
    {
        try { return Group.Restore(records, leafKey, policy); }
        catch (CodecException unreadable)
        {
            throw new VaultException(VaultError.StoreFailed, $"The keys of this conversation cannot be used: {unreadable.Message}.");
        }
    }

    private void StorePending(LogId log, Group next, Group current)
    {
        store.DeleteAll(RecordKind.PendingGroup, log.ToBytes());
        using var changes = next.ChangesSince(current);
        foreach (var change in changes) Put(RecordKind.PendingGroup, log, change);
    }

    private void Store(RecordKind kind, LogId log, StateRecords changes)
    {
        foreach (var change in changes)
        {
            if (change.IsDelete) store.Delete(kind, Place(log, change.Key));
            else Put(kind, log, change);
        }
    }

    /// <summary>A row: whether the record is deleted, its name, its value.</summary>
    private void Put(RecordKind kind, LogId log, StateRecord record)
    {
        using var row = new TlsWriter(record.Key.Length + record.Value.Length + 8, pinned: true);
        row.WritePresence(!record.IsDelete);
        row.WriteOpaque(record.Key);
        row.WriteOpaque(record.Value);
        store.Put(kind, Place(log, record.Key), row.Written);
    }

    /// <summary>The rows of a group by the names of their records.</summary>
    private Dictionary<string, byte[]> Rows(RecordKind kind, LogId log) =>
        store.ScanAll(kind, log.ToBytes()).ToDictionary(row => NameIn(row.Value), row => row.Value);

    private static string NameIn(byte[] row)
    {
        var reader = new TlsReader(row);
        reader.ReadPresence();
        return Convert.ToHexString(reader.ReadOpaque());
    }

    /// <summary>Takes a row as a record, unless it says that there is none, and wipes it.</summary>
    private static void Add(byte[] row, StateRecords records)
    {
        var reader = new TlsReader(row);
        bool isThere = reader.ReadPresence();
        var key = reader.ReadOpaque();
        if (isThere) records.Put(key, reader.ReadOpaque());
        CryptographicOperations.ZeroMemory(row);
    }

    private static byte[] Place(LogId log, ReadOnlySpan<byte> record) => [.. log.ToBytes(), .. record];
}
