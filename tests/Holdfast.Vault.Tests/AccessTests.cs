using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Vault.Tests;

/// <summary>The way into a profile: who knows the passcode, who guesses, and who is forced to tell.</summary>
public sealed class AccessTests : IDisposable
{
    private readonly Organisation _organisation = new();
    private readonly Person _alice;

    public AccessTests() => _alice = _organisation.Join("Alice");

    public void Dispose() => _organisation.Dispose();

    [Fact]
    public void EachWrongPasscodeMakesTheNextWaitLongerAndTheRightOneEndsThat()
    {
        _alice.Ask<Ok>(new EndVault(Wipe: false));
        foreach (int seconds in (int[])[0, 0, 1, 5, 30, 300, 3600, 3600])
        {
            Assert.Equal(VaultError.WrongPasscode, Try("wrong"));
            if (seconds == 0) continue;
            Assert.Equal(VaultError.TooManyTries, Try("pass"));
            _organisation.Clock.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            Assert.Equal(VaultError.TooManyTries, Try("pass"));   // each time another process: the count is on disk
            _organisation.Clock.Advance(TimeSpan.FromMilliseconds(1));
        }
        Assert.Null(Try("pass"));
        Assert.Equal(VaultError.WrongPasscode, Try("wrong"));
        Assert.Equal(VaultError.WrongPasscode, Try("wrong"));
        Assert.Null(Try("pass"));
    }

    [Fact]
    public void AClockThatIsPutBackShortensNoWait()
    {
        _alice.Ask<Ok>(new EndVault(Wipe: false));
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(VaultError.WrongPasscode, Try("wrong"));
            _organisation.Clock.Advance(TimeSpan.FromSeconds(2));
        }
        _organisation.Clock.Advance(TimeSpan.FromDays(-3));
        Assert.Equal(VaultError.TooManyTries, Try("pass"));
    }

    [Fact]
    public void ATryThatWasCutShortIsAWrongOne()
    {
        _alice.Ask<Ok>(new EndVault(Wipe: false));
        for (int i = 0; i < 3; i++) new Tries(_alice.Folder, _organisation.Clock).Begin();   // and the process is killed
        Assert.Equal(VaultError.TooManyTries, Try("pass"));
    }

    [Fact]
    public void AnOpenVaultIsNoWayToGuessWithoutWaiting()
    {
        for (int i = 0; i < 3; i++) _alice.Fails(Unlocking("wrong"), VaultError.WrongPasscode);
        _alice.Fails(Unlocking("pass"), VaultError.TooManyTries);
        _alice.Fails(new ChangeAccess("pass"u8.ToArray(), AccessChange.Passcode, "next"u8.ToArray(), 0), VaultError.TooManyTries);
        Assert.Equal(VaultState.Unlocked, _alice.Status.State);
    }

    [Fact]
    public void AChangedPasscodeOpensWhatTheOldOneDid()
    {
        var log = _alice.Create("Kept", _organisation.Join("Bob"));
        _alice.Say(log, "still there");
        byte[] store = Read("vault.db");
        _alice.Fails(Changing("wrong", AccessChange.Passcode, "next"), VaultError.WrongPasscode);
        _alice.Fails(Changing("pass", AccessChange.Passcode, ""), VaultError.Refused);
        _alice.Fails(Changing("pass", AccessChange.Passcode, "pass"), VaultError.Refused);
        _alice.Ask<Ok>(Changing("pass", AccessChange.Passcode, "next"));
        Assert.Equal(store, Read("vault.db"));   // nothing in the store was encrypted again
        _alice.Ask<Ok>(new EndVault(Wipe: false));
        Assert.Equal(VaultError.WrongPasscode, Try("pass"));
        using var monitor = NewMonitor();
        Assert.IsType<Ok>(Ask(monitor, Unlocking("next")));
        Assert.Contains(((Protocol.History)Ask(monitor, new ReadHistory(log, 0, 100, false))).Items, item => item.Text == "still there");
    }

    [Fact]
    public void APasscodeIsChangedInALockedVaultToo()
    {
        _alice.Ask<Ok>(new EndVault(Wipe: false));
        using var monitor = NewMonitor();
        Assert.IsType<Ok>(Ask(monitor, Changing("pass", AccessChange.Passcode, "next")));
        Assert.Equal(VaultState.Locked, ((Status)Ask(monitor, new GetStatus())).State);
        Assert.Equal(VaultError.WrongPasscode, Try("pass"));
        Assert.Null(Try("next"));
    }

    [Fact]
    public void TheDuressPasscodeDestroysTheKeyAndLooksLikeAWrongOne()
    {
        int[] before = Sizes();
        _alice.Ask<Ok>(Changing("pass", AccessChange.Duress, "help"));
        Assert.Equal(before, Sizes());   // nobody sees that there is one
        _alice.Fails(Changing("pass", AccessChange.Passcode, "help"), VaultError.Refused);
        _alice.Fails(Changing("pass", AccessChange.Duress, "pass"), VaultError.Refused);
        _alice.Ask<Ok>(Changing("pass", AccessChange.Passcode, "next"));
        _alice.Ask<Ok>(new EndVault(Wipe: false));
        Assert.Null(Try("next"));
        Assert.Equal(VaultError.WrongPasscode, Try("help"));
        Assert.Equal(before, Sizes());
        Assert.Equal(VaultError.WrongPasscode, Try("next"));
        Assert.Equal(VaultError.WrongPasscode, Try("help"));
    }

    /// <summary>Whoever watches may have another passcode typed into the same prompt.</summary>
    [Fact]
    public void AfterTheDuressPasscodeTheVaultGoesOnAsAfterAWrongOne()
    {
        _alice.Ask<Ok>(Changing("pass", AccessChange.Duress, "help"));
        _alice.Ask<Ok>(new EndVault(Wipe: false));
        var before = Seen("wrong");
        Assert.Equal(VaultError.WrongPasscode, before[0]);
        Assert.Equal(before, Seen("help"));
        List<object> Seen(string passcode)
        {
            _organisation.Clock.Advance(TimeSpan.FromHours(1));
            File.Delete(Path.Combine(_alice.Folder, "tries"));
            using var monitor = NewMonitor();
            List<object> seen = [];
            foreach (string typed in (string[])[passcode, "and", "again"]) seen.Add(Assert.IsType<Failed>(Ask(monitor, Unlocking(typed))).Error);
            return [.. seen, monitor.HasEnded, Assert.IsType<Status>(Ask(monitor, new GetStatus())).State];
        }
    }

    [Fact]
    public void TheDuressPasscodeClosesAnOpenVault()
    {
        _alice.Ask<Ok>(Changing("pass", AccessChange.Duress, "help"));
        _alice.Fails(Unlocking("help"), VaultError.WrongPasscode);
        _alice.Fails(new ListAll(Listed.Contacts), VaultError.WrongState);
        Assert.True(_alice.HasEnded);
        Assert.Equal(VaultError.WrongPasscode, Try("pass"));
    }

    [Fact]
    public void ADuressPasscodeThatWasTakenBackDestroysNothing()
    {
        _alice.Ask<Ok>(Changing("pass", AccessChange.Duress, "help"));
        _alice.Ask<Ok>(Changing("pass", AccessChange.Duress, ""));
        _alice.Fails(Unlocking("help"), VaultError.WrongPasscode);
        Assert.Equal(VaultState.Unlocked, _alice.Status.State);
        _alice.Ask<Ok>(Unlocking("pass"));
    }

    [Theory, InlineData(5, true), InlineData(6, false), InlineData(0, false)]
    public void AfterAsManyWrongPasscodesAsWereChosenNothingOpensIt(byte tries, bool isWiped)
    {
        _alice.Fails(new ChangeAccess("pass"u8.ToArray(), AccessChange.WipeAfter, default, 4), VaultError.Refused);
        _alice.Ask<Ok>(new ChangeAccess("pass"u8.ToArray(), AccessChange.WipeAfter, default, tries));
        _alice.Ask<Ok>(new EndVault(Wipe: false));
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(VaultError.WrongPasscode, Try("wrong"));
            _organisation.Clock.Advance(TimeSpan.FromHours(1));
        }
        Assert.Equal(isWiped ? VaultError.WrongPasscode : null, Try("pass"));
    }

    [Fact]
    public void TriesThatWereCutShortCountTowardsTheWipe()
    {
        _alice.Ask<Ok>(new ChangeAccess("pass"u8.ToArray(), AccessChange.WipeAfter, default, 5));
        _alice.Ask<Ok>(new EndVault(Wipe: false));
        for (int i = 0; i < 5; i++)
        {
            new Tries(_alice.Folder, _organisation.Clock).Begin();
            _organisation.Clock.Advance(TimeSpan.FromHours(1));
        }
        Assert.Equal(VaultError.WrongPasscode, Try("pass"));
    }

    [Fact]
    public void AWipeLeavesNoFileOfOursAndTouchesNoOther()
    {
        string other = Path.Combine(_alice.Folder, "somebody else's");
        File.WriteAllText(other, "kept");
        byte[] key = Read("vault.key");
        _alice.Ask<Ok>(new EndVault(Wipe: true));
        Assert.True(_alice.HasEnded);
        Assert.Equal([other], Directory.GetFiles(_alice.Folder));
        Assert.NotEmpty(key);
        using var monitor = NewMonitor();
        Assert.Equal(VaultState.Empty, ((Status)Ask(monitor, new GetStatus())).State);
    }

    [Fact]
    public void AWipeThatWasCutShortLeavesWhatNothingOpens()
    {
        byte[] key = Read("vault.key"), device = Read("device.key");
        _alice.Ask<Ok>(new EndVault(Wipe: false));
        new KeyFile(_alice.Folder, RandomSource.System).Efface();   // and the process is killed
        Assert.Equal(VaultError.WrongPasscode, Try("pass"));
        Write("vault.key", key);   // either file by itself is not enough
        Assert.Equal(VaultError.WrongPasscode, Try("pass"));
        Write("device.key", device);
        _organisation.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Null(Try("pass"));
    }

    [Theory, InlineData("vault.key"), InlineData("device.key")]
    public void AFileThatIsMissingOrCutIsNamed(string name)
    {
        _alice.Ask<Ok>(new EndVault(Wipe: false));
        byte[] whole = Read(name);
        foreach (int length in (int[])[0, 1, whole.Length - 1])
        {
            Write(name, whole[..length]);
            using var monitor = NewMonitor();
            var failed = Assert.IsType<Failed>(Ask(monitor, Unlocking("pass")));
            Assert.Equal(VaultError.StoreFailed, failed.Error);
            Assert.Contains(name, failed.Reason, StringComparison.Ordinal);
            _organisation.Clock.Advance(TimeSpan.FromHours(1));
        }
        Write(name, whole);
        Assert.Null(Try("pass"));
    }

    [Theory, InlineData(4, 2u), InlineData(8, 9u << 20)]
    public void ACostThatSomebodyChangedOpensNothing(int at, uint value)
    {
        _alice.Ask<Ok>(new EndVault(Wipe: false));
        byte[] file = Read("vault.key"), other = [.. file];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(other.AsSpan(at), value);
        Write("vault.key", other);
        Assert.Equal(VaultError.WrongPasscode, Try("pass"));
        Write("vault.key", file);
        Assert.Null(Try("pass"));
    }

    [Fact]
    public void ACostOfOldIsRaisedWhenTheProfileIsOpened()
    {
        _alice.Ask<Ok>(new EndVault(Wipe: false));
        byte[] before = Read("vault.key");
        using (var monitor = new Monitor(_alice.Folder, RandomSource.System, _organisation.Clock))
            Assert.IsType<Ok>(Ask(monitor, Unlocking("pass")));
        byte[] after = Read("vault.key");
        Assert.Equal(8u << 20, Memory(before));
        Assert.InRange(Memory(after), 64u << 20, 256u << 20);
        Assert.Null(Try("pass"));
        static uint Memory(byte[] file) => System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(8));
    }

    [Fact]
    public void OldMessagesAreNotReadBackAllAtOnceWithoutThePasscode()
    {
        var log = _alice.Create(null, _organisation.Join("Bob"));
        for (int i = 0; i < 23; i++) _alice.Ask<Sealed>(new SealTexts(log, [.. Enumerable.Range(0, 100).Select(n => $"{i} {n}")]));
        _alice.Sync();
        _organisation.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(VaultError.QuotaReached, ReadAll(log, out int read));
        Assert.InRange(read, ReadQuota.Messages, ReadQuota.Messages + 999);
        _alice.Ask<Ok>(Unlocking("pass"));
        Assert.Null(ReadAll(log, out read));
        Assert.InRange(read, 2300, 2400);
        _organisation.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(VaultError.QuotaReached, ReadAll(log, out _));
    }

    [Fact]
    public void NoMinuteHasMoreThanTheQuotaWhereverItBegins()
    {
        var quota = new ReadQuota(_organisation.Clock);
        quota.Count(1);
        _organisation.Clock.Advance(TimeSpan.FromSeconds(59));
        quota.Count(ReadQuota.Messages - 1);
        _organisation.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(quota.IsReached);   // one may be read
        quota.Count(1);
        Assert.True(quota.IsReached);
        _organisation.Clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False(quota.IsReached);
    }

    /// <summary>Whoever has the ids, as a server does, could else have the keys of all files beside the quota and the trail.</summary>
    [Fact]
    public void KeysOfFilesAreReadBackLikeMessages()
    {
        var log = _alice.Create(null, _organisation.Join("Bob"));
        var prepared = _alice.Ask<AttachmentPrepared>(new NewAttachment());
        var pointer = new AttachmentPointer(prepared.Blob, prepared.Key, new byte[32], 100, prepared.DeleteToken);
        var id = _alice.Ask<Sealed>(new SealAttachment(log, new AttachmentInfo("plan.pdf", "application/pdf", 90), pointer)).Item.Post.Id;
        _alice.Sync();
        _organisation.Clock.Advance(TimeSpan.FromMinutes(2));
        for (int times = 0; times < ReadQuota.Messages; times++) _alice.Ask<AttachmentFound>(new FindAttachment(id));
        _alice.Fails(new FindAttachment(id), VaultError.QuotaReached);
        var trail = _alice.Ask<Trail>(new ListAll(Listed.Trail)).Items;
        Assert.Equal((uint)ReadQuota.Messages, trail.First(static item => item.Event == TrailEvent.HistoryRead).Count);
    }

    private VaultError? ReadAll(LogId log, out int read)
    {
        ulong after = 0;
        read = 0;
        while (true)
        {
            var reply = _alice.Ask(new ReadHistory(log, after, 500, false));
            if (reply is Failed failed) return failed.Error;
            var items = ((Protocol.History)reply).Items;
            if (items.Count == 0) return null;
            (read, after) = (read + items.Count, items[^1].Position);
        }
    }

    /// <summary>What a vault that is just started says to a passcode; null where it opens.</summary>
    private VaultError? Try(string passcode)
    {
        using var monitor = NewMonitor();
        return Ask(monitor, Unlocking(passcode)) is Failed failed ? failed.Error : null;
    }

    private Monitor NewMonitor() => new(_alice.Folder, RandomSource.System, _organisation.Clock, PasscodeCost.Least);

    private static VaultReply Ask(Monitor monitor, VaultCall call) => monitor.Answer(Tls.Encode(call));

    private static Unlock Unlocking(string passcode) => new(System.Text.Encoding.UTF8.GetBytes(passcode));

    private static ChangeAccess Changing(string passcode, AccessChange change, string replacement) => new(
        System.Text.Encoding.UTF8.GetBytes(passcode), change, System.Text.Encoding.UTF8.GetBytes(replacement), 0);

    private int[] Sizes() => [.. ((string[])["vault.key", "device.key"]).Select(name => Read(name).Length)];

    private byte[] Read(string name) => File.ReadAllBytes(Path.Combine(_alice.Folder, name));

    private void Write(string name, byte[] content) => File.WriteAllBytes(Path.Combine(_alice.Folder, name), content);
}
