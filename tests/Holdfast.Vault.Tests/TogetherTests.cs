using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Vault.Tests;

/// <summary>Entries that are opened in one call come out as they do one by one: the same lines, the same records in the store, the same group.</summary>
public sealed class TogetherTests : IDisposable
{
    private readonly Organisation _organisation = new();
    private readonly Person _alice, _bob, _carol;
    private readonly LogId _log;

    public TogetherTests()
    {
        (_alice, _bob, _carol) = (_organisation.Join("Alice"), _organisation.Join("Bob"), _organisation.Join("Carol"));
        _log = _alice.Create("Team", _bob, _carol);
        foreach (var person in (Person[])[_bob, _carol, _alice, _bob]) person.Sync();
    }

    public void Dispose() => _organisation.Dispose();

    [Fact]
    public void Messages()
    {
        Say(_alice, 40);
        AssertSame(40);
    }

    [Fact]
    public void TwoWhoTakeTurns()
    {
        for (int i = 0; i < 10; i++)
        {
            Say(_alice, 2);
            Say(_carol, 2);
        }
        AssertSame(40);
    }

    [Theory, InlineData(0), InlineData(10), InlineData(30)]
    public void AForgedMessageAmongThem(int place)
    {
        Say(_alice, place);
        byte[] forged = Seal(_alice, "genuine").Bytes.ToArray();
        forged[^1] ^= 1;
        _organisation.Inject(_log, PostKind.Application, forged);
        Say(_alice, 31 - place);
        AssertSame(31 + 1);   // the genuine one, whose bytes were not touched, comes behind it
    }

    [Fact]
    public void AMessageUnderAnothersId()
    {
        Say(_alice, 20);
        var post = Seal(_alice, "mine");
        _organisation.Inject(_log, PostKind.Application, post.Bytes.ToArray());   // it opens and is refused, so that its key is there still
        Say(_alice, 20);
        AssertSame(41);
    }

    [Fact]
    public void AMessageThatComesTwice()
    {
        Say(_alice, 20);
        var known = _organisation.Read(_log, 0)[^3];
        _organisation.Inject(_log, known.Kind, known.Id, known.Bytes.ToArray());
        Say(_alice, 20);
        AssertSame(40);
    }

    [Fact]
    public void TwoMessagesThatNameTheSameId()
    {
        Say(_alice, 20);
        var taken = _organisation.Read(_log, 0)[^3].Id;
        Craft(taken, Envelope.Pad(Contents.Text(_alice.Vault, _log, "the other")));
        Say(_alice, 20);
        AssertSame(40);
    }

    [Fact]
    public void ACommitAmongThem()
    {
        Say(_alice, 20);
        _carol.Ask<Sealed>(new PerformDue(new DueWork(DueKind.Commit, _log, default)));
        _carol.Sync();
        Say(_carol, 20);
        Say(_alice, 20);
        AssertSame(60);
    }

    [Fact]
    public void SomeoneWhoLeavesAmongThem()
    {
        Say(_carol, 20);
        _carol.Ask<Sealed>(new RemoveMember(_log, null));
        _carol.Sync();
        Say(_carol, 0);
        _alice.Sync();
        _organisation.Clock.Advance(TimeSpan.FromMinutes(1));
        _alice.PerformAllDue();
        Say(_alice, 20);
        AssertSame(40);
    }

    [Fact]
    public void SomeoneWhoIsAddedAmongThem()
    {
        Say(_alice, 20);
        _alice.Ask<Sealed>(new AddMembers(_log, [Organisation.Claim(_organisation.Join("Dave"))]));
        _alice.Sync();   // and introduces him
        Say(_alice, 20);
        AssertSame(40);
    }

    [Fact]
    public void BobsRemovalAmongThem()
    {
        Say(_alice, 20);
        _alice.Ask<Sealed>(new RemoveMember(_log, _bob.Pin));
        _alice.Sync();
        Say(_alice, 20);
        AssertSame(20);
    }

    /// <summary>More than a ratchet skips at once is missing before the last of them.</summary>
    [Theory, InlineData(1), InlineData(300)]
    public void MessagesThatRetentionHasTaken(int gone)
    {
        Say(_alice, 20);
        Lose(gone);
        Say(_alice, 20);
        Lose(4 * gone);
        Say(_alice, 1);
        AssertSame(gone == 1 ? 41 : 40);
    }

    [Fact]
    public void OneThatOvertakesAnother()
    {
        Say(_alice, 20);
        var (id, late) = (_alice.Vault.NewMessageId(), Envelope.Pad(Contents.Text(_alice.Vault, _log, "said late")));
        byte[] message = Make(id, late);
        Say(_alice, 20);
        _organisation.Inject(_log, PostKind.Application, id, message);
        AssertSame(41);
    }

    [Fact]
    public void AMessageThatNobodyUnderstands()
    {
        Say(_alice, 20);
        Craft(_alice.Vault.NewMessageId(), [1, 2, 3]);
        Say(_alice, 20);
        AssertSame(40);
    }

    [Fact]
    public void EntriesThatAreNotWhatTheirKindSays()
    {
        Say(_alice, 20);
        var id = _alice.Vault.NewMessageId();
        _organisation.Inject(_log, PostKind.Commit, id, Make(id, Envelope.Pad(Contents.Text(_alice.Vault, _log, "said as a commit"))));
        Say(_alice, 20);
        var commit = _carol.Ask<Sealed>(new PerformDue(new DueWork(DueKind.Commit, _log, default))).Item.Post;
        _organisation.Inject(_log, PostKind.Application, commit.Id, commit.Bytes.ToArray());
        Say(_alice, 20);
        AssertSame(60);
    }

    [Fact]
    public void OurOwnAmongThem()
    {
        for (int i = 0; i < 4; i++)
        {
            Say(_alice, 6);
            Submit(_bob, $"own {i}");
        }
        Say(_alice, 6);
        AssertSame(34);
    }

    [Fact]
    public void AnAttachmentAmongThem()
    {
        Say(_alice, 20);
        var pointer = new AttachmentPointer(default, new byte[32], new byte[32], 1, new byte[32]);
        _alice.Ask<Sealed>(new SealAttachment(_log, new AttachmentInfo("report.pdf", "application/pdf", 1), pointer));
        _alice.Sync();
        Say(_alice, 20);
        AssertSame(41);
    }

    [Fact]
    public void MessagesOfOneWhoIsNotWhoWeHaveMet()
    {
        var alice = _bob.Vault.Contacts.Find(_alice.Pin)!;
        _bob.Vault.Store.Change(() =>
        {
            _bob.Vault.Contacts.Save(alice with { IdentityKey = new byte[32], IsMet = true });
            return 0;
        });
        Say(_carol, 20);
        Say(_alice, 20);
        AssertSame(20);
    }

    /// <summary>What was in the store for one of them cannot be read: it fails in a way that nobody has foreseen, after others of its row were read.</summary>
    [Fact]
    public void OneThatFailsAsNobodyHasForeseen()
    {
        Say(_alice, 20);
        var poisoned = Submit(_alice, "never read").Id;
        Say(_alice, 20);
        _bob.Vault.Store.Change(() =>
        {
            _bob.Vault.Store.Put(RecordKind.MessageIndex, [.. _log.ToBytes(), .. poisoned.ToBytes()], "nowhere"u8);
            _bob.Vault.Store.Put(RecordKind.History, "nowhere"u8.ToArray(), "nothing"u8);
            return 0;
        });
        AssertSame(40);
    }

    /// <summary>Bob's vault twice over opens what he has missed: once one by one, once together, and once in two halves.</summary>
    private void AssertSame(int messages)
    {
        var entries = _organisation.Read(_log, _bob.Vault.Conversations.Require(_log).Position);
        using Person singly = Copy("singly"), together = Copy("together"), halves = Copy("halves");
        var expected = entries.Select(entry => singly.Ask<Opened>(new OpenEntries(_log, [entry]))).ToList();
        var atOnce = together.Ask<Opened>(new OpenEntries(_log, entries));
        Opened[] inTwo = [.. entries.Chunk((entries.Count / 2) + 1).Select(half => halves.Ask<Opened>(new OpenEntries(_log, half)))];
        foreach (var (person, opened) in (Span<(Person, Opened[])>)[(together, [atOnce]), (halves, inTwo)])
        {
            Assert.Equal(Lines(expected.SelectMany(static one => one.Items)), Lines(opened.SelectMany(static one => one.Items)));
            Assert.Equal(expected.SelectMany(static one => one.Landed), opened.SelectMany(static one => one.Landed));
            Assert.Equal(expected[^1].Position, opened[^1].Position);
            Assert.Equal(expected.Any(static one => one.KeysChanged), opened.Any(static one => one.KeysChanged));
            AssertSameStore(singly, person);
        }
        Assert.Equal(messages, Shown(together));
        Assert.Equal(Lines(singly.Ask<Opened>(new OpenEntries(_log, entries)).Items), Lines(together.Ask<Opened>(new OpenEntries(_log, entries)).Items));   // the answer was lost
        AssertSameStore(singly, together);
        foreach (var person in (Person[])[singly, together, halves]) person.Restart();
        Assert.Equal(messages, Shown(together));
        AssertSameStore(singly, together);
    }

    private static int Shown(Person person) =>
        person.Vault.Search.Find("said", null, 0, 1000).Count + person.Vault.Search.Find("report", null, 0, 1000).Count - person.Vault.Outbox.All().Count;

    private Person Copy(string name)
    {
        var copy = _bob.Copy(name);
        copy.Open();
        return copy;
    }

    private static string[] Lines(IEnumerable<HistoryItem> items) => [.. items.Select(static item => item.ToString())];

    /// <summary>All that is stored, but for times that are drawn by lot and the audit trail.</summary>
    private void AssertSameStore(Person expected, Person actual)
    {
        foreach (var kind in Enum.GetValues<RecordKind>().Except([RecordKind.Conversation, RecordKind.Trail, RecordKind.Profile, RecordKind.EarlierKey]))
            Assert.Equal(Rows(expected, kind), Rows(actual, kind));
        Assert.Equal(EarlierKeysOf(expected), EarlierKeysOf(actual));   // each is sealed under a nonce of its own
        var (one, other) = (expected.Vault.Conversations.Require(_log), actual.Vault.Conversations.Require(_log));
        Assert.Equal(Convert.ToHexString(Tls.Encode(one with { CommitDueAt = 0 })), Convert.ToHexString(Tls.Encode(other with { CommitDueAt = 0 })));
        if (one.State != ConversationState.Active) return;
        using var stored = new GroupStates(actual.Vault.Store, actual.Vault.Profile.Leaf, actual.Vault.Policy);
        using var inMemory = actual.Vault.Groups.Load(_log).Serialize();
        using var read = stored.Load(_log).Serialize();
        Assert.True(inMemory.EqualsFixedTime(read.Reveal()));
    }

    private List<string> EarlierKeysOf(Person person) =>
    [
        .. person.Vault.EarlierKeys.Of(_log).Select(static key =>
        {
            using (key) return Convert.ToHexString(key.PublicKey.Span);
        }),
    ];

    private static List<string> Rows(Person person, RecordKind kind) =>
        [.. person.Vault.Store.ScanAll(kind).Select(static row => $"{Convert.ToHexString(row.Key)} {Convert.ToHexString(row.Value)}")];

    private void Say(Person person, int count)
    {
        person.Sync();   // what was said since
        for (int i = 0; i < count; i++) Submit(person, $"{i} said by {person.Name}");
        person.Sync();
    }

    private Post Submit(Person person, string text)
    {
        var post = Seal(person, text);
        Assert.NotNull(_organisation.Submit(post));
        return post;
    }

    private Post Seal(Person person, string text) =>
        person.Ask<Sealed>(new SealTexts(_log, [text.Contains("said", StringComparison.Ordinal) ? text : $"{text}, said by {person.Name}"])).Items[0].Post;

    /// <summary>A message that Alice's vault would not make.</summary>
    private void Craft(MessageId id, byte[] payload) => _organisation.Inject(_log, PostKind.Application, id, Make(id, payload));

    private void Lose(int messages)
    {
        for (int i = 0; i < messages; i++)
        {
            var id = _alice.Vault.NewMessageId();
            Craft(id, []);
            _organisation.Forget(_log, id);
        }
    }

    private byte[] Make(MessageId id, byte[] payload)
    {
        var vault = _alice.Vault;
        return vault.Store.Change(() =>
        {
            var made = vault.Groups.Load(_log).Protect(payload, AuthenticatedData.For(id), RandomSource.System);
            vault.Groups.Save(_log, made.Next);
            return made.Message;
        });
    }
}
