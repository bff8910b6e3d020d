using System.Text;
using Holdfast.Client;
using Holdfast.Tests.Tokens;

namespace Holdfast.Cli.Tests;

/// <summary>A profile that a token guards, as people use it: the real commands, agents, vaults and token hosts, with each kind of token.</summary>
public abstract class TokenTests : IAsyncLifetime
{
    private Household _house = null!;

    private protected Household House => _house;

    private protected abstract TokenHostSettings Settings { get; }

    private protected abstract byte[] TokenPin { get; }

    private protected virtual string[] Choice => [];

    /// <summary>How many wrong token PINs it takes until no more are taken, and what is said then.</summary>
    private protected abstract (int Tries, string Said) Lockout { get; }

    /// <summary>Takes the token away, and puts it back.</summary>
    private protected abstract void TakeAway();

    private protected abstract void PutBack();

    private protected virtual void Prepare()
    {
    }

    public async ValueTask InitializeAsync()
    {
        _house = await Household.OpenAsync();
        Write("pin", Encoding.UTF8.GetString(TokenPin));
        Write("wrong-pin", "00000000");
        await _house.JoinAsync("bob", "Bob");
        await _house.DoneAsync("bob", "send", "Alice", "behind a token");
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task APasscodeAndATokenPinOpenTheProfileTogetherAndNeitherAlone()
    {
        Prepare();
        Assert.Contains("image of this disk can search for the passcode offline", (await TypeAsync(null, "status")).Output, StringComparison.Ordinal);
        Assert.True((bool)(await _house.JsonAsync("bob", "status"))["offline_search_possible"]!);
        if (!Settings.IsTpm) await SaysAsync(4, "The token PIN is wrong.", "wrong-pin", AddCommand());   // a TPM's is chosen only now
        Assert.Contains("guards this profile now", (await SaysAsync(0, "", "pin", AddCommand())).Error, StringComparison.Ordinal);
        await SaysAsync(0, "", null, "lock");

        await SaysAsync(4, "token PIN", null, "unlock");
        await SaysAsync(4, "The token PIN is wrong.", "wrong-pin", "unlock");
        Assert.Equal(4, (await _house.Holdfast.RunAsync("unlock", "--profile", "bob", "--passcode-file", "wrong", "--token-pin-file", "pin")).ExitCode);
        await SaysAsync(0, "", "pin", "unlock");
        Assert.Contains("behind a token", (await SaysAsync(0, "", "pin", "read", "Alice")).Output, StringComparison.Ordinal);

        var status = await _house.JsonAsync("bob", "status");
        Assert.False((bool)status["offline_search_possible"]!);
        Assert.Equal(Settings.Path, (string?)status["token"]![Settings.IsTpm ? "tpm" : "module"]);
        Assert.Contains("files", status["token"]!["walls"]!.AsArray().Select(static wall => (string?)wall));
        Assert.Contains("passcode and token are both needed", (await TypeAsync(null, "status")).Output, StringComparison.Ordinal);
        await SaysAsync(0, "", null, "lock");

        TakeAway();
        var gone = await TypeAsync("pin", "unlock");
        Assert.Equal((1, ""), (gone.ExitCode, gone.Output));
        Assert.Contains("oken", gone.Error, StringComparison.Ordinal);
        PutBack();
        await SaysAsync(0, "", "pin", "unlock");
        await SaysAsync(0, "", null, "lock");

        for (int i = 1; i < Lockout.Tries; i++) await SaysAsync(4, "The token PIN is wrong.", "wrong-pin", "unlock");
        await TypeAsync("wrong-pin", "unlock");
        await SaysAsync(4, Lockout.Said, "pin", "unlock");
    }

    private protected string[] AddCommand(string? module = null, params string[] more) =>
    [
        "token", "add", Settings.IsTpm ? "--tpm" : "--module", module ?? Settings.Path, .. Settings.Folders.SelectMany(static folder => (string[])["--folder", folder]),
        .. Settings.Variables.SelectMany(static variable => (string[])["--variable", $"{variable.Key}={variable.Value}"]), .. Choice, .. more,
    ];

    private protected Task<Finished> TypeAsync(string? pinFile, params string[] command) =>
        _house.RunAsync("bob", pinFile is null ? command : [.. command, "--token-pin-file", pinFile]);

    private protected async Task<Finished> SaysAsync(int exit, string said, string? pinFile, params string[] command)
    {
        var finished = await TypeAsync(pinFile, command);
        Assert.True(finished.ExitCode == exit, $"{string.Join(' ', command)}: exit {finished.ExitCode}, {finished.Error}");
        Assert.Contains(said, finished.Error, StringComparison.Ordinal);
        return finished;
    }

    private protected void Write(string name, string text) => File.WriteAllText(Path.Combine(_house.Holdfast.Folder, name), text + "\n");
}

/// <summary>SoftHSM: a PKCS#11 token in software, which takes endless token PINs, so that our own count is what stops them.</summary>
public sealed class SoftHsmTokenTests(SoftHsm token) : TokenTests, IClassFixture<SoftHsm>
{
    private protected override TokenHostSettings Settings => token.Settings;

    private protected override byte[] TokenPin => SoftHsm.TokenPin;

    private protected override (int Tries, string Said) Lockout => (5, "minutes before the next try");

    private protected override void TakeAway() => Directory.Move(token.Tokens, token.Tokens + ".away");

    private protected override void PutBack() => Directory.Move(token.Tokens + ".away", token.Tokens);

    /// <summary>What a token, a module or a key can be that is not fit, and what is said of it; nothing of it changes how the profile opens.</summary>
    [Fact]
    public async Task WhatIsNotFitIsRefusedAtEnrolmentInASentence()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "no module that is not root's is loaded, and these are made here");
        using var folder = new TempFolder();
        Programs.Run("pkcs11-tool",
        [
            "--module", SoftHsm.Module, "--login", "--pin", "123456", "--keypairgen", "--key-type", "EC:prime256v1", "--id", "0e0e", "--label", "weak",
            "--usage-derive", "--sensitive", "--extractable",
        ], token.Variable);
        await SaysAsync(1, "can be exported from the token, so it is not used", "pin", AddCommand(null, "--key", "0e0e"));
        await SaysAsync(1, "There is no token with that label", "pin", AddCommand(null, "--label", "another"));
        await SaysAsync(1, "not true", "pin", AddCommand(NativeCode.Evil(folder.Path, "WRONG_SECRET")));
        await SaysAsync(1, "did not answer", "pin", AddCommand(NativeCode.Evil(folder.Path, "HANG_DERIVE")));
        await SaysAsync(1, "cannot be opened", "pin", AddCommand("/nothing.so"));
        await SaysAsync(2, "absolute", "pin", AddCommand("libsofthsm2.so"));
        await SaysAsync(2, "LD_PRELOAD", "pin", AddCommand(null, "--variable", "LD_PRELOAD=/x.so"));
        Assert.Null((await House.JsonAsync("bob", "status"))["token"]);
        await SaysAsync(0, "", null, "lock");
        await SaysAsync(0, "", null, "unlock");
    }

    /// <summary>Another token takes its place, its module is updated, and it is taken away: one after the other, with the passcode changed between.</summary>
    [Fact]
    public async Task ATokenIsExchangedUpdatedAndRemoved()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "no module that is not root's is loaded, and these are made here");
        using var folder = new TempFolder();
        using var other = new SoftTpm();
        string module = NativeCode.Evil(folder.Path, "NOTHING");
        Write("other-pin", Encoding.UTF8.GetString(SoftTpm.TokenPin));
        Write("next", "the next passcode");
        await SaysAsync(0, "", "pin", AddCommand(module, "--folder", folder.Path));
        File.AppendAllText(module, "\n");   // an update, to whoever compares digests
        await SaysAsync(0, "", null, "lock");
        await SaysAsync(1, "holdfast token update", "pin", "unlock");
        await SaysAsync(0, "", "pin", "token", "update");
        await SaysAsync(0, "", "pin", "passcode", "change", "--new-passcode-file", "next");
        await NextAsync(0, "pin", "token", "add", "--tpm", other.Settings.Path, "--new-token-pin-file", "other-pin");
        await NextAsync(0, null, "lock");
        await NextAsync(4, "pin", "unlock");
        await NextAsync(0, "other-pin", "unlock");
        await NextAsync(0, "other-pin", "token", "remove");
        await NextAsync(0, null, "lock");
        Assert.Contains("behind a token", await NextAsync(0, null, "read", "Alice"), StringComparison.Ordinal);
    }

    /// <summary>
    /// A changed key file can name any module. One that others than root can change is not loaded, whoever names it (ATTACKS H-16): so that here the
    /// profile that root has enrolled stands for one that somebody has put there.
    /// </summary>
    [Fact]
    public async Task AModuleThatOthersCanChangeIsLoadedNeitherAtEnrolmentNorAtUnlock()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root has a module that is root's, and can give it away");
        const string Said = "can be changed by your own programs";
        using var folder = new TempFolder();
        string module = NativeCode.Evil(folder.Path, "LEAVES_A_MARK", $"OWN=\"{token.Tokens}\""), mark = Path.Combine(token.Tokens, "was-loaded");
        Own(folder.Path, "65534");
        await SaysAsync(1, Said, "pin", AddCommand(module));
        Assert.False(File.Exists(mark));
        Assert.Null((await House.JsonAsync("bob", "status"))["token"]);
        Own(folder.Path, "0");
        await SaysAsync(0, "", "pin", AddCommand(module));
        Assert.True(File.Exists(mark));   // so much for the control
        await SaysAsync(0, "", null, "lock");

        foreach (string given in (string[])[folder.Path, module])
        {
            File.Delete(mark);
            Own(given, "65534");
            await SaysAsync(1, Said, "pin", "unlock");
            await SaysAsync(1, Said, "pin", "token", "update");
            Assert.False(File.Exists(mark));
            Own(given, "0");
        }
        await SaysAsync(0, "", "pin", "unlock");
        File.Delete(mark);
    }

    private static void Own(string path, string user) => Programs.Run("chown", [user, path]);

    private async Task<string> NextAsync(int exit, string? pinFile, params string[] command)
    {
        var finished = await House.Holdfast.RunAsync(
            [.. command, "--profile", "bob", "--passcode-file", "next", .. pinFile is null ? (string[])[] : ["--token-pin-file", pinFile]]);
        Assert.True(finished.ExitCode == exit, $"{string.Join(' ', command)}: exit {finished.ExitCode}, {finished.Error}");
        return finished.Output;
    }
}

/// <summary>A TPM 2.0 in software.</summary>
public sealed class TpmTokenTests : TokenTests, IDisposable
{
    private readonly SoftTpm _token = new();

    private protected override TokenHostSettings Settings => _token.Settings;

    private protected override byte[] TokenPin => SoftTpm.TokenPin;

    private protected override (int Tries, string Said) Lockout => (3, "has locked itself");

    private protected override void Prepare() => _token.LockAfter(3);

    private protected override void TakeAway() => File.Move(_token.Settings.Path, _token.Settings.Path + ".away");

    private protected override void PutBack() => File.Move(_token.Settings.Path + ".away", _token.Settings.Path);

    public void Dispose() => _token.Dispose();
}

/// <summary>OpenSC with a virtual PIV card.</summary>
public sealed class PivTokenTests : TokenTests, IDisposable
{
    private readonly SoftPiv _token = new();

    private protected override TokenHostSettings Settings => _token.Settings;

    private protected override byte[] TokenPin => SoftPiv.TokenPin;

    private protected override string[] Choice => ["--label", "holdfast one"];

    private protected override (int Tries, string Said) Lockout => (3, "has locked itself");

    private protected override void TakeAway() => _token.Card.VanishesInUse = true;

    private protected override void PutBack() => _token.PutBack();

    public void Dispose() => _token.Dispose();
}
