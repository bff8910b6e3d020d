using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Vault.Pages;
using Microsoft.Data.Sqlite;

namespace Holdfast.Vault;

/// <summary>
/// Stands in front of everything: decodes a call, checks that it fits the lock state and the quota, runs it as one transaction, and
/// answers. Whatever goes wrong, the store is as it was and the answer says why.
/// </summary>
/// <param name="folder">The vault's own folder.</param>
/// <param name="random">Where keys come from.</param>
/// <param name="clock">What waits, lifetimes and quotas are measured by.</param>
/// <param name="cost">What a try of a passcode is to cost; null for what this machine can bear.</param>
/// <param name="reach">The way to a token's host; null where there is none.</param>
/// <param name="disk">Where the store is; null for the operating system's.</param>
internal sealed class Monitor(
    string folder, RandomSource random, TimeProvider clock, PasscodeCost? cost = null, Func<TokenRole, ITokenChannel>? reach = null, Disk? disk = null)
    : IDisposable
{
    private readonly Disk _disk = disk ?? Disk.System;
    private readonly Access _access = new(folder, random, clock, cost, reach ?? (static _ => new NoChannel()));
    private readonly ReadQuota _quota = new(clock);
    private (GuardingToken? Token, ushort AutoLock, bool Delivers)? _chosen;   // told with every status, and read again when it may have changed
    private OpenVault? _open;
    private Services? _services;

    /// <summary>What is open, for tests that act as a dishonest member.</summary>
    internal OpenVault? Opened => _open;

    /// <summary>Whether the vault has been asked to end.</summary>
    internal bool HasEnded { get; private set; }

    private VaultState State => _open is not null ? VaultState.Unlocked : _access.Exists ? VaultState.Locked : VaultState.Empty;

    /// <summary>Answers one call, whatever its bytes.</summary>
    internal VaultReply Answer(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var call = Tls.Decode<VaultCall>(bytes);
            try { return Dispatch(call); }
            finally
            {
                WipePasscodes(call);
                // What is open is not to stay open without a key. What is locked stays there, or it would be seen which passcode that was.
                if (_access.IsEffaced && _open is not null && !HasEnded) End();
            }
        }
        catch (CodecException malformed)
        {
            _open?.Trail.Note(TrailEvent.StrangeCall);
            return new Failed(VaultError.Malformed, $"The vault could not read the call: {malformed.Message}.");
        }
        catch (VaultException refused)
        {
            return new Failed(refused.Error, refused.Message);
        }
        catch (InsufficientMemoryException)
        {
            return new Failed(VaultError.Refused, "There is not enough free memory to work on the passcode. Close something and try again.");
        }
        catch (Exception failure) when (failure is SqliteException or IOException or UnauthorizedAccessException)
        {
            return new Failed(VaultError.StoreFailed, Explain(failure));
        }
    }

    /// <summary>Does a piece of what can wait for a quiet moment.</summary>
    /// <returns>Whether there may be more of it.</returns>
    internal bool Work()
    {
        if (_open is not { } open) return false;
        if (open.Search.HasWork)
        {
            open.Index();
            return true;
        }
        if (Memory.IsHeld(open.Store)) Memory.GiveBack(open.Store);
        return false;
    }

    public void Dispose()
    {
        _open?.Dispose();
        _open = null;
    }

    private static void WipePasscodes(VaultCall call)
    {
        ReadOnlySpan<ReadOnlyMemory<byte>> passcodes = call switch
        {
            CreateProfile create => [create.Passcode],
            Unlock unlock => [unlock.Passcode, unlock.TokenPin],
            ChangeAccess change => [change.Passcode, change.Replacement, change.TokenPin],
            _ => [],
        };
        foreach (var passcode in passcodes) CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(passcode).Span);
    }

    private VaultReply Dispatch(VaultCall call)
    {
        var state = State;
        if (!CallTable.Allows(call, state)) _open?.Trail.Note(TrailEvent.StrangeCall);
        CallTable.Require(call, state);
        if (call is Unlock or ChangeAccess or CreateProfile or EndVault) _chosen = null;
        return call switch
        {
            GetStatus => Describe(),
            EndVault end => end.Wipe ? Wipe() : End(),
            CreateProfile create => Create(create),
            Unlock unlock => _open is null ? OpenWith(unlock) : Check(unlock),
            ChangeAccess change => Change(change),
            ReadHistory or FindAttachment => ReadBack(call),
            SignLogin sign when _open is null => Fetch(keys => new LoginSigned(keys.SignLogin(sign.ServerKey.Span, sign.Nonce.Span))),
            SignSubscriptions sign when _open is null => Fetch(keys => keys.GrantsFor(sign.ServerKey.Span, sign.Logs)),
            MakeInvite => Noted(TrailEvent.InviteMade, Run(_open!, _services!, call)),
            ListAll { Of: Listed.Trail } => _open!.Trail.Show(),
            _ => Run(_open!, _services!, call),
        };
    }

    private VaultReply Noted(TrailEvent what, VaultReply done)
    {
        _open!.Trail.Note(what);
        return done;
    }

    /// <summary>What a locked vault answers: it has no other key then, and this one only for as long as the call takes.</summary>
    private VaultReply Fetch(Func<DeliveryKeys, VaultReply> answer)
    {
        using var keys = _access.Delivery.Read();
        return answer(keys);
    }

    private static VaultReply Run(OpenVault open, Services services, VaultCall call)
    {
        bool done = false;
        try
        {
            var reply = services.Read(call) ?? Change(open, services, call);
            open.Freshness.Keep();
            done = true;
            return reply;
        }
        finally
        {
            if (!done) open.Forget();
        }
    }

    private static VaultReply Change(OpenVault open, Services services, VaultCall call) => open.Store.Change(() =>
    {
        var reply = services.Change(call);
        open.Search.Settle();
        return reply;
    });

    /// <summary>While the profile is open, its key file is read once: nobody else changes it then.</summary>
    private Status Describe()
    {
        if (_open is null) return DescribeDelivery(DescribeProfile() with { Token = _access.Token });
        var (token, autoLock, delivers) = _chosen ??= (_access.Token, _open.Settings.AutoLock, _open.Settings.Delivers);
        return DescribeProfile() with { Token = token, AutoLock = autoLock, Delivers = delivers };
    }

    /// <summary>Whoever has the disk can read where the server is; so can whoever asks a locked vault.</summary>
    private Status DescribeDelivery(Status status)
    {
        if (!_access.Exists || !_access.Delivery.Exists) return status;
        try
        {
            using var keys = _access.Delivery.Read();
            return status with { Delivers = true, Server = keys.Server, ServerKey = keys.ServerKey };
        }
        catch (Exception damaged) when (damaged is VaultException or IOException or UnauthorizedAccessException)
        {
            return status with { Delivers = true };
        }
    }

    private Status DescribeProfile() => _open is { } open
        ? new Status(
            State, open.Profile.Cloned, open.Profile.Pin, open.Profile.Name, open.Profile.Invite?.Server,
            open.Profile.Invite?.ServerKey ?? ReadOnlyMemory<byte>.Empty, open.Profile.Identity.PublicKey,
            open.Profile.OwesIntroduction ? open.Profile.Invite?.Inviter?.Pin : null, open.Profile.Device, open.KeyPackages.IsLastResortDue)
        : new Status(State, false, null, null, null, ReadOnlyMemory<byte>.Empty, ReadOnlyMemory<byte>.Empty, null, default, false);

    private VaultReply ReadBack(VaultCall asked)
    {
        if (_quota.IsReached) _open!.Trail.Note(TrailEvent.QuotaReached);
        _quota.Require();
        var reply = Run(_open!, _services!, asked);
        int read = reply is Protocol.History history
            ? history.Items.Count + (asked is ReadHistory { Words: not null } ? 1 : 0)   // an empty answer to a search says something, too
            : 1;   // a file's key is as good as what was said
        _quota.Count(read);
        _open!.Trail.Note(TrailEvent.HistoryRead, (uint)read);
        return reply;
    }

    private Ok Create(CreateProfile create)
    {
        if (DisplayName.Problem(create.Name) is { } problem) throw new VaultException(VaultError.Refused, problem);
        using var profile = Profile.Create(create.Name, random);
        using var storeKey = _access.Create(create.Passcode.Span, key =>
        {
            using var store = SealedStore.Open(_disk, _access.StorePath, key, random);
            store.Change(() => { profile.Save(store); return true; });
        });
        return OpenWith(storeKey);
    }

    /// <summary>Whether the passcode is the one, where the vault is open already.</summary>
    private Ok Check(Unlock unlock)
    {
        _access.Check(unlock);
        _quota.Lift();
        return new Ok();
    }

    private Ok Change(ChangeAccess change)
    {
        if (change.Change == AccessChange.Recover) return Recover(new Unlock(change.Passcode) { TokenPin = change.TokenPin });
        _access.Change(change, storeKey => InStore(storeKey, store =>
        {
            if (change.Change == AccessChange.AutoLock) new Settings(store).AutoLock = change.Figure;
            if (change.Change == AccessChange.Delivery) new Settings(store).ChooseDelivery(change.Figure > 0, random);
            TrailBook.Put(store, clock, TrailEvent.AccessChanged);
        }));
        if (change is { Change: AccessChange.Delivery, Figure: 0 }) _access.Delivery.Delete();
        return new Ok();
    }

    /// <summary>What puts another device of the same person out takes the passcode: no malware does it in passing.</summary>
    private Ok Recover(Unlock unlock)
    {
        if (_open is not { } open) throw new VaultException(VaultError.WrongState, "The vault is locked.");
        _access.Check(unlock);
        if (!open.Profile.Cloned) throw new VaultException(VaultError.Refused, "There is nothing to recover: no later state of this profile has been seen.");
        return open.Change(() =>
        {
            open.Freshness.Recover();
            TrailBook.Put(open.Store, clock, TrailEvent.Recovered);
            return new Ok();
        });
    }

    private void InStore(Secret storeKey, Action<SealedStore> change)
    {
        using var own = _open is null ? SealedStore.Open(_disk, _access.StorePath, storeKey, random) : null;
        var store = own ?? _open!.Store;
        store.Change(() => { change(store); return true; });
    }

    private Ok OpenWith(Unlock unlock)
    {
        using var storeKey = _access.Open(unlock);
        _quota.Lift();
        return OpenWith(storeKey);
    }

    private Ok OpenWith(Secret storeKey)
    {
        var store = SealedStore.Open(_disk, _access.StorePath, storeKey, random);
        OpenVault? open = null;
        try { open = new OpenVault(store, Profile.Load(store), random, clock); }
        finally { if (open is null) store.Dispose(); }
        (_open, _services) = (open, new Services(open));
        open.Trail.Note(TrailEvent.WrongPasscodes, (uint)_access.WrongBefore);
        open.Trail.Note(TrailEvent.Opened);
        return new Ok();
    }

    private Ok Wipe()
    {
        HasEnded = true;
        _access.Wipe(Dispose);
        return new Ok();
    }

    private Ok End()
    {
        HasEnded = true;
        _open?.Trail.WriteAll();
        if (!_access.IsEffaced) LeaveDelivery();
        if (!_access.IsEffaced) _open?.Close();
        Dispose();
        return new Ok();
    }

    /// <summary>Leaves what the locked device is to fetch with. Where the disk does not take it, there is what there was: locking does not wait.</summary>
    private void LeaveDelivery()
    {
        if (_open is not { } open) return;
        try
        {
            using var keys = DeliveryKeys.Of(open);
            if (keys is null) _access.Delivery.Delete();
            else _access.Delivery.Write(keys);
        }
        catch (Exception failure) when (failure is SqliteException or IOException or UnauthorizedAccessException or VaultException)
        {
            open.Forget();   // closing reads what it needs again
        }
    }

    private static string Explain(Exception failure) => failure switch
    {
        SqliteException { SqliteErrorCode: 13 } => "The disk is full. Make room and try again; nothing was lost.",
        SqliteException { SqliteErrorCode: 5 or 6 } => "Another process has this profile open.",
        SqliteException { SqliteErrorCode: 11 or 26 } => "The profile's store is damaged. Restore it from a backup.",
        SqliteException sqlite => $"The profile's store could not be used (SQLite error {sqlite.SqliteErrorCode}). Look at the disk and the folder's permissions.",
        UnauthorizedAccessException => "The profile's folder cannot be written. Look at its permissions.",
        _ => "The profile's files could not be read or written. Look at the disk.",
    };

    private sealed class NoChannel : ITokenChannel
    {
        public byte[]? Exchange(ReadOnlySpan<byte> frame) => null;
    }
}
