using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault.Tests;

/// <summary>
/// ATTACKS B-11: whatever happens to a device while a change of its own is on its way, or is not, and whether or not it starts anew in
/// between, all members end in one epoch, the change is made once, and nothing waits any longer.
/// </summary>
public sealed class PendingCommitTests : IDisposable
{
    private static readonly MessageId OutsiderId = MessageId.Of(RandomSource.System.PublicBytes(16));

    private readonly Organisation _organisation = new();
    private readonly Person _alice, _bob, _dave;
    private readonly LogId _log;

    public PendingCommitTests()
    {
        (_alice, _bob, _dave) = (_organisation.Join("Alice"), _organisation.Join("Bob"), _organisation.Join("Dave"));
        _log = _alice.Create("Team", _bob);
        Everyone(person => person.Sync());
    }

    /// <summary>What happens to Alice.</summary>
    public enum Happening
    {
        /// <summary>A commit of hers comes in the log; if none is pending, an old one, once more.</summary>
        OwnCommitComes,

        /// <summary>Bob's commit comes first.</summary>
        AnothersComes,

        /// <summary>Somebody outside posts a commit by which it would join.</summary>
        ExternalCommitComes,

        /// <summary>Bob removes her.</summary>
        SheIsRemoved,

        /// <summary>The server refuses what she posts, since it has taken another commit, which she has not seen yet.</summary>
        TheServerRefuses,

        /// <summary>The server takes what she posts, and she does not hear of it.</summary>
        TheAnswerIsLost,
    }

    public static TheoryData<bool, Happening, bool> Table
    {
        get
        {
            var table = new TheoryData<bool, Happening, bool>();
            foreach (var happening in Enum.GetValues<Happening>())
            {
                foreach (bool pending in (bool[])[false, true])
                {
                    table.Add(pending, happening, false);
                    table.Add(pending, happening, true);
                }
            }
            return table;
        }
    }

    public void Dispose() => _organisation.Dispose();

    [Theory, MemberData(nameof(Table))]
    public void AllEndAsOne(bool pending, Happening happening, bool restart)
    {
        var post = pending ? _alice.Ask<Sealed>(new AddMembers(_log, [Organisation.Claim(_dave)])).Item.Post : null;
        Happen(happening, post);
        if (restart) _alice.Restart();
        Everyone(person => person.Sync());
        Everyone(person => person.Sync());
        if (happening == Happening.SheIsRemoved)
        {
            Assert.Equal(ConversationState.Left, StateOf(_alice));
            Assert.False(_alice.Vault.Groups.HasPending(_log));
            _bob.Ask<Sealed>(new AddMembers(_log, [Organisation.Claim(_alice)]));
            Everyone(person => person.Sync());
            Everyone(person => person.Sync());
            AssertOne(_alice, _bob);
        }
        else if (pending) AssertOne(_alice, _bob, _dave);
        else AssertOne(_alice, _bob);
        bool said = !pending && happening is (Happening.TheServerRefuses or Happening.TheAnswerIsLost);
        Assert.Equal(said ? 1 : 0, _bob.Texts(_log).Count(text => text == "Alice: slow"));
    }

    private void Happen(Happening happening, Post? post)
    {
        switch (happening)
        {
            case Happening.OwnCommitComes when post is not null: Assert.NotNull(_organisation.Submit(post)); break;
            case Happening.OwnCommitComes:
                var own = _organisation.Read(_log, 0).First(entry => entry.Kind == PostKind.Commit);
                _organisation.Inject(_log, own.Kind, own.Id, own.Bytes.ToArray());
                break;
            case Happening.AnothersComes: Renew(_bob); break;
            case Happening.ExternalCommitComes: _organisation.Inject(_log, PostKind.Commit, OutsiderId, ExternalCommit()); break;
            case Happening.SheIsRemoved:
                _bob.Ask<Sealed>(new RemoveMember(_log, _alice.Pin));
                _bob.Sync();
                break;
            case Happening.TheServerRefuses:
                post ??= _alice.Ask<Sealed>(new SealTexts(_log, ["slow"])).Items[0].Post;
                Renew(_bob);
                Assert.Null(_organisation.Submit(post));
                break;
            case Happening.TheAnswerIsLost:
                post ??= _alice.Ask<Sealed>(new SealTexts(_log, ["slow"])).Items[0].Post;
                Assert.Equal(_organisation.Submit(post), _organisation.Submit(post));   // she posts it once more
                break;
        }
    }

    /// <summary>A new key for that person's leaf, and no other change.</summary>
    private void Renew(Person person)
    {
        var posts = _organisation.Read(_log, 0).Count;
        person.Vault.Store.Change(() =>
        {
            person.Vault.Conversations.Save(person.Vault.Conversations.Require(_log) with { CommitDueAt = person.Vault.Now });
            return true;
        });
        person.PerformAllDue();
        Assert.Equal(posts + 1, _organisation.Read(_log, 0).Count);
    }

    /// <summary>A good one, as far as the MLS library alone can tell: whoever gave out the GroupInfo is a member.</summary>
    private byte[] ExternalCommit()
    {
        var vault = _dave.Vault;
        byte[] info = _bob.Vault.Groups.Load(_log).GroupInfoMessage(withTree: true, withExternalKey: true);
        var leaf = Tls.Decode<KeyPackage>(Organisation.Claim(_dave).KeyPackages.Packages[0].Span).LeafNode;
        var options = new ExternalJoinOptions
        {
            Credential = leaf.Credential,
            Capabilities = leaf.Capabilities,
            LeafExtensions = leaf.Extensions,
            AuthenticatedData = AuthenticatedData.For(OutsiderId),
        };
        var policy = new GroupPolicy
        {
            AcceptLeaf = static (_, _) => true,
            AcceptExternalJoin = static _ => true,
            Suites = ConversationSuite.Only,
        };
        var prepared = Assert.IsType<ExternalJoinOutcome.Prepared>(
            Group.JoinExternally(info, options, vault.Profile.Leaf, policy, vault.Random));
        prepared.Next.Dispose();
        return prepared.Message;
    }

    /// <summary>These and nobody else are members, agree on the epoch, have nothing that waits, and read each other.</summary>
    private void AssertOne(params Person[] members)
    {
        var names = members.Select(person => person.Name).Order();
        var first = members[0].Vault.Groups.Load(_log);
        foreach (var person in members)
        {
            Assert.Equal(names, person.Ask<Members>(new ListAll(Listed.Members, _log)).Items.Select(member => member.Name).Order());
            Assert.Equal(first.EpochAuthenticator.ToArray(), person.Vault.Groups.Load(_log).EpochAuthenticator.ToArray());
            Assert.Equal(ConversationState.Active, StateOf(person));
            Assert.Empty(person.Ask<Outbox>(new GetOutbox(0)).Posts);
            Assert.False(person.Vault.Groups.HasPending(_log));
        }
        foreach (var person in members)
        {
            person.Say(_log, $"{person.Name} is here");
            foreach (var other in members)
            {
                other.Sync();
                Assert.Equal($"{person.Name}: {person.Name} is here", other.Texts(_log).Last());
            }
        }
    }

    private ConversationState StateOf(Person person) =>
        person.Ask<Conversations>(new ListAll(Listed.Conversations)).Items.Single(item => item.Log == _log).State;

    private void Everyone(Action<Person> act)
    {
        foreach (var person in (Person[])[_alice, _bob, _dave]) act(person);
    }
}
