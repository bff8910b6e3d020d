using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Microsoft.Data.Sqlite;

namespace Holdfast.Vault;

/// <summary>
/// Stands in front of everything: decodes a call, checks that it fits the lock state, runs it as one transaction, and answers.
/// Whatever goes wrong, the store is as it was and the answer says why.
/// </summary>
internal sealed class Monitor(string folder, RandomSource random, TimeProvider clock) : IDisposable
{
    private OpenVault? _open;
    private Services? _services;

    /// <summary>What is open, for tests that act as a dishonest member.</summary>
    internal OpenVault? Opened => _open;

    /// <summary>Whether the vault has been asked to end.</summary>
    internal bool HasEnded { get; private set; }

    private string KeyPath => Path.Combine(folder, "vault.key");

    private string StorePath => Path.Combine(folder, "vault.db");

    private VaultState State => _open is not null ? VaultState.Unlocked : File.Exists(KeyPath) ? VaultState.Locked : VaultState.Empty;

    /// <summary>Answers one call, whatever its bytes.</summary>
    internal VaultReply Answer(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var call = Tls.Decode<VaultCall>(bytes);
            try { return Dispatch(call); }
            finally { WipePasscode(call); }
        }
        catch (CodecException malformed)
        {
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

    public void Dispose()
    {
        _open?.Dispose();
        _open = null;
    }

    private static void WipePasscode(VaultCall call)
    {
        var passcode = call switch
        {
            CreateProfile create => create.Passcode,
            Unlock unlock => unlock.Passcode,
            _ => default,
        };
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(passcode).Span);
    }

    private VaultReply Dispatch(VaultCall call) => call switch
    {
        GetStatus => Describe(),
        LockVault => End(),
        CreateProfile create when State == VaultState.Empty => Create(create),
        Unlock unlock when State == VaultState.Locked => OpenWith(unlock.Passcode.Span),
        Unlock check when State == VaultState.Unlocked => Check(check.Passcode.Span),
        CreateProfile => throw new VaultException(VaultError.WrongState, "There is a profile in this folder already."),
        Unlock => throw new VaultException(VaultError.WrongState, "There is no profile yet: join with an invite."),
        _ when _open is null => throw new VaultException(VaultError.WrongState, "The vault is locked."),
        _ => Run(_open, _services!, call),
    };

    private static VaultReply Run(OpenVault open, Services services, VaultCall call)
    {
        bool done = false;
        try
        {
            var reply = services.Read(call) ?? open.Store.Change(() => services.Change(call));
            done = true;
            return reply;
        }
        finally
        {
            if (!done) open.Forget();
        }
    }

    private Status Describe() => _open is { } open
        ? new Status(
            State, open.Profile.Cloned, open.Profile.Pin, open.Profile.Name, open.Profile.Invite?.Server,
            open.Profile.Invite?.ServerKey ?? ReadOnlyMemory<byte>.Empty, open.Profile.Identity.PublicKey,
            open.Profile.OwesIntroduction ? open.Profile.Invite?.Inviter?.Pin : null, open.Profile.Device, open.KeyPackages.IsLastResortDue)
        : new Status(State, false, null, null, null, ReadOnlyMemory<byte>.Empty, ReadOnlyMemory<byte>.Empty, null, default, false);

    private Ok Create(CreateProfile create)
    {
        if (DisplayName.Problem(create.Name) is { } problem) throw new VaultException(VaultError.Refused, problem);
        if (create.Passcode.Length == 0) throw new VaultException(VaultError.Refused, "The passcode cannot be empty.");
        MakeFolder();
        SealedStore.Delete(StorePath);   // what is left of a creation that was cut short
        using var profile = Profile.Create(create.Name, random);
        // The key file comes last: a profile exists from the moment there is a key to it, and is whole by then.
        string unfinished = KeyPath + ".unfinished";
        File.Delete(unfinished);
        using var storeKey = KeyFile.Create(unfinished, create.Passcode.Span, random);
        using (var store = SealedStore.Open(StorePath, storeKey, random))
        {
            store.Change(() => { profile.Save(store); return true; });
        }
        File.Move(unfinished, KeyPath, overwrite: false);
        return OpenWith(storeKey);
    }

    /// <summary>Whether the passcode is the one, where the vault is open already.</summary>
    private Ok Check(ReadOnlySpan<byte> passcode)
    {
        KeyFile.Open(KeyPath, passcode).Dispose();
        return new Ok();
    }

    private Ok OpenWith(ReadOnlySpan<byte> passcode)
    {
        using var storeKey = KeyFile.Open(KeyPath, passcode);
        return OpenWith(storeKey);
    }

    private Ok OpenWith(Secret storeKey)
    {
        var store = SealedStore.Open(StorePath, storeKey, random);
        OpenVault? open = null;
        try { open = new OpenVault(store, Profile.Load(store), random, clock); }
        finally { if (open is null) store.Dispose(); }
        (_open, _services) = (open, new Services(open));
        return new Ok();
    }

    private Ok End()
    {
        HasEnded = true;
        Dispose();
        return new Ok();
    }

    private void MakeFolder()
    {
        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
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
}
