using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Mls;

namespace Holdfast.Fuzz;

/// <summary>A small group whose messages are the seeds, and whose members get what is made of them.</summary>
internal sealed class Circle : IDisposable
{
    private const int Count = 4;

    private readonly FuzzRandom _random;
    private readonly List<SignatureKey> _keys = [];
    private readonly List<Group> _members = [];
    private readonly KeyPackageBundle _joiner;
    private readonly SignatureKey _joinerKey;
    private readonly GroupPolicy _policy = new() { AcceptLeaf = static (_, _) => true };

    internal Circle(int seed)
    {
        _random = new FuzzRandom(seed);
        _joinerKey = CipherSuite.Mandatory.Signature.Generate(_random);
        _joiner = Bundle(_joinerKey, 99);
        var bundles = new List<KeyPackageBundle>();
        for (int i = 0; i < Count; i++)
        {
            _keys.Add(CipherSuite.Mandatory.Signature.Generate(_random));
            bundles.Add(Bundle(_keys[i], (byte)i));
        }
        _members.Add(Group.Create(CipherSuite.Mandatory, "circle"u8.ToArray(), bundles[0], _keys[0], [], _policy, _random));
        var pending = _members[0].Commit(
            new CommitOptions { Proposals = [.. bundles.Skip(1).Select(bundle => new AddProposal(bundle.KeyPackage))] }, _random);
        Replace(0, pending);
        for (int i = 1; i < Count; i++)
            _members.Add(((JoinOutcome.Joined)Group.Join(pending.Welcome!, bundles[i], _keys[i], null, _policy)).Group);
        for (int i = Count - 1; i > 0; i--) CommitAll(i);
        Speak();
        Collect(pending.Welcome!, bundles);
        foreach (var bundle in bundles) bundle.Dispose();
    }

    internal List<byte[]> Messages { get; } = [];

    /// <summary>What a member may sign: a tag, and a proposal or commit.</summary>
    internal List<byte[]> Contents { get; } = [];

    internal List<byte[]> Welcomes { get; } = [];

    internal List<byte[]> Trees { get; } = [];

    /// <summary>What the first member has stored.</summary>
    internal List<byte[]> States { get; } = [];

    /// <summary>Every structure that was met, to find those inside them.</summary>
    internal List<object> Structures { get; } = [];

    internal void Deliver(ReadOnlySpan<byte> message) => Drop(_members[1].Handle(message));

    /// <summary>A message of the first member with that content; the tag of a commit is wrong.</summary>
    internal byte[] Sign(Content content, WireFormat format)
    {
        var by = _members[0];
        var signed = AuthenticatedContent.Sign(by.Suite, format, by.Frame(content, default), by.Context, _keys[0]);
        if (content is CommitContent) signed = signed.WithConfirmationTag(new byte[by.Suite.Hkdf.HashSize]);
        var (message, next) = by.ProtectHandshake(signed, _random);
        next.Dispose();
        return message;
    }

    internal void Welcome(ReadOnlySpan<byte> message)
    {
        if (Group.Join(message, _joiner, _joinerKey, null, _policy) is JoinOutcome.Joined joined) joined.Group.Dispose();
    }

    /// <summary>The first member's group, of what is left of its state.</summary>
    internal Group Restore(ReadOnlySpan<byte> state) => Group.Restore(state, _keys[0], _policy);

    public void Dispose()
    {
        foreach (var member in _members) member.Dispose();
        foreach (var key in _keys) key.Dispose();
        _joiner.Dispose();
        _joinerKey.Dispose();
    }

    private KeyPackageBundle Bundle(SignatureKey key, byte name) => KeyPackageBundle.Create(
        CipherSuite.Mandatory,
        key,
        new BasicCredential(new[] { name }),
        new Capabilities([1], [1, 2], [0xF001], [0xF002], [1, 2]),
        new Lifetime(0, 1 << 30),
        [new Extension(0xF001, "123"u8.ToArray())],
        [],
        _random);

    /// <summary>A commit in the clear that all follow, so that the tree is full.</summary>
    private void CommitAll(int by)
    {
        var pending = _members[by].Commit(new CommitOptions(), _random);
        for (int i = 0; i < Count; i++)
        {
            if (i != by) Replace(i, ((Handled.CommitApplied)_members[i].Handle(pending.Message)).Next);
        }
        Replace(by, pending);
    }

    private void Speak()
    {
        foreach (var proposal in Proposals()) Contents.AddRange([[0, .. Tls.Encode(proposal)], [2, .. Tls.Encode(proposal)]]);
        var said = _members[0].Protect("a message"u8, "data"u8, _random);
        Replace(0, said.Next);
        Messages.Add(said.Message);
        using var remove = _members[0].Propose(new RemoveProposal(new LeafIndex(3)), _random).Next;
        foreach (var group in new[] { _members[0], remove })
        {
            using var stored = group.Serialize();
            States.Add(stored.Reveal().ToArray());
        }
        foreach (var format in new[] { WireFormat.PublicMessage, WireFormat.PrivateMessage })
        {
            using var state = _members[0].Serialize();
            using var speaker = Group.Restore(state.Reveal(), _keys[0], _policy with { HandshakeFormat = format });
            using var pending = Keep(
                speaker.Commit(
                    new CommitOptions { Proposals = [new RemoveProposal(new LeafIndex(2)), new AddProposal(_joiner.KeyPackage)] },
                    _random));
            using var proposed = speaker.Propose(new AddProposal(_joiner.KeyPackage), _random).Next;
        }
    }

    /// <summary>One of each kind; not all are valid in this group, but all are well formed.</summary>
    private IEnumerable<Proposal> Proposals() =>
    [
        new AddProposal(_joiner.KeyPackage),
        new UpdateProposal(_joiner.KeyPackage.LeafNode with { Source = LeafNodeSource.Update, Lifetime = null }),
        new RemoveProposal(new LeafIndex(2)),
        new PreSharedKeyProposal(new ExternalPskId("key"u8.ToArray(), _random.PublicBytes(32))),
        new PreSharedKeyProposal(new ResumptionPskId(ResumptionPskUsage.Application, "circle"u8.ToArray(), 1, _random.PublicBytes(32))),
        new ReInitProposal("next"u8.ToArray(), ProtocolVersion.Mls10, 1, [new Extension(0xF001, default)]),
        new ExternalInitProposal(_random.PublicBytes(32)),
        new GroupContextExtensionsProposal([new Extension(0xF001, "7"u8.ToArray())]),
    ];

    private Group Keep(PendingCommit pending)
    {
        Messages.Add(pending.Message);
        if (pending.Welcome is { } welcome) Welcomes.Add(welcome);
        pending.Current.Dispose();
        return pending.Next;
    }

    /// <summary>Sorts what was said into seeds.</summary>
    private void Collect(byte[] welcome, List<KeyPackageBundle> bundles)
    {
        Messages.AddRange([_members[0].GroupInfoMessage(withTree: true), Tls.Encode(new MlsMessage(bundles[0].KeyPackage))]);
        foreach (byte[] message in Messages.Append(welcome)) Structures.Add(Tls.Decode<MlsMessage>(message));
        var contents = Structures.OfType<MlsMessage>().Select(message => message.PublicMessage?.Content.Content);
        foreach (var content in contents.OfType<CommitContent>())
            Contents.AddRange([[1, .. Tls.Encode(content.Commit)], [3, .. Tls.Encode(content.Commit)]]);
        Structures.AddRange(Proposals());
        Structures.Add(new RequiredCapabilities([0xF001], [0xF002], [1]));
        Structures.Add(new ExternalSender(_keys[0].PublicKey, new BasicCredential("outside"u8.ToArray())));
        Structures.Add(Tls.Decode<AppDataDictionary>([8, 0, 5, 2, 1, 2, 0, 7, 0]));
        Structures.Add(Tls.Decode<SafeAad>([8, 0, 5, 2, 1, 2, 0, 7, 0]));
        Structures.Add(Tls.Decode<ComponentData>([0, 5, 2, 1, 2]));
        Structures.Add(Tls.Decode<ComponentsList>([4, 0, 1, 0, 2]));
        Structures.Add(new ExternalPub(_random.PublicBytes(32)));
        Structures.Add(new SenderData(new LeafIndex(1), 2, 3));
        Structures.Add(_members[0].State.Tree.Parent(new NodeIndex(1))!);
        Structures.Add(AuthenticatedContent.Sign(
            _members[0].Suite,
            WireFormat.PrivateMessage,
            _members[0].Frame(new ApplicationContent("said"u8.ToArray()), default),
            _members[0].Context,
            _keys[0]));
        using var joiner = Secret.Random(32, _random);
        using var path = Secret.Random(32, _random);
        Structures.Add(new GroupSecrets(Secret.CopyOf(joiner.Reveal()), Secret.CopyOf(path.Reveal()), []));
        Structures.Add(
            new GroupSecrets(Secret.CopyOf(joiner.Reveal()), null, [new ExternalPskId("key"u8.ToArray(), _random.PublicBytes(32))]));
        Trees.Add(_members[0].EncodeTree());
    }

    private void Replace(int index, PendingCommit pending)
    {
        pending.Current.Dispose();
        Replace(index, pending.Next);
    }

    private void Replace(int index, Group next)
    {
        _members[index].Dispose();
        _members[index] = next;
    }

    private static void Drop(Handled handled)
    {
        switch (handled)
        {
            case Handled.ApplicationReceived received: received.Next.Dispose(); break;
            case Handled.ProposalReceived proposed: proposed.Next.Dispose(); break;
            case Handled.CommitApplied applied: applied.Next.Dispose(); break;
            default: break;
        }
    }
}
