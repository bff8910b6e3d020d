using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// The MLS state of every conversation, and of the one commit of ours that may be under way in each. What a message changes
/// (ratchets) and what only a commit changes (epoch) are separate records, so that a message costs little to store.
/// </summary>
internal sealed class GroupStates(SealedStore store, SignatureKey leafKey, GroupPolicy policy) : IDisposable
{
    private readonly Dictionary<LogId, Group> _cache = [];

    internal Group Load(LogId log)
    {
        if (_cache.TryGetValue(log, out var cached)) return cached;
        return _cache[log] = Restore(RecordKind.GroupEpoch, RecordKind.GroupRatchets, log)
            ?? throw new VaultException(VaultError.StoreFailed, "The keys of this conversation are missing from the profile.");
    }

    /// <summary>Whether a commit of ours is under way.</summary>
    internal bool HasPending(LogId log) => store.Contains(RecordKind.PendingEpoch, Key(RecordKind.PendingEpoch, log));

    internal Group? LoadPending(LogId log) => Restore(RecordKind.PendingEpoch, RecordKind.PendingRatchets, log);

    /// <summary>A commit has taken effect, or the group is new.</summary>
    internal void SaveEpoch(LogId log, Group group)
    {
        Put(RecordKind.GroupEpoch, log, group.SaveEpoch());
        SaveRatchets(log, group);
    }

    /// <summary>A message was sealed or opened. The group that this one follows is wiped: its used keys are gone from memory, too.</summary>
    internal void SaveRatchets(LogId log, Group group)
    {
        Put(RecordKind.GroupRatchets, log, group.SaveRatchets());
        if (_cache.TryGetValue(log, out var before) && before != group) before.Dispose();
        _cache[log] = group;
    }

    internal void SavePending(LogId log, Group next)
    {
        Put(RecordKind.PendingEpoch, log, next.SaveEpoch());
        Put(RecordKind.PendingRatchets, log, next.SaveRatchets());
    }

    internal void DeletePending(LogId log)
    {
        store.Delete(RecordKind.PendingEpoch, Key(RecordKind.PendingEpoch, log));
        store.Delete(RecordKind.PendingRatchets, Key(RecordKind.PendingRatchets, log));
    }

    /// <summary>We are no longer a member: nothing of the group's keys stays.</summary>
    internal void Delete(LogId log)
    {
        store.Delete(RecordKind.GroupEpoch, Key(RecordKind.GroupEpoch, log));
        store.Delete(RecordKind.GroupRatchets, Key(RecordKind.GroupRatchets, log));
        DeletePending(log);
        if (_cache.Remove(log, out var group)) group.Dispose();
    }

    /// <summary>Wipes what is in memory; it is read again from the store, which a change that was undone may have left behind.</summary>
    internal void Forget() => Dispose();

    public void Dispose()
    {
        foreach (var group in _cache.Values) group.Dispose();
        _cache.Clear();
    }

    private Group? Restore(RecordKind epochKind, RecordKind ratchetKind, LogId log)
    {
        byte[]? epoch = store.Get(epochKind, Key(epochKind, log)), ratchets = store.Get(ratchetKind, Key(ratchetKind, log));
        if (epoch is null || ratchets is null) return null;
        try
        {
            return Group.Restore(epoch, ratchets, leafKey, policy);
        }
        catch (CodecException unreadable)
        {
            throw new VaultException(VaultError.StoreFailed, $"The keys of this conversation cannot be used: {unreadable.Message}.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(epoch);
            CryptographicOperations.ZeroMemory(ratchets);
        }
    }

    private void Put(RecordKind kind, LogId log, Secret state)
    {
        using (state) store.Put(kind, Key(kind, log), state.Reveal());
    }

    private byte[] Key(RecordKind kind, LogId log) => store.Blind(kind, log.ToBytes());
}
