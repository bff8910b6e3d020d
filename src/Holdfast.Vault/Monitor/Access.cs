using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>The way in: making the key, trying a passcode, changing it, and destroying the key.</summary>
/// <param name="folder">The vault's folder.</param>
/// <param name="random">Where keys come from.</param>
/// <param name="clock">What waits are measured by.</param>
/// <param name="cost">What a try is to cost; null for what this machine can bear.</param>
/// <param name="reach">The way to a token's host.</param>
internal sealed class Access(string folder, RandomSource random, TimeProvider clock, PasscodeCost? cost, Func<TokenRole, ITokenChannel> reach)
{
    /// <summary>One that nobody reaches by mistyping.</summary>
    private const int FewestTries = 5;

    private readonly KeyFile _key = new(folder, random);
    private readonly Tries _tries = new(folder, clock);
    private readonly TokenGuard _guard = new(folder, random, clock, reach);

    /// <summary>Whether there is a profile.</summary>
    internal bool Exists => _key.Exists;

    /// <summary>Which token guards the profile, if one does.</summary>
    internal GuardingToken? Token => _key.Token;

    /// <summary>Whether a try has destroyed the key: what is open is to be closed.</summary>
    internal bool IsEffaced { get; private set; }

    /// <summary>How many wrong passcodes came before the last try.</summary>
    internal int WrongBefore => _tries.FailuresBefore;

    /// <summary>What a locked device fetches with.</summary>
    internal DeliveryFile Delivery { get; } = new(folder, new KeyFile(folder, random).DeliveryFileKey, random);

    /// <summary>The store of this profile.</summary>
    internal string StorePath => Path.Combine(folder, "vault.db");

    /// <summary>Makes a profile: it exists from the moment there is a key to it, and is whole by then.</summary>
    internal Secret Create(ReadOnlySpan<byte> passcode, Action<Secret> makeStore)
    {
        RequireSense(passcode);
        MakeFolder();
        DeleteAll();   // of a creation that was cut short
        return _key.Create(passcode, cost ?? PasscodeCost.Measured(clock), makeStore);
    }

    /// <summary>The store's key.</summary>
    /// <exception cref="VaultException">The passcode is wrong, or comes too early after others that were; or the token failed.</exception>
    internal Secret Open(Unlock unlock)
    {
        var passcode = unlock.Passcode.Span;
        using var opened = Try(passcode, unlock.TokenPin);
        if (cost is null && opened.Header.Cost.IsOld && !opened.HasDuress) _key.ChangePasscode(opened, passcode, PasscodeCost.Measured(clock));
        return Secret.CopyOf(opened.StoreKey.Reveal());
    }

    /// <summary>Whether the passcode is the right one, and the token.</summary>
    /// <exception cref="VaultException">It is not, or comes too early; or the token failed.</exception>
    internal void Check(Unlock unlock) => Try(unlock.Passcode.Span, unlock.TokenPin).Dispose();

    /// <summary>Carries out a change that the passcode allows, and the token where there is one.</summary>
    /// <param name="change">The change.</param>
    /// <param name="before">What is done with the store's key before the change, once nothing speaks against it.</param>
    /// <exception cref="VaultException">The passcode is wrong, the token failed, or the change makes no sense.</exception>
    internal void Change(ChangeAccess change, Action<Secret> before)
    {
        ReadOnlyMemory<byte> module = default;
        bool anyModule = change.Change == AccessChange.TokenWay;   // who has updated it says so
        using var opened = Try(change.Passcode.Span, place => _guard.Recover(place, change.TokenPin, anyModule, out module));
        RequireSense(change, opened);
        if (change is { Change: AccessChange.Token, Replacement.IsEmpty: false }) Enrol(change, opened, before);
        else
        {
            before(opened.StoreKey);
            Change(change, opened, module);
        }
    }

    private void Change(ChangeAccess change, OpenedKey opened, ReadOnlyMemory<byte> module)
    {
        var passcode = change.Passcode.Span;
        switch (change.Change)
        {
            case AccessChange.Passcode:
                _key.ChangePasscode(opened, change.Replacement.Span, cost ?? PasscodeCost.Measured(clock));
                break;
            case AccessChange.Duress:
                _key.ChangeDuress(opened, passcode, change.Replacement.Span);
                break;
            case AccessChange.WipeAfter:
                _key.ChangeWipeAfter(opened, passcode, (byte)change.Figure);
                break;
            case AccessChange.Token:
                _key.ChangeToken(opened, passcode, null, null);
                _guard.ForgetTries();
                break;
            case AccessChange.TokenWay:
                var place = _guard.Move(opened.Header.Token!, module, opened.TokenSecret!, change.Way);
                _key.ChangeToken(opened, passcode, place, opened.TokenSecret);
                break;
        }
    }

    /// <summary>A first token, or another. One write of one file decides which is asked from then on.</summary>
    private void Enrol(ChangeAccess change, OpenedKey opened, Action<Secret> before)
    {
        var (place, secret) = _guard.Enrol(change.Label, change.Replacement, change.Key, change.Way);
        using (secret)
        {
            before(opened.StoreKey);
            _key.ChangeToken(opened, change.Passcode.Span, place, secret);
        }
        _guard.ForgetTries();
    }

    /// <summary>Destroys the key, and then the files. Cut short after the first, it leaves what nothing opens.</summary>
    /// <param name="close">Closes the store, once its key is gone.</param>
    internal void Wipe(Action close)
    {
        if (_key.Exists) Efface();
        close();
        DeleteAll();
    }

    private OpenedKey Try(ReadOnlySpan<byte> passcode, ReadOnlyMemory<byte> tokenPin) => Try(passcode, place => _guard.Recover(place, tokenPin));

    /// <summary>
    /// The try is counted before anything else. Then the duress passcode does its work, which takes no token. Only with the token's secret is
    /// the passcode judged, so that nobody without the token learns anything about it; and where the token fails, it was not.
    /// </summary>
    private OpenedKey Try(ReadOnlySpan<byte> passcode, Func<TokenPlace, Secret> recover)
    {
        _tries.Begin();
        WipeIfTooMany(except: 1);
        using var begun = _key.Begin(passcode);
        if (begun.IsDuress) Efface();
        using var tokenSecret = begun.Header.Token is { } place ? Ask(place, recover) : null;
        if (KeyFile.End(begun, tokenSecret) is { } opened)
        {
            _tries.Succeed();
            return opened;
        }
        WipeIfTooMany(except: 0);
        throw new VaultException(VaultError.WrongPasscode, "The passcode is wrong.");
    }

    private Secret Ask(TokenPlace place, Func<TokenPlace, Secret> recover)
    {
        try { return recover(place); }
        catch (VaultException)
        {
            _tries.TakeBack();
            throw;
        }
    }

    /// <summary>The try that is running counts only once it has failed; one that was cut short has failed.</summary>
    private void WipeIfTooMany(int except)
    {
        if (_key.WipeAfter is > 0 and var most && _tries.Failures - except >= most) Efface();
    }

    private void Efface()
    {
        IsEffaced = true;
        _key.Efface();
        Delivery.Efface();
    }

    private void RequireSense(ChangeAccess change, OpenedKey opened)
    {
        bool isTaken = change is { Change: AccessChange.Passcode } or { Change: AccessChange.Duress, Replacement.IsEmpty: false };
        if (isTaken) RequireOther(change.Replacement.Span, opened);
        if (opened.Header.Token is null && change is ({ Change: AccessChange.TokenWay } or { Change: AccessChange.Token, Replacement.IsEmpty: true }))
            throw new VaultException(VaultError.Refused, "No token guards this profile.");
        if (change is { Change: AccessChange.WipeAfter, Figure: > 0 and < FewestTries })
            throw new VaultException(VaultError.Refused, $"Fewer than {FewestTries} tries would be an accident.");
        if (change is { Change: AccessChange.WipeAfter, Figure: > byte.MaxValue })
            throw new VaultException(VaultError.Refused, $"At most {byte.MaxValue} tries are counted.");
    }

    /// <summary>The other passcode must open neither slot.</summary>
    private void RequireOther(ReadOnlySpan<byte> passcode, OpenedKey opened)
    {
        RequireSense(passcode);
        using var begun = _key.Begin(passcode);
        using var same = KeyFile.End(begun, opened.TokenSecret);
        if (same is not null || begun.IsDuress) throw new VaultException(VaultError.Refused, "That passcode is in use already: choose another.");
    }

    private static void RequireSense(ReadOnlySpan<byte> passcode)
    {
        if (passcode.IsEmpty) throw new VaultException(VaultError.Refused, "The passcode cannot be empty.");
    }

    private void MakeFolder()
    {
        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private void DeleteAll()
    {
        if (!Directory.Exists(folder)) return;
        foreach (string pattern in (string[])["vault.*", "device.key*", "tries*"])
            foreach (string file in Directory.EnumerateFiles(folder, pattern)) File.Delete(file);
    }
}
