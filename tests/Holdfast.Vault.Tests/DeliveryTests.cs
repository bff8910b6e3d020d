using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Tests;

namespace Holdfast.Vault.Tests;

/// <summary>What a locked vault fetches with, where its owner has it fetch: nothing that opens a word, and nothing once it was taken back.</summary>
public sealed class DeliveryTests : IDisposable
{
    private static readonly byte[] Nonce = new byte[ProtocolLimits.NonceBytes];
    private static readonly Ed25519 Scheme = new();

    private readonly Organisation _organisation = new();
    private readonly Person _alice, _bob;
    private readonly LogId _log;

    public DeliveryTests()
    {
        (_alice, _bob) = (_organisation.Join("Alice"), _organisation.Join("Bob"));
        _log = _alice.Create("Team", _bob);
        _bob.Sync();
    }

    private string DeliveryPath => Path.Combine(_alice.Folder, "vault.delivery");

    public void Dispose() => _organisation.Dispose();

    [Fact]
    public void UnlessItWasChosenThereIsNoFileAndALockedVaultSignsNothing()
    {
        Assert.False(_alice.Status.Delivers);
        Assert.True(((Login)Signed(_alice).Login).DeliveryKey.IsEmpty);
        _alice.Lock();
        Assert.False(File.Exists(DeliveryPath));
        using var locked = NewMonitor();
        Assert.False(((Status)Ask(locked, new GetStatus())).Delivers);
        AssertSignsNothing(locked, VaultError.WrongState);
    }

    [Fact]
    public void ALockedVaultLogsInToReadAndGivesTheGrantsItWasLeft()
    {
        byte[] deliveryKey = Choose();
        _bob.Say(_log, "read before the lock");
        _alice.Sync();
        _alice.Lock();
        using var locked = NewMonitor();
        var status = (Status)Ask(locked, new GetStatus());
        Assert.Equal((VaultState.Locked, true, "https://127.0.0.1:1"), (status.State, status.Delivers, status.Server));
        Assert.Null(status.Name);
        var login = Assert.IsType<DeliveryLogin>(((LoginSigned)Ask(locked, SignLogin)).Login);
        Assert.True(Scheme.Verify(deliveryKey, SignedTexts.DeliveryLogin(_organisation.ServerKey, Nonce, login.Device), login.Signature.Span));
        var grant = Assert.Single(((SubscriptionsSigned)Ask(locked, SignSubscriptions())).Proofs);
        Assert.Equal((_log, _organisation.Read(_log, 0)[^1].Position), (grant.Log, grant.Position));
        Assert.True(Scheme.Verify(grant.AccessKey.Span, SignedTexts.ReadingGrant(_organisation.ServerKey, deliveryKey, _log), grant.Signature.Span));
        Assert.Equal(VaultState.Locked, ((Status)Ask(locked, new GetStatus())).State);
    }

    /// <summary>Every other call is refused as in any locked vault, by the table; these two are not bent to sign for somebody else.</summary>
    [Fact]
    public void ALockedVaultSignsForItsOwnServerAlone()
    {
        Choose();
        _alice.Lock();
        using var locked = NewMonitor();
        byte[] another = [.. Enumerable.Repeat((byte)1, ProtocolLimits.DigestBytes)];
        Assert.Equal(VaultError.Refused, ((Failed)Ask(locked, new SignLogin(another, Nonce))).Error);
        Assert.Equal(VaultError.Refused, ((Failed)Ask(locked, new SignSubscriptions(another, Nonce, []))).Error);
        Assert.Empty(((SubscriptionsSigned)Ask(locked, SignSubscriptions(new LogId(77)))).Proofs);
        Assert.Equal(VaultError.WrongState, ((Failed)Ask(locked, new ReportLogin(LoginOutcome.Accepted))).Error);
    }

    [Fact]
    public void OnlyConversationsThatWeAreInAreAmongTheGrants()
    {
        Choose();
        var left = _bob.Create("Left", _alice);
        _alice.Sync();
        Grants(2);
        _bob.Ask<Sealed>(new RemoveMember(left, _alice.Pin));
        _bob.Sync();
        _alice.Sync();
        Assert.Equal(_log, Assert.Single(Grants(1)).Log);
    }

    /// <summary>The file has the delivery key and what was signed for it, and neither an access key nor any other, raw or under the device's secret.</summary>
    [Fact]
    public void NoOtherKeyIsInTheFile()
    {
        byte[] deliveryKey = Choose();
        List<byte[]> others = [.. new[] { _alice.Vault.Profile.LoginKey, _alice.Vault.Profile.Leaf, _alice.Vault.Profile.Identity }.Select(static key => key.RevealPrivateKey().ToArray())];
        using (var access = AccessKey.Of(_alice.Vault.Groups.Load(_log))) others.Add(access.RevealPrivateKey().ToArray());
        _alice.Lock();
        byte[] file = File.ReadAllBytes(DeliveryPath), content = Content();
        using var keys = DeliveryKeys.Decode(content);
        byte[] own = keys.Key.RevealPrivateKey().ToArray();
        Assert.Equal(deliveryKey, keys.Key.PublicKey.ToArray());
        Assert.True(content.AsSpan().IndexOf(own) >= 0);   // so what is searched for would be found
        Assert.True(file.AsSpan().IndexOf(own) < 0);
        foreach (byte[] other in others) Assert.True(content.AsSpan().IndexOf(other) < 0 && file.AsSpan().IndexOf(other) < 0);
    }

    [Fact]
    public void TakenBackItIsGoneFromTheDiskAndFromTheLogin()
    {
        byte[] first = Choose();
        _alice.Lock();
        using (var locked = NewMonitor())
        {
            Assert.IsType<Failed>(Ask(locked, Choosing(false, "wrong")));
            Assert.True(File.Exists(DeliveryPath));
            Assert.IsType<Ok>(Ask(locked, Choosing(false)));
            Assert.False(File.Exists(DeliveryPath));
            AssertSignsNothing(locked, VaultError.WrongState);
        }
        _alice.Restart();
        Assert.True(((Login)Signed(_alice).Login).DeliveryKey.IsEmpty);
        Assert.NotEqual(first, Choose());   // a key that was taken back does not come again
        _alice.Lock();
        Assert.True(File.Exists(DeliveryPath));
    }

    [Fact]
    public void AWipeTakesItWithTheRest()
    {
        Choose();
        _alice.Lock();
        using var locked = NewMonitor();
        Assert.IsType<Ok>(Ask(locked, new EndVault(Wipe: true)));
        Assert.Empty(Directory.GetFiles(_alice.Folder));
    }

    [Fact]
    public void TheDuressPasscodeDestroysItAndTheFileLooksTheSame()
    {
        Choose();
        _alice.Ask<Ok>(new ChangeAccess("pass"u8.ToArray(), AccessChange.Duress, "help"u8.ToArray(), 0));
        _alice.Lock();
        byte[] before = File.ReadAllBytes(DeliveryPath), device = File.ReadAllBytes(Path.Combine(_alice.Folder, "device.key"));
        using (var locked = NewMonitor()) Assert.Equal(VaultError.WrongPasscode, ((Failed)Ask(locked, new Unlock("help"u8.ToArray()))).Error);
        Assert.Equal(before.Length, File.ReadAllBytes(DeliveryPath).Length);
        File.WriteAllBytes(Path.Combine(_alice.Folder, "device.key"), device);   // not even with the secret from a copy
        using var monitor = NewMonitor();
        AssertSignsNothing(monitor, VaultError.StoreFailed);
    }

    /// <summary>Damage is noticed and named, and hinders nobody from unlocking; locking makes the file anew.</summary>
    [Fact]
    public void ADamagedFileIsNamedAndHindersNoUnlocking()
    {
        Choose();
        _alice.Lock();
        byte[] whole = File.ReadAllBytes(DeliveryPath);
        for (int bit = 0; bit < whole.Length * 8; bit += LongRun.IsWanted ? 1 : 41)
        {
            byte[] flipped = [.. whole];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            AssertDamaged(flipped);
        }
        foreach (int length in (int[])[0, 3, 40, whole.Length - 1]) AssertDamaged(whole[..length]);
        _alice.Restart();
        _alice.Lock();
        using var locked = NewMonitor();
        Assert.IsType<LoginSigned>(Ask(locked, SignLogin));
    }

    /// <summary>The file of another profile, or of another device secret, is none of ours.</summary>
    [Fact]
    public void AnotherProfilesFileIsNotRead()
    {
        Choose();
        _bob.Ask<Ok>(Choosing(true));
        _alice.Lock();
        _bob.Lock();
        File.Copy(Path.Combine(_bob.Folder, "vault.delivery"), DeliveryPath, overwrite: true);
        using var locked = NewMonitor();
        AssertSignsNothing(locked, VaultError.StoreFailed);
    }

    /// <summary>What was spooled is opened like anything else where all of it opens.</summary>
    [Fact]
    public void WhatWasFetchedWhileLockedIsOpened()
    {
        ulong before = Position();
        _bob.Say(_log, "one");
        _bob.Say(_log, "two");
        var opened = _alice.Ask<Opened>(new OpenEntries(_log, _organisation.Read(_log, before)) { Spooled = true });
        Assert.Equal(["one", "two"], opened.Items.Select(static item => item.Text));
    }

    /// <summary>
    /// Somebody else's program may have written the spool. What does not open there changes nothing, so that the true entry is still to come;
    /// from the server the same is quarantined.
    /// </summary>
    [Fact]
    public void AForgedSpoolMakesNoTrueEntryBeLost()
    {
        ulong before = Position();
        _bob.Say(_log, "one");
        _bob.Say(_log, "two");
        LogEntry[] entries = [.. _organisation.Read(_log, before)];
        LogEntry[] forged = [entries[0], entries[1] with { Bytes = RandomSource.System.PublicBytes(entries[1].Bytes.Length) }];
        _alice.Fails(new OpenEntries(_log, forged) { Spooled = true }, VaultError.Refused);
        _alice.Fails(new OpenEntries(_log, [entries[1]]) { Spooled = true }, VaultError.Refused);   // one is missing before it
        Assert.Equal(before, Position());
        Assert.Equal(["one", "two"], _alice.Ask<Opened>(new OpenEntries(_log, entries)).Items.Select(static item => item.Text));
        _organisation.Inject(_log, PostKind.Application, RandomSource.System.PublicBytes(300));
        var garbage = _organisation.Read(_log, Position());
        _alice.Fails(new OpenEntries(_log, garbage) { Spooled = true }, VaultError.Refused);
        Assert.Equal(HistoryKind.Unreadable, Assert.Single(_alice.Ask<Opened>(new OpenEntries(_log, garbage)).Items).Kind);
    }

    private SignLogin SignLogin => new(_organisation.ServerKey, Nonce);

    private SignSubscriptions SignSubscriptions(params LogId[] logs) => new(_organisation.ServerKey, Nonce, logs);

    /// <summary>Chooses it, and gives the public key that the next login names.</summary>
    private byte[] Choose()
    {
        _alice.Ask<Ok>(Choosing(true));
        Assert.True(_alice.Status.Delivers);
        byte[] key = ((Login)Signed(_alice).Login).DeliveryKey.ToArray();
        Assert.Equal(ProtocolLimits.PublicKeyBytes, key.Length);
        return key;
    }

    private static ChangeAccess Choosing(bool delivers, string passcode = "pass") =>
        new(System.Text.Encoding.UTF8.GetBytes(passcode), AccessChange.Delivery, default, (ushort)(delivers ? 1 : 0));

    private LoginSigned Signed(Person person) => person.Ask<LoginSigned>(SignLogin);

    private ulong Position() => _alice.Ask<Conversations>(new ListAll(Listed.Conversations)).Items.Single(item => item.Log == _log).Position;

    private IReadOnlyList<SubscriptionProof> Grants(int count)
    {
        _alice.Lock();
        using (var locked = NewMonitor())
        {
            var grants = ((SubscriptionsSigned)Ask(locked, SignSubscriptions())).Proofs;
            Assert.Equal(count, grants.Count);
            _alice.Restart();
            return grants;
        }
    }

    private byte[] Content()
    {
        using var keys = new DeliveryFile(_alice.Folder, new KeyFile(_alice.Folder, RandomSource.System).DeliveryFileKey, RandomSource.System).Read();
        using var writer = new TlsWriter();
        keys.Encode(writer);
        return writer.ToArray();
    }

    private void AssertDamaged(byte[] file)
    {
        File.WriteAllBytes(DeliveryPath, file);
        using var locked = NewMonitor();
        AssertSignsNothing(locked, VaultError.StoreFailed);
        var status = (Status)Ask(locked, new GetStatus());
        Assert.Equal((true, null), (status.Delivers, status.Server));
    }

    private void AssertSignsNothing(Monitor locked, VaultError error)
    {
        Assert.Equal(error, Assert.IsType<Failed>(Ask(locked, SignLogin)).Error);
        Assert.Equal(error, Assert.IsType<Failed>(Ask(locked, SignSubscriptions())).Error);
    }

    private Monitor NewMonitor() => new(_alice.Folder, RandomSource.System, _organisation.Clock, PasscodeCost.Least);

    private static VaultReply Ask(Monitor monitor, VaultCall call) => monitor.Answer(Tls.Encode(call));
}
