using Holdfast.Client;
using Holdfast.Protocol;
using Holdfast.Tests;

namespace Holdfast.TokenHost.Tests;

/// <summary>The vault's own main loop while a token is asked: one frame in, one frame out, whatever comes and whenever it ends.</summary>
public sealed class VaultPipeTests(SoftHsm token) : IClassFixture<SoftHsm>, IDisposable
{
    private static readonly byte[] Pin = SoftHsm.TokenPin;

    /// <summary>How many questions each takes.</summary>
    private const int Unlockings = 7, Enrolments = 9;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheVaultAsksAndGoesOnWhereItWas()
    {
        using var vault = Enrolled(out int questions);
        Assert.Equal(Enrolments, questions);
        Assert.Equal(VaultState.Locked, Assert.IsType<Status>(vault.Ask(new GetStatus())).State);
        Assert.IsType<Ok>(vault.Converse(Unlocking(), token.Settings, out questions));
        Assert.Equal(Unlockings, questions);
        Assert.Equal(VaultState.Unlocked, Assert.IsType<Status>(vault.Ask(new GetStatus())).State);
        Assert.IsType<Contacts>(vault.Ask(new ListAll(Listed.Contacts)));
    }

    /// <summary>At each question another call comes instead of the answer: that one is answered, and the profile is as locked as before.</summary>
    [Fact]
    public void AnyOtherCallEndsTheConversationAndIsAnswered()
    {
        using var vault = Enrolled(out _);
        for (int asked = 0; ; asked++)
        {
            using var hosts = new TokenHosts(Programs.TokenHost, token.Settings, null);
            var reply = vault.Ask(Unlocking());
            for (int i = 0; i < asked && reply is AskToken ask; i++) reply = vault.Ask(hosts.Answer(ask));
            if (reply is not AskToken)
            {
                Assert.IsType<Ok>(reply);
                Assert.True(asked > 5);
                break;
            }
            if (asked % 3 == 0) Assert.Equal(VaultState.Locked, Assert.IsType<Status>(vault.Ask(new GetStatus())).State);
            else if (asked % 3 == 1) Assert.Equal(VaultError.WrongState, Assert.IsType<Failed>(vault.Ask(new ListAll(Listed.Contacts))).Error);
            else Assert.Equal(VaultError.Malformed, Assert.IsType<Failed>(vault.AskRaw([255, 1, 2])).Error);
            Assert.Equal(VaultError.WrongState, Assert.IsType<Failed>(vault.Ask(new TokenAnswered(new byte[9]))).Error);   // nobody waits for it any more
            File.Delete(_folder["vault/tries.token"]);   // what was cut short after the token PIN went out counts as a wrong one
        }
    }

    /// <summary>Lock, in the middle of unlocking: the vault ends.</summary>
    [Fact]
    public void TheEndOfTheVaultComesInTheMiddle()
    {
        using var vault = Enrolled(out _);
        Assert.IsType<AskToken>(vault.Ask(Unlocking()));
        Assert.IsType<Ok>(vault.Ask(new EndVault(Wipe: false)));
        Assert.Equal(0, vault.ExitCode);
    }

    /// <summary>Nonsense, nothing, another answer: the call fails in a sentence, and the next works.</summary>
    [Fact]
    public void WhateverIsAnsweredTheVaultSaysSoAndGoesOn()
    {
        using var vault = Enrolled(out _);
        byte[][] answers = [[], [1], new byte[TokenLimits.FrameBytes], TokenFrame.Wrap<TokenReply>(new TokenOpened())[TokenFrame.HeaderBytes..]];
        foreach (byte[] answer in answers)
        {
            var reply = vault.Ask(Unlocking());
            Assert.IsType<AskToken>(reply);
            var failed = Assert.IsType<Failed>(vault.Ask(new TokenAnswered(answer)));
            Assert.Equal(VaultError.TokenFailed, failed.Error);
        }
        Assert.IsType<Ok>(vault.Converse(Unlocking(), token.Settings, out _));
    }

    /// <summary>Hostile answers of any bytes at any question: a failure each time, and never an open profile.</summary>
    [Fact]
    public void RandomAnswersOpenNothing()
    {
        using var vault = Enrolled(out _);
        var chance = new Random(5);
        for (int round = 0; round < 60; round++)
        {
            using var hosts = new TokenHosts(Programs.TokenHost, token.Settings, null);
            var reply = vault.Ask(Unlocking());
            int honest = round % 6;
            for (int i = 0; reply is AskToken ask && i < 20; i++)
            {
                if (i < honest && round % 10 == 0)
                {
                    reply = vault.Ask(hosts.Answer(ask));
                    continue;
                }
                byte[] answer = new byte[chance.Next(300)];
                chance.NextBytes(answer);
                if (answer.Length > 1) (answer[0], answer[1]) = (TokenLimits.Version, (byte)chance.Next(10));
                reply = vault.Ask(new TokenAnswered(answer));
            }
            Assert.IsType<Failed>(reply);
            Assert.Equal(VaultState.Locked, Assert.IsType<Status>(vault.Ask(new GetStatus())).State);
            File.Delete(_folder["vault/tries.token"]);
        }
    }

    /// <summary>
    /// kill -9 of the vault's process at questions of an enrolment, of an exchange and of a removal, and, above all, just when the last answer
    /// has come and the file is written: what opened the profile before opens it, or the new way does, and never neither.
    /// </summary>
    [Fact]
    public void AVaultThatIsKilledInTheMiddleOpensInTheOldWayOrTheNew()
    {
        byte[]? now = null;
        using (var first = new VaultInProcess(_folder["vault"])) Assert.IsType<Ok>(first.Ask(new CreateProfile("pass"u8.ToArray(), "Alice")));
        var chance = new Random(11);
        int whole = 0, rounds = LongRun.IsWanted ? 600 : 12;
        for (int round = 0; round < rounds; round++)
        {
            var next = (now, round % 3) switch { (null, _) => Pin, (_, 0) => Pin, _ => null };
            bool atTheEnd = round % 3 != 1;
            Kill(Changing(now, next), atTheEnd ? int.MaxValue : 1 + chance.Next(16), round % 4 == 0 ? null : chance.Next(100));
            Assert.True(Opens(Pin), $"round {round}: nothing opens it");   // which a profile without a token does with any token PIN
            byte[]? after = Opens(null) ? null : Pin;
            whole += after != now ? 1 : 0;
            now = after;
        }
        Assert.InRange(whole, 1, rounds);
    }

    /// <summary>Answers so many questions, or all of them; then comes kill -9, so many milliseconds later or once the vault has answered.</summary>
    private void Kill(ChangeAccess change, int questions, int? milliseconds)
    {
        using var vault = new VaultInProcess(_folder["vault"]);
        using var hosts = new TokenHosts(Programs.TokenHost, token.Settings, token.Settings);
        int all = (change.TokenPin.IsEmpty ? 0 : Unlockings) + (change.Replacement.IsEmpty ? 0 : Enrolments);
        var reply = vault.Ask(change);
        for (int i = 1; reply is AskToken ask; i++)
        {
            var answer = hosts.Answer(ask);
            if (i >= Math.Min(questions, all))
            {
                vault.Say(answer);
                break;
            }
            reply = vault.Ask(answer);
        }
        Assert.IsType<AskToken>(reply);
        if (milliseconds is { } moment) Thread.Sleep(moment);
        else vault.Hear();
        vault.Kill();
    }

    private bool Opens(byte[]? pin)
    {
        foreach (string count in Directory.GetFiles(_folder["vault"], "tries*")) File.Delete(count);
        using var vault = new VaultInProcess(_folder["vault"]);
        return vault.Converse(Unlocking(pin), token.Settings, out _) is Ok;
    }

    private static ChangeAccess Changing(byte[]? before, byte[]? after) =>
        new("pass"u8.ToArray(), AccessChange.Token, (after ?? []).ToArray(), 0) { TokenPin = (before ?? []).ToArray(), Way = "way"u8.ToArray() };

    private static ChangeAccess Adding(byte[]? before) => Changing(before, Pin);

    private static Unlock Unlocking() => Unlocking(Pin);

    private static Unlock Unlocking(byte[]? pin) => new("pass"u8.ToArray()) { TokenPin = (pin ?? []).ToArray() };

    private VaultInProcess Enrolled(out int questions)
    {
        using (var vault = new VaultInProcess(_folder["vault"]))
        {
            Assert.IsType<Ok>(vault.Ask(new CreateProfile("pass"u8.ToArray(), "Alice")));
            Assert.IsType<Ok>(vault.Converse(Adding(default), token.Settings, out questions));
        }
        return new VaultInProcess(_folder["vault"]);
    }
}
