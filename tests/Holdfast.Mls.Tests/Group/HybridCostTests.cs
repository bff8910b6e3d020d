using System.Diagnostics;
using System.Globalization;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>
/// What the hybrid suite costs beside suite 0x0001: sizes are asserted, times are written to the test's output in V, one Ed25519
/// verification in the same minute, and asserted nowhere.
/// </summary>
public sealed class HybridCostTests
{
    private const int Members = 100, PublicKeyBytes = 1216, SealedPathSecretBytes = 1120 + 2 + 48 + 16 + 1;

    [Fact]
    public void ItCostsBytesAndWhatItsKeysCost()
    {
        Measure(CipherSuite.Mandatory);   // compiled now: that is not to be in the times of either
        Measure(CipherSuite.Hybrid);
        var (classical, hybrid) = (Measure(CipherSuite.Mandatory), Measure(CipherSuite.Hybrid));
        TestContext.Current.TestOutputHelper?.WriteLine(classical.Said);
        TestContext.Current.TestOutputHelper?.WriteLine(hybrid.Said);
        Assert.Equal(classical.KeyPackage + (2 * (PublicKeyBytes + 2 - 33)), hybrid.KeyPackage);
        Assert.InRange(
            hybrid.Commit, (Members - 1) * SealedPathSecretBytes, ((Members - 1) * SealedPathSecretBytes) + (16 * PublicKeyBytes));
        Assert.InRange(hybrid.Welcome - classical.Welcome, Members * (PublicKeyBytes - 32), Members * (PublicKeyBytes + 64));
    }

    private static (int KeyPackage, int Commit, int Welcome, string Said) Measure(CipherSuite suite)
    {
        var random = new SeededRandom(suite.Id);
        using Client ada = new("member", random, suite), ben = new("member", random, suite);
        ada.Found();
        Add(ada, Members - 2);
        var clock = Stopwatch.StartNew();
        using var bundle = ben.NewKeyPackage();
        double making = Lap(clock);
        int package = Tls.Encode(bundle.KeyPackage).Length;
        clock.Restart();
        var adding = ada.Group.Commit(new CommitOptions { Proposals = [new AddProposal(bundle.KeyPackage)], ForcePath = false }, random);
        double committing = Lap(clock);
        ada.Adopt(adding.Next);
        clock.Restart();
        ben.Join(adding.Welcome!, bundle);
        double joining = Lap(clock);
        var renewing = ben.Group.Commit(new CommitOptions { ForcePath = true }, random);
        double renewed = Lap(clock);
        ada.TakeCommit(renewing.Message);
        double followed = Lap(clock), v = Verification(suite);
        string said = string.Create(
            CultureInfo.InvariantCulture,
            $"{suite}, {Members} members and no path filled: key package {package} B, {making / v:F1} V; " +
            $"adding one {adding.Message.Length} B, {committing / v:F0} V; " +
            $"its Welcome {adding.Welcome!.Length} B, joining {joining / v:F0} V; " +
            $"a path {renewing.Message.Length} B, {renewed / v:F0} V to make, {followed / v:F0} V to follow");
        return (package, renewing.Message.Length, adding.Welcome!.Length, said);
    }

    private static void Add(Client founder, int count)
    {
        var adds = new List<Proposal>();
        for (int i = 0; i < count; i++)
        {
            using var other = new Client("member", founder.Random, founder.Suite);
            using var bundle = other.NewKeyPackage();
            adds.Add(new AddProposal(bundle.KeyPackage));
        }
        founder.Adopt(founder.Group.Commit(new CommitOptions { Proposals = adds, ForcePath = false }, founder.Random).Next);
    }

    private static double Verification(CipherSuite suite)
    {
        using var key = new Ed25519().Generate(RandomSource.System);
        byte[] message = new byte[64], signature = key.Sign(message);
        var clock = Stopwatch.StartNew();
        for (int i = 0; i < 1000; i++) Assert.True(suite.Signature.Verify(key.PublicKey.Span, message, signature));
        return Lap(clock) / 1000;
    }

    private static double Lap(Stopwatch clock)
    {
        double milliseconds = clock.Elapsed.TotalMilliseconds;
        clock.Restart();
        return milliseconds;
    }
}
