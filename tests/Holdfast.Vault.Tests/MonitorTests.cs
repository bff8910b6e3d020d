using System.Text;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Tests;

namespace Holdfast.Vault.Tests;

public sealed class MonitorTests : IDisposable
{
    private readonly Organisation _organisation = new();

    public void Dispose() => _organisation.Dispose();

    [Fact]
    public void AWrongPasscodeOpensNothingAndTheRightOneStillDoes()
    {
        var alice = _organisation.Join("Alice");
        alice.Dispose();
        using var monitor = new Monitor(alice.Folder, RandomSource.System, _organisation.Clock, PasscodeCost.Least);
        Assert.Equal(VaultError.WrongPasscode, Assert.IsType<Failed>(monitor.Answer(Tls.Encode<VaultCall>(new Unlock("wrong"u8.ToArray())))).Error);
        Assert.Equal(VaultError.WrongState, Assert.IsType<Failed>(monitor.Answer(Tls.Encode<VaultCall>(new ListAll(Listed.Contacts)))).Error);
        Assert.IsType<Ok>(monitor.Answer(Tls.Encode<VaultCall>(new Unlock("pass"u8.ToArray()))));
        // Open, it says the same of either, and stays open.
        Assert.Equal(VaultError.WrongPasscode, Assert.IsType<Failed>(monitor.Answer(Tls.Encode<VaultCall>(new Unlock("wrong"u8.ToArray())))).Error);
        Assert.IsType<Ok>(monitor.Answer(Tls.Encode<VaultCall>(new Unlock("pass"u8.ToArray()))));
        Assert.IsType<Contacts>(monitor.Answer(Tls.Encode<VaultCall>(new ListAll(Listed.Contacts))));
    }

    [Fact]
    public void GarbageOnThePipeIsAnsweredAndChangesNothing()
    {
        var alice = _organisation.Join("Alice");
        var random = new byte[200];
        for (int round = 0; round < 2000; round++)
        {
            RandomSource.System.FillPublic(random);
            using var monitor = new Monitor(Path.Combine(_organisation.Folder, "nobody"), RandomSource.System, _organisation.Clock, PasscodeCost.Least);
            random[0] = (byte)(round % 40);
            if (random[0] is 2) continue;   // a well-formed CreateProfile would make one
            Assert.IsType<VaultReply>(monitor.Answer(random.AsSpan(0, round % 200)), exactMatch: false);
        }
        Assert.False(Directory.Exists(Path.Combine(_organisation.Folder, "nobody")));
        Assert.Equal(VaultState.Unlocked, alice.Status.State);
    }

    [Fact]
    public void ABitFlippedInTheKeyFileIsNoticed()
    {
        var alice = _organisation.Join("Alice");
        alice.Ask<Ok>(new EndVault(Wipe: false));
        string path = Path.Combine(alice.Folder, "vault.key");
        byte[] file = File.ReadAllBytes(path);
        for (int bit = 0; bit < file.Length * 8; bit += LongRun.IsWanted ? 7 : 67)   // each costs a passcode's stretching
        {
            byte[] flipped = [.. file];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            // A larger cost in the header is authenticated too, but would take too long to find out: the range check comes first.
            if (bit / 8 is >= 4 and < 12) continue;
            File.WriteAllBytes(path, flipped);
            File.Delete(Path.Combine(alice.Folder, "tries"));   // or it would be refused for that
            using var monitor = new Monitor(alice.Folder, RandomSource.System, _organisation.Clock, PasscodeCost.Least);
            var failed = Assert.IsType<Failed>(monitor.Answer(Tls.Encode<VaultCall>(new Unlock("pass"u8.ToArray()))));
            Assert.True(failed.Error is VaultError.StoreFailed or VaultError.WrongPasscode, $"{bit}: {failed.Error}");
            if (bit > 200 * 8) break;
        }
        File.WriteAllBytes(path, file);
    }

    [Fact]
    public void NothingThatPeopleSayOrAreCalledIsOnDisk()
    {
        var (alice, bob) = (_organisation.Join("Alice Aardvark"), _organisation.Join("Bob Bandicoot"));
        var log = alice.Create("The secret project", bob);
        alice.Say(log, "meet me under the clock");
        bob.Sync();
        foreach (string path in Directory.EnumerateFiles(_organisation.Folder, "*", SearchOption.AllDirectories))
        {
            byte[] content = ReadShared(path);
            foreach (string word in (string[])["meet me under the clock", "Alice Aardvark", "Bob Bandicoot", "The secret project", "pass"])
            {
                Assert.True(content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(word)) < 0, $"{Path.GetFileName(path)} contains '{word}'");
                Assert.True(content.AsSpan().IndexOf(Encoding.Unicode.GetBytes(word)) < 0, $"{Path.GetFileName(path)} contains '{word}' as UTF-16");
            }
            Assert.True(content.AsSpan().IndexOf(log.ToBytes()) < 0, $"{Path.GetFileName(path)} names the log");
        }
    }

    [Fact]
    public void AProfileKnownToBeACopySendsNothing()
    {
        var (alice, bob) = (_organisation.Join("Alice"), _organisation.Join("Bob"));
        var log = alice.Create(null, bob);
        alice.Ask<Ok>(new ReportLogin(LoginOutcome.Cloned));
        alice.Restart();
        alice.Fails(new SealTexts(log, ["from the copy"]), VaultError.Cloned);
        alice.Fails(new SignLogin(_organisation.ServerKey, new byte[32]), VaultError.Cloned);
        Assert.True(alice.Status.Cloned);
    }

    [Fact]
    public void TheLoginCounterNeverRepeats()
    {
        var alice = _organisation.Join("Alice");
        var seen = new HashSet<ulong>();
        for (int round = 0; round < 5; round++)
        {
            Assert.True(seen.Add(((Login)alice.Ask<LoginSigned>(new SignLogin(_organisation.ServerKey, new byte[32])).Login).Counter));
            alice.Restart();
        }
    }

    [Fact]
    public void AnotherServersKeyIsRefusedBeforeAnythingIsSigned()
    {
        var alice = _organisation.Join("Alice");
        byte[] other = [1, .. new byte[31]];
        alice.Fails(new SignLogin(other, new byte[32]), VaultError.Refused);
    }

    [Theory, InlineData(""), InlineData("evil\u202Ename"), InlineData("bell\u0007"), InlineData(" space ")]
    public void ANameThatCouldDeceiveIsRefused(string name)
    {
        using var monitor = new Monitor(Path.Combine(_organisation.Folder, "new"), RandomSource.System, _organisation.Clock, PasscodeCost.Least);
        Assert.Equal(VaultError.Refused, Assert.IsType<Failed>(monitor.Answer(Tls.Encode<VaultCall>(new CreateProfile("p"u8.ToArray(), name)))).Error);
    }

    [Fact]
    public void AKeyPackageOfSomeoneElseIsNotTakenForAFriends()
    {
        var (alice, bob, mallory) = (_organisation.Join("Alice"), _organisation.Join("Bob"), _organisation.Join("Mallory"));
        var forged = new Invitee(bob.Pin, Organisation.Claim(mallory).KeyPackages);
        alice.Fails(new CreateConversation(null, [forged]), VaultError.Refused);
        alice.Ask<Sealed>(new CreateConversation(null, [Organisation.Claim(bob)]));
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var content = new byte[file.Length];
        file.ReadExactly(content);
        return content;
    }
}
