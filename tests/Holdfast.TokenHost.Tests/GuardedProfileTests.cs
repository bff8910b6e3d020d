using System.Text;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Vault;

namespace Holdfast.TokenHost.Tests;

/// <summary>A vault whose way in takes a token, asked as Client asks it, with a real token behind a real host.</summary>
public sealed class GuardedProfileTests(SoftHsm token) : IClassFixture<SoftHsm>, IDisposable
{
    private const int HeaderBytes = 4 + 8 + 16 + 1, StoreHeaderBytes = 4096;

    private static readonly byte[] Pin = SoftHsm.TokenPin, Wrong = "999999"u8.ToArray();

    private readonly TempFolder _folder = new();
    private readonly HandClock _clock = new();
    private readonly List<Host> _hosts = [];
    private int _asked;

    public void Dispose()
    {
        foreach (var host in _hosts) host.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void NeitherPasscodeNorTokenNorFilesAloneOpenIt()
    {
        Create();
        byte[] before = Read("vault.key");
        Assert.IsType<Ok>(Change(AccessChange.Token, Pin));
        Assert.Equal(VaultError.WrongTokenPin, Try("pass", default));
        Assert.Equal(VaultError.WrongTokenPin, Try("pass", Wrong));
        Assert.Equal(VaultError.WrongPasscode, Try("other", Pin));
        Assert.Null(Try("pass", Pin));
        // A record without its clear notice does not make it a profile without a token.
        byte[] guarded = Read("vault.key");
        Write("vault.key", [.. before[..HeaderBytes], .. guarded[^(before.Length - HeaderBytes)..]]);
        Assert.Equal(VaultError.WrongPasscode, Try("pass", Pin));
        Write("vault.key", guarded);
        Assert.Null(Try("pass", Pin));
        Assert.IsType<Ok>(Change(AccessChange.Token, default, Pin));
        Assert.Equal(before.Length, Read("vault.key").Length);   // as if there had never been one
        Assert.Null(Try("pass", default));
    }

    /// <summary>Who has all files and the passcode, and runs our own code on them past every check, still lacks the token's secret.</summary>
    [Fact]
    public void TheKeyComesFromTheTokensSecretToo()
    {
        Create();
        Assert.IsType<Ok>(Change(AccessChange.Token, Pin));
        using var begun = new KeyFile(_folder["vault"], RandomSource.System).Begin("pass"u8);
        using var other = Secret.Random(TokenEnvelope.SecretBytes, RandomSource.System);
        Assert.Null(KeyFile.End(begun, null));
        Assert.Null(KeyFile.End(begun, other));
        using var right = Recover(begun.Header.Token!);
        using var opened = KeyFile.End(begun, right);
        Assert.NotNull(opened);
        using var wrong = new KeyFile(_folder["vault"], RandomSource.System).Begin("other"u8);
        Assert.Null(KeyFile.End(wrong, right));
    }

    /// <summary>Nothing is encrypted again, and all else that can be changed is changed with a token as without.</summary>
    [Fact]
    public void PasscodeDurationAndDuressAreChangedUnderAToken()
    {
        Create();
        byte[] header = Read("vault.db")[..StoreHeaderBytes];
        Assert.IsType<Ok>(Change(AccessChange.Duress, "help"u8.ToArray()));
        Assert.IsType<Ok>(Change(AccessChange.Token, Pin));
        Assert.IsType<Ok>(Ask(new ChangeAccess("pass"u8.ToArray(), AccessChange.WipeAfter, default, 9) { TokenPin = Pin.ToArray() }));
        Assert.IsType<Failed>(Change(AccessChange.Passcode, "help"u8.ToArray(), Pin));
        Assert.IsType<Ok>(Change(AccessChange.Passcode, "next"u8.ToArray(), Pin));
        Assert.Equal(header, Read("vault.db")[..StoreHeaderBytes]);   // written once, under the store's key
        Assert.Equal(VaultError.WrongPasscode, Try("pass", Pin));
        Assert.Null(Try("next", Pin));
        Assert.Equal(VaultError.WrongTokenPin, Try("next", Wrong));
    }

    /// <summary>Who is forced may not have the token; and who forces sees the same as with a wrong passcode, with the token and without.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public void TheDuressPasscodeTakesNoTokenAndLooksTheSame(bool hasToken)
    {
        Create();
        Assert.IsType<Ok>(Change(AccessChange.Duress, "help"u8.ToArray()));
        Assert.IsType<Ok>(Change(AccessChange.Token, Pin));
        string[] Sight(string passcode)
        {
            _asked = 0;
            var reply = Assert.IsType<Failed>(Ask(Unlocking(passcode, Pin), hasToken));
            return [reply.Error.ToString(), reply.Reason, $"{_asked}", $"{Read("vault.key").Length}", Convert.ToHexString(Read("tries").AsSpan(0, 8))];
        }
        string[] wrong = Sight("wrong");
        Assert.Null(Try("pass", Pin));
        Assert.Equal(wrong, Sight("help"));
        Assert.Equal(hasToken ? VaultError.WrongPasscode : VaultError.TokenFailed, Failed(Unlocking("pass", Pin), hasToken));
        Assert.Equal(VaultError.WrongPasscode, Failed(Unlocking("pass", Pin)));   // nothing opens it any more, and it says so as before
    }

    /// <summary>A token that is forgotten at home is no wrong passcode: five of those do not destroy anything, nor make anybody wait.</summary>
    [Fact]
    public void AFailedTokenCostsNoTryOfThePasscode()
    {
        Create();
        Assert.IsType<Ok>(Change(AccessChange.Token, Pin));
        Assert.IsType<Ok>(Ask(new ChangeAccess("pass"u8.ToArray(), AccessChange.WipeAfter, default, 5) { TokenPin = Pin.ToArray() }));
        for (int i = 0; i < 8; i++) Assert.Equal(VaultError.TokenFailed, Failed(Unlocking("pass", Pin), hasToken: false));
        Assert.Null(Try("pass", Pin));
    }

    /// <summary>The other way round: a wrong passcode costs no try of the token PIN, and is counted where the token was asked.</summary>
    [Fact]
    public void AWrongPasscodeCostsNoTryOfTheTokenPin()
    {
        Create();
        Assert.IsType<Ok>(Change(AccessChange.Token, Pin));
        for (int i = 0; i < 3; i++) Assert.Equal(VaultError.WrongPasscode, Try("wrong", Pin));
        _asked = 0;
        Assert.Equal(VaultError.TooManyTries, Try("pass", Wrong));
        Assert.Equal(0, _asked);   // who has to wait does not get at the token either
        _clock.Now += TimeSpan.FromHours(1);
        Assert.Null(Try("pass", Pin));
        Assert.Equal(0, new TokenPinTries(_folder["vault/tries.token"], _clock).Count);
    }

    /// <summary>After five wrong token PINs there is a way out that needs nobody: an hour, and then one more.</summary>
    [Fact]
    public void AfterFiveWrongTokenPinsOneIsTakenAnHour()
    {
        Create();
        Assert.IsType<Ok>(Change(AccessChange.Token, Pin));
        for (int left = 4; left >= 0; left--)
        {
            var failed = Assert.IsType<Failed>(Ask(Unlocking("pass", Wrong)));
            Assert.Contains(left == 0 ? "one is taken an hour" : $"{left} more", failed.Reason, StringComparison.Ordinal);
        }
        for (int hour = 0; hour < 2; hour++)
        {
            Assert.Contains("wait 60 minutes", Assert.IsType<Failed>(Ask(Unlocking("pass", Pin))).Reason, StringComparison.Ordinal);
            _clock.Now += TimeSpan.FromHours(1);
            Assert.Equal(VaultError.WrongTokenPin, Try("pass", Wrong));
            _clock.Now -= TimeSpan.FromDays(2);
            Assert.Equal(VaultError.WrongTokenPin, Try("pass", Pin));   // a clock that was put back shortens nothing
            _clock.Now += TimeSpan.FromDays(2);
        }
        _clock.Now += TimeSpan.FromHours(1);
        Assert.Null(Try("pass", Pin));
        Assert.Equal(VaultError.WrongTokenPin, Try("pass", Wrong));
        Assert.Null(Try("pass", Pin));
    }

    /// <summary>Every bit of what the file says of the token is authenticated: whatever somebody changes, it does not open.</summary>
    [Fact]
    public void AChangedNoticeOpensNothing()
    {
        Create();
        Assert.IsType<Ok>(Change(AccessChange.Token, Pin));
        byte[] file = Read("vault.key");
        for (int at = HeaderBytes; at < file.Length; at += 41)
        {
            byte[] bent = [.. file];
            bent[at] ^= 1;
            Write("vault.key", bent);
            File.Delete(_folder["vault/tries"]);
            Assert.NotNull(Try("pass", Pin));
        }
        Write("vault.key", file);
        File.Delete(_folder["vault/tries"]);
        File.Delete(_folder["vault/tries.token"]);
        Assert.Null(Try("pass", Pin));
        using var monitor = NewMonitor(hasToken: false);
        Assert.Equal("holdfast", ((Status)monitor.Answer(Tls.Encode<VaultCall>(new GetStatus()))).Token?.Label);
    }

    /// <summary>The disk as it is before each step by which the file is replaced, and after: the old way in opens, or the new.</summary>
    [Fact]
    public void WhereverAnEnrolmentStopsTheOldWayOpensOrTheNew()
    {
        Create();
        byte[] old = Read("vault.key");
        Assert.IsType<Ok>(Change(AccessChange.Token, Pin));
        byte[] guarded = Read("vault.key");
        (byte[] Key, byte[]? Unfinished, byte[] Pin)[] moments =
        [
            (old, [], []), (old, guarded[..100], []), (old, guarded, []), (guarded, null, Pin), (guarded, guarded[..7], Pin),
        ];
        foreach (var (key, unfinished, pin) in moments)
        {
            Write("vault.key", key);
            if (unfinished is null) File.Delete(_folder["vault/vault.key.new"]);
            else Write("vault.key.new", unfinished);
            Assert.Null(Try("pass", pin));
            if (pin.Length == 0) continue;
            Assert.Equal(VaultError.WrongTokenPin, Try("pass", default));
        }
        Assert.IsType<Ok>(Change(AccessChange.Token, default, Pin));
        Assert.IsType<Ok>(Change(AccessChange.Token, Pin));
        Assert.Null(Try("pass", Pin));
    }

    private Secret Recover(TokenPlace place)
    {
        using var host = new Host(token.Settings);
        return TokenSecret.Recover(
            place.Record.Span, host.Client, Pin, new TokenPinTries(_folder["tries"], TimeProvider.System), place.Profile.Span);
    }

    private void Create()
    {
        using var monitor = NewMonitor(hasToken: true);
        Assert.IsType<Ok>(monitor.Answer(Tls.Encode<VaultCall>(new CreateProfile("pass"u8.ToArray(), "Alice"))));
    }

    private VaultReply Change(AccessChange change, ReadOnlyMemory<byte> replacement, byte[]? pin = null) =>
        Ask(new ChangeAccess("pass"u8.ToArray(), change, replacement.ToArray(), 0) { TokenPin = (pin ?? []).ToArray(), Way = "way"u8.ToArray() });

    private VaultError? Try(string passcode, byte[]? pin) => Failed(Unlocking(passcode, pin));

    private VaultError? Failed(VaultCall call, bool hasToken = true) => Ask(call, hasToken) is Failed failed ? failed.Error : null;

    private static Unlock Unlocking(string passcode, byte[]? pin) => new(Encoding.UTF8.GetBytes(passcode)) { TokenPin = (pin ?? []).ToArray() };

    /// <summary>A vault that is just started: what it knows of before is on disk.</summary>
    private VaultReply Ask(VaultCall call, bool hasToken = true)
    {
        using var monitor = NewMonitor(hasToken);
        return monitor.Answer(Tls.Encode(call));
    }

    private Holdfast.Vault.Monitor NewMonitor(bool hasToken) => new(
        _folder["vault"], RandomSource.System, _clock, PasscodeCost.Least, _ => new Hosted(this, hasToken ? token.Settings : token.With("/nothing.so")));

    private byte[] Read(string name) => File.ReadAllBytes(Path.Combine(_folder["vault"], name));

    private void Write(string name, byte[] content) => File.WriteAllBytes(Path.Combine(_folder["vault"], name), content);

    /// <summary>A host for one conversation, started with its first question.</summary>
    private sealed class Hosted(GuardedProfileTests test, Client.TokenHostSettings settings) : ITokenChannel
    {
        private Host? _host;

        public byte[]? Exchange(ReadOnlySpan<byte> frame)
        {
            test._asked++;
            _host ??= test.Keep(new Host(settings));
            return _host.Exchange(frame);
        }
    }

    private Host Keep(Host host)
    {
        foreach (var before in _hosts) before.Dispose();
        _hosts.Clear();
        _hosts.Add(host);
        return host;
    }

    private sealed class HandClock : TimeProvider
    {
        internal DateTimeOffset Now { get; set; } = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
