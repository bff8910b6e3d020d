using System.Diagnostics;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>
/// What the hybrid suite costs beside suite 0x0001. Sizes are asserted as bench/README.md has them; times are written to the test's
/// output in V, one Ed25519 verification in the same minute, and asserted nowhere.
/// </summary>
public sealed class HybridCostTests
{
    private const int Members = 100;

    [Theory]
    [InlineData(0x0001, 297, 8_400, 8_900)]
    [InlineData(CipherSuite.HybridCodePoint, 2_665, 122_000, 124_000)]
    public void SizesAreAsWritten(ushort id, int keyPackage, int commit, int welcome)
    {
        var suite = CipherSuite.Find(id)!;
        var random = new SeededRandom(id);
        using Client ada = new("member", random, suite), ben = new("member", random, suite);
        ada.Found();
        Add(ada, Members - 2);
        using var bundle = ben.NewKeyPackage();
        var clock = Stopwatch.StartNew();
        ben.NewKeyPackage().Dispose();
        var (making, package) = (Lap(clock), Tls.Encode(bundle.KeyPackage).Length);
        var adding = ada.Group.Commit(new CommitOptions { Proposals = [new AddProposal(bundle.KeyPackage)] }, random);
        double committing = Lap(clock);
        ada.Adopt(adding.Next);
        clock.Restart();
        ben.Join(adding.Welcome!, bundle);
        double joining = Lap(clock);
        var renewing = ben.Group.Commit(new CommitOptions { ForcePath = true }, random);
        double renewed = Lap(clock);
        ada.TakeCommit(renewing.Message);
        double followed = Lap(clock), v = Verification(suite);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{suite}: {package} B key package, {making / v:F1} V; of {Members}, nobody's path filled: {adding.Welcome!.Length} B Welcome, {adding.Message.Length} B commit, {committing / v:F0} V to add one, {joining / v:F0} V to join, {renewing.Message.Length} B commit with a path, {renewed / v:F0} V to make and {followed / v:F0} V to follow"));
        Assert.Equal(keyPackage, package);
        Assert.InRange(renewing.Message.Length, commit * 0.9, commit * 1.1);
        Assert.InRange(adding.Welcome!.Length, welcome * 0.5, welcome * 3.0);
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
        founder.Adopt(founder.Group.Commit(new CommitOptions { Proposals = adds }, founder.Random).Next);
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
