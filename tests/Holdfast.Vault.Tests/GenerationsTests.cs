using Holdfast.Cryptography;
using Holdfast.Mls;
using Holdfast.Protocol;
using Holdfast.Tests;

namespace Holdfast.Vault.Tests;

/// <summary>
/// ATTACKS B-18: of all that leaves a vault, however often it dies and whenever, no two ciphertexts are under one key: each leaf, ratchet
/// and generation of an epoch is used for one. The nonce's random part, which would still tell them apart, is not counted on.
/// </summary>
public sealed class GenerationsTests : IDisposable
{
    private readonly Organisation _organisation = new();
    private readonly Random _random = new(20261123);
    private readonly KeyWatch _keys;

    public GenerationsTests() => _keys = new(_organisation);

    public void Dispose()
    {
        _keys.Dispose();
        _organisation.Dispose();
    }

    [Fact]
    public void NoKeyIsUsedTwiceHoweverOftenTheVaultDies()
    {
        Person[] people = [_organisation.Join("Alice"), _organisation.Join("Bob"), _organisation.Join("Carol")];
        var log = people[0].Create("Team", people[1..]);
        foreach (var person in people) person.Sync();
        int steps = LongRun.IsWanted ? 10_000 : 90, deaths = 0;
        for (int step = 0; step < steps; step++)
        {
            var person = people[_random.Next(people.Length)];
            var posts = Act(person, log).ToList();
            _keys.Learn(people, log);
            foreach (var post in posts) _keys.AssertFresh(post, log);
            if (_random.Next(3) > 0) continue;
            person.Restart();
            deaths++;
        }
        foreach (var person in people) person.Sync();
        Assert.True(deaths > steps / 5, $"{deaths} deaths");
        Assert.True(_keys.Count > steps / 4, $"{_keys.Count} ciphertexts");
        if (LongRun.IsWanted) Recording.Write("vault-generations", new { steps, deaths, ciphertexts = _keys.Count });
    }

    [Fact]
    public void AKeyThatIsUsedTwiceIsFound()
    {
        Person[] people = [_organisation.Join("Alice"), _organisation.Join("Bob")];
        var log = people[0].Create("Team", people[1..]);
        people[1].Sync();
        _keys.Learn(people, log);
        using var stored = people[0].Vault.Groups.Load(log).Serialize();
        using var again = Group.Restore(stored.Reveal(), people[0].Vault.Profile.Leaf, people[0].Vault.Policy);
        var said = people[0].Ask<Sealed>(new SealTexts(log, ["once"])).Items[0].Post;
        _keys.AssertFresh(said, log);
        _keys.AssertFresh(said, log);   // the same ciphertext may leave as often as it must
        var twice = again.Protect("twice"u8, AuthenticatedData.For(said.Id), RandomSource.System);
        twice.Next.Dispose();
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => _keys.AssertFresh(said with { Bytes = twice.Message }, log));
    }

    /// <summary>Something that seals, and what of it has left the vault by then: all that it answers.</summary>
    private IEnumerable<Post> Act(Person person, LogId log)
    {
        switch (_random.Next(8))
        {
            case 0: return Outbox(person, () => person.Ask(new PerformDue(new DueWork(DueKind.Commit, log, default))));
            case 1: return Outbox(person, () => person.ReadLogs());
            case 2: return Outbox(person, () => person.Send());
            case 3: return Outbox(person, person.Sync);
            case 4: return DieWithinATransaction(person, log);
            default:
                var texts = Enumerable.Range(0, 1 + _random.Next(3)).Select(i => $"text {i}");
                return person.Ask(new SealTexts(log, [.. texts])) is Sealed made ? made.Items.Select(item => item.Post) : [];
        }
    }

    /// <summary>What is sealed then never leaves, and neither does its ratchet's step last.</summary>
    private static IEnumerable<Post> DieWithinATransaction(Person person, LogId log)
    {
        var vault = person.Vault;
        Assert.ThrowsAny<InvalidOperationException>(() => vault.Store.Change<Post>(() =>
        {
            if (vault.Groups.Load(log).PendingProposals.Count == 0) new Sending(vault).SealTexts(log, ["dies on its way"]);
            throw new InvalidOperationException("the vault dies");
        }));
        person.Restart();
        return [];
    }

    private static IEnumerable<Post> Outbox(Person person, Action act)
    {
        act();
        return person.Ask<Outbox>(new GetOutbox(0)).Posts.Select(item => item.Post);
    }
}
