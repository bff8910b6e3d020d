using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Vault;

namespace Holdfast.TokenHost.Tests;

/// <summary>Modules that do as an honest one does, and lie in one thing.</summary>
public sealed class EvilModuleTests(SoftHsm token) : IClassFixture<SoftHsm>, IDisposable
{
    private static readonly byte[] Profile = RandomNumberGenerator.GetBytes(16);

    private readonly TempFolder _folder = new();

    private TokenPinTries Tries => new(_folder["tries"], TimeProvider.System);

    public void Dispose() => _folder.Dispose();

    /// <summary>The control of all the others: the module that lies in nothing enrols, brings back and signs.</summary>
    [Fact]
    public void AModuleThatLiesInNothingWorks() => Assert.Null(Outcome("NOTHING"));

    [Theory]
    [InlineData("OTHERS_KEY", "Lied")]
    [InlineData("OFF_CURVE_KEY", "Lied")]
    [InlineData("WRONG_SECRET", "Lied")]
    [InlineData("WRONG_SIGNATURE", "Lied")]
    [InlineData("MANY_SLOTS", "DeviceFailed")]
    [InlineData("MANY_KEYS", "DeviceFailed")]
    [InlineData("LONG_ATTRIBUTE", "DeviceFailed")]
    [InlineData("LONG_SECRET", "DeviceFailed")]
    [InlineData("LONG_SIGNATURE", "DeviceFailed")]
    [InlineData("PIN_LOCKED", "TokenPinLocked")]
    [InlineData("SHOWS_LOCKED", "TokenPinLocked")]
    [InlineData("REMOVED", "NoToken")]
    [InlineData("CRASH_INITIALIZE", "HostEnded")]
    [InlineData("CRASH_DERIVE", "HostEnded")]
    [InlineData("EXIT_LOGIN", "HostEnded")]
    public void ALieIsAClearError(string lie, string fault) => Assert.Equal(fault, Outcome(lie)?.Fault.ToString());

    /// <summary>One false answer at any place among true ones: an error, or the right secret, never a wrong one.</summary>
    [Theory, InlineData("WRONG_SECRET"), InlineData("CRASH_DERIVE"), InlineData("REMOVED")]
    public void ALieAmongTruthsHandsOutNothingFalse(string lie)
    {
        TokenEnrolment enrolled;
        using (var host = new Host(token.Settings)) enrolled = Enrol(host);
        for (int nth = 1; nth <= 4; nth++)
        {
            using var host = new Host(token.With(NativeCode.Evil(_folder.Path, lie, $"NTH={nth}")));
            var failed = Record(() => TokenSecret.Recover(enrolled.Record.Span, host.Client, SoftHsm.TokenPin, Tries, Profile, anyModule: true), enrolled.Secret);
            Assert.Equal(nth <= 3, failed is not null);   // there are three questions: one at opening, two for the secret
            if (lie == "WRONG_SECRET" && failed is not null) Assert.True(failed.Fault is TokenFault.Lied or TokenFault.BadRecord, failed.Message);
        }
        using var honest = new Host(token.Settings);
        Assert.Null(Record(() => TokenSecret.Recover(enrolled.Record.Span, honest.Client, SoftHsm.TokenPin, Tries, Profile), enrolled.Secret));
    }

    /// <summary>At unlock, another's key in the place of ours.</summary>
    [Fact]
    public void AnothersKeyInPlaceOfOursIsRefused()
    {
        TokenEnrolment enrolled;
        using (var host = new Host(token.Settings)) enrolled = Enrol(host);
        using var evil = new Host(token.With(NativeCode.Evil(_folder.Path, "OTHERS_KEY")));
        var failed = Record(() => TokenSecret.Recover(enrolled.Record.Span, evil.Client, SoftHsm.TokenPin, Tries, Profile, anyModule: true), enrolled.Secret);
        Assert.Equal(TokenFault.Lied, failed?.Fault);
    }

    [Fact]
    public void AModuleThatTalksAndListensDoesNotBreakThePipe() => Assert.Null(Outcome("CHATTER"));

    [Fact]
    public void AFinalTryAndARudeLabelAreShown()
    {
        using (var host = new Host(token.With(NativeCode.Evil(_folder.Path, "FINAL_TRY"))))
            Assert.Equal(TokenPinState.FinalTry, Assert.Single(host.Client.ListTokens()).PinState);
        using (var host = new Host(token.With(NativeCode.Evil(_folder.Path, "RUDE_LABEL"))))
            Assert.DoesNotContain(Assert.Single(host.Client.ListTokens()).Label, char.IsControl);
    }

    /// <summary>Before it is loaded: what it does when it is loaded it has then not done.</summary>
    [Fact]
    public void AChangedModuleIsNotEvenLoaded()
    {
        TokenEnrolment enrolled;
        using (var host = new Host(token.Settings)) enrolled = Enrol(host);
        var settings = token.With(NativeCode.Evil(_folder.Path, "LEAVES_A_MARK", $"OWN=\"{token.Tokens}\""));
        string mark = Path.Combine(token.Tokens, "was-loaded");
        using (var changed = new Host(settings))
        {
            var failed = Record(() => TokenSecret.Recover(enrolled.Record.Span, changed.Client, SoftHsm.TokenPin, Tries, Profile), enrolled.Secret);
            Assert.Equal(TokenFault.ModuleChanged, failed?.Fault);
            Assert.False(File.Exists(mark));
        }
        using var confirmed = new Host(settings);
        Assert.Null(Record(() => TokenSecret.Recover(enrolled.Record.Span, confirmed.Client, SoftHsm.TokenPin, Tries, Profile, anyModule: true), enrolled.Secret));
        Assert.True(File.Exists(mark));
        File.Delete(mark);
    }

    /// <summary>What foreign code in the host can do to the rest of the machine; and, as a control, what it can do in another program.</summary>
    [Fact]
    public void AModuleDoesNotBreakOut()
    {
        using var strange = new TempFolder();
        using var own = new TempFolder();
        File.WriteAllText(strange["secret"], "secret");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var victim = Programs.Start("sleep", ["600"]);
        string module = NativeCode.Evil(
            own.Path, "BREAK_OUT", $"OWN=\"{own.Path}\"", $"STRANGE=\"{strange.Path}\"", $"PORT={((IPEndPoint)listener.LocalEndpoint).Port}", $"VICTIM={victim.Id}");
        try
        {
            var settings = token.With(module);
            string leaky = Programs.Script(own["host"], $"exec 9<{strange["secret"]}\nexec {Programs.TokenHost} \"$@\"");
            using (var host = new Host(settings with { Folders = [.. settings.Folders, own.Path] }, program: leaky))
            {
                var walls = host.Client.Describe().Walls;
                Assert.Equal(HostWalls.NoNewPrivileges | HostWalls.NoDumps | HostWalls.Files | HostWalls.Network | HostWalls.Descriptors, walls);
                Assert.Single(host.Client.ListTokens());
                Assert.Equal("end\n", File.ReadAllText(own["broke-out"]));
            }
            string unconfined = Programs.Script(own["tool"], $"exec 9<{strange["secret"]}\nexec pkcs11-tool --module {module} --list-slots");
            Programs.Run(unconfined, [], token.Variable, ("HOLDFAST_TEST_SECRET", "1"));
            Assert.Equal("wrote read started connected attached signalled inherited environment end\n", File.ReadAllText(own["broke-out"]));
        }
        finally { Programs.End(victim); }
    }

    /// <summary>Enrols, brings back and signs; what it failed with.</summary>
    private TokenException? Outcome(string lie)
    {
        using var host = new Host(token.With(NativeCode.Evil(_folder.Path, lie)));
        try
        {
            using var enrolled = Enrol(host).Secret;
            _ = host.Client.Generate(KeyPurpose.Sign);
            Assert.Equal(TokenLimits.SignatureBytes, host.Client.Sign(RandomNumberGenerator.GetBytes(32)).Length);
        }
        catch (TokenException failed)
        {
            Assert.NotEmpty(failed.Message);
            return failed;
        }
        return null;
    }

    private TokenEnrolment Enrol(Host host) => TokenSecret.Enrol(
        host.Client, Assert.Single(host.Client.ListTokens()).Id, SoftHsm.TokenPin, Tries, Profile, RandomSource.System);

    private static TokenException? Record(Func<Secret> recover, Secret expected)
    {
        try
        {
            using var back = recover();
            Assert.True(back.EqualsFixedTime(expected.Reveal()), "a false secret was handed out");
            return null;
        }
        catch (TokenException failed) { return failed; }
    }
}
