using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>A group lives the same life in every suite: it is founded, joined, spoken in, changed, stored and left.</summary>
public sealed class SuiteTests
{
    public static TheoryData<ushort> Ids => [.. CipherSuite.All.Select(static suite => suite.Id)];

    [Theory, MemberData(nameof(Ids))]
    public void AGroupLivesInEverySuite(ushort id)
    {
        var suite = CipherSuite.Find(id)!;
        var random = new SeededRandom(id);
        using Client ada = new("ada", random, suite), ben = new("ben", random, suite), cai = new("cai", random, suite);
        ada.Found();
        Enter(ada, ben, cai);
        Agree(ada, ben, cai);

        foreach (var speaker in new[] { ada, ben, cai })
        {
            byte[] said = speaker.Say("says " + speaker.Name);
            foreach (var listener in new[] { ada, ben, cai }.Where(other => other != speaker))
                Assert.Equal("says " + speaker.Name, listener.HearText(said));
        }

        Change(ben, new CommitOptions { ForcePath = true }, ada, cai);
        Agree(ada, ben, cai);
        cai.Restart();
        Change(cai, new CommitOptions { Proposals = [new RemoveProposal(new LeafIndex(0))] }, ben);
        Agree(ben, cai);
        Assert.NotEqual(ada.Group.EpochAuthenticator.ToArray(), ben.Group.EpochAuthenticator.ToArray());
    }

    [Theory, MemberData(nameof(Ids))]
    public void AKeyPackageOfAnotherSuiteIsNotAdded(ushort id)
    {
        var random = new SeededRandom(id);
        using Client ada = new("ada", random, CipherSuite.Find(id)), stranger = new(
            "stranger", random, CipherSuite.Find((ushort)(id == 1 ? 2 : 1)));
        using var bundle = stranger.NewKeyPackage();
        ada.Found();
        var refused = Assert.Throws<MlsException>(
            () => ada.Group.Commit(new CommitOptions { Proposals = [new AddProposal(bundle.KeyPackage)] }, random));
        Assert.Equal(MlsError.InvalidKeyPackage, refused.Error);
    }

    /// <summary>
    /// A code point that is not registered yet is the application's to set: what holds it finds it, and nothing else does.
    /// </summary>
    [Fact]
    public void AGroupOfTheHybridSuiteLivesUnderACodePointOfOnesOwn()
    {
        var suite = CipherSuite.HybridWithCodePoint(0xF0CA);
        var suites = new CipherSuites([.. CipherSuite.All, suite]);
        var random = new SeededRandom(12);
        using Client ada = new("ada", random, suite), ben = new("ben", random, suite);
        ada.Policy = ada.Policy with { Suites = suites };
        ada.Found();
        using var bundle = ben.NewKeyPackage();
        using var stored = bundle.Serialize();
        using var restored = KeyPackageBundle.Restore(stored.Reveal(), suites);
        var adding = ada.Group.Commit(new CommitOptions { Proposals = [new AddProposal(bundle.KeyPackage)] }, random);
        ada.Adopt(adding.Next);
        ben.Join(adding.Welcome!, restored);
        ada.Restart();
        Agree(ada, ben);
        Assert.Equal(0xF0CA, ben.Group.Suite.Id);
        Assert.Throws<CodecException>(ben.Restart);
        Assert.Throws<ArgumentException>(() => KeyPackageBundle.Restore(stored.Reveal()));
    }

    private static void Enter(Client founder, params Client[] joiners)
    {
        var bundles = joiners.Select(static joiner => joiner.NewKeyPackage()).ToList();
        var adding = founder.Group.Commit(
            new CommitOptions { Proposals = [.. bundles.Select(static bundle => new AddProposal(bundle.KeyPackage))] }, founder.Random);
        founder.Adopt(adding.Next);
        foreach (var (joiner, bundle) in joiners.Zip(bundles))
        {
            joiner.Join(adding.Welcome!, bundle);
            bundle.Dispose();
        }
    }

    private static void Change(Client committer, CommitOptions options, params Client[] others)
    {
        var commit = committer.Group.Commit(options, committer.Random);
        committer.Adopt(commit.Next);
        foreach (var other in others) other.TakeCommit(commit.Message);
    }

    private static void Agree(params Client[] members) =>
        Assert.Single(members.Select(static member => Convert.ToHexString(member.Group.EpochAuthenticator.Span)).Distinct());
}
