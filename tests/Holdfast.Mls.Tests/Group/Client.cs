using System.Text;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>A person with a device: keys, and the group as this device sees it.</summary>
internal sealed class Client : IDisposable
{
    internal const ushort KnownExtension = 0xF0F0;

    private readonly List<SignatureKey> _keys = [];
    private SignatureKey? _borrowed;
    private Group? _group;

    internal Client(string name, SeededRandom random, CipherSuite? suite = null)
    {
        (Name, Random, Suite) = (name, random, suite ?? CipherSuite.Mandatory);
        Capabilities = new([1], [Suite.Id], [KnownExtension], [], [CredentialType.Basic]);
        NewSignatureKey();
        Policy = new GroupPolicy { AcceptLeaf = (leaf, _) => !Refused.Contains(NameOf(leaf)), Psks = FindPsk };
    }

    internal CipherSuite Suite { get; }

    internal string Name { get; }

    internal SeededRandom Random { get; }

    internal GroupPolicy Policy { get; set; }

    /// <summary>Names this client's application does not accept.</summary>
    internal HashSet<string> Refused { get; } = [];

    /// <summary>External keys by the text of their ids.</summary>
    internal Dictionary<string, Secret> Psks { get; } = [];

    internal SignatureKey SignatureKey => _borrowed ?? _keys[^1];

    internal bool IsMember => _group is not null;

    internal Group Group => _group ?? throw new InvalidOperationException($"{Name} is in no group");

    internal Capabilities Capabilities { get; set; }

    internal Lifetime Lifetime { get; set; } = new(0, ulong.MaxValue);

    internal static string NameOf(LeafNode leaf) =>
        leaf.Credential is BasicCredential basic ? Encoding.UTF8.GetString(basic.Identity.Span) : "";

    /// <summary>From here on signs with somebody's key, which stays theirs; null for the own again.</summary>
    internal void Sign(SignatureKey? key) => _borrowed = key;

    /// <summary>From here on signs with another key; the old one lives as long as the client.</summary>
    internal SignatureKey NewSignatureKey()
    {
        _keys.Add(Suite.Signature.Generate(Random));
        return SignatureKey;
    }

    /// <summary>From here on signs with that key, which is the client's.</summary>
    internal void UseSignatureKey(SignatureKey key) => _keys.Add(key);

    internal KeyPackageBundle NewKeyPackage() => KeyPackageBundle.Create(
        Suite, SignatureKey, new BasicCredential(Encoding.UTF8.GetBytes(Name)), Capabilities, Lifetime, [], [], Random);

    internal void Found(params IReadOnlyList<Extension> extensions)
    {
        using var self = NewKeyPackage();
        Adopt(Group.Create(Suite, Random.PublicBytes(32), self, SignatureKey, extensions, Policy, Random));
    }

    internal JoinOutcome TryJoin(byte[] welcome, KeyPackageBundle self, byte[]? tree = null) =>
        Group.Join(welcome, self, SignatureKey, tree, Policy);

    internal void Join(byte[] welcome, KeyPackageBundle self, byte[]? tree = null)
    {
        var outcome = TryJoin(welcome, self, tree);
        Adopt(Assert.IsType<JoinOutcome.Joined>(outcome).Group);
    }

    /// <summary>An external commit into the group of that GroupInfo, whose outcome is the caller's.</summary>
    internal ExternalJoinOutcome TryJoinExternally(byte[] groupInfo, ExternalJoinOptions? options = null) =>
        Group.JoinExternally(groupInfo, options ?? JoinOptions(), SignatureKey, Policy, Random);

    internal ExternalJoinOptions JoinOptions() => new()
    {
        Credential = new BasicCredential(Encoding.UTF8.GetBytes(Name)),
        Capabilities = Capabilities,
    };

    /// <summary>What this device has stored: every step as its changes only.</summary>
    internal RecordStore Store { get; private set; } = new();

    /// <summary>Takes, and stores, the next group in place of the one so far.</summary>
    internal void Adopt(Group next)
    {
        using var changes = _group is null ? next.Records() : next.ChangesSince(_group);
        Store.Apply(changes);
        if (!ReferenceEquals(_group, next)) _group?.Dispose();
        _group = next;
    }

    internal void Leave()
    {
        _group?.Dispose();
        _group = null;
        Store = new RecordStore();
    }

    internal byte[] Say(string text)
    {
        var said = Group.Protect(Encoding.UTF8.GetBytes(text), "aad"u8, Random);
        Adopt(said.Next);
        return said.Message;
    }

    internal byte[] Propose(Proposal proposal)
    {
        var proposed = Group.Propose(proposal, Random);
        Adopt(proposed.Next);
        return proposed.Message;
    }

    internal byte[] ProposeUpdate()
    {
        var proposed = Group.ProposeUpdate(new LeafChanges(), Random);
        Adopt(proposed.Next);
        return proposed.Message;
    }

    internal Handled.ApplicationReceived Hear(byte[] message)
    {
        var heard = Assert.IsType<Handled.ApplicationReceived>(Group.Handle(message));
        Adopt(heard.Next);
        return heard;
    }

    internal string HearText(byte[] message) => Encoding.UTF8.GetString(Hear(message).Plaintext);

    internal void TakeProposal(byte[] message) => Adopt(Assert.IsType<Handled.ProposalReceived>(Group.Handle(message)).Next);

    internal Handled.CommitApplied TakeCommit(byte[] message)
    {
        var applied = Assert.IsType<Handled.CommitApplied>(Group.Handle(message));
        Adopt(applied.Next);
        return applied;
    }

    /// <summary>Handles a message that must be refused, with that error, and change nothing.</summary>
    internal Handled.Rejected Refuse(byte[] message, MlsError error)
    {
        var before = State();
        var rejected = Assert.IsType<Handled.Rejected>(Group.Handle(message));
        Assert.Equal(error, rejected.Error);
        Assert.Equal(before, State());
        return rejected;
    }

    /// <summary>All of the stored state, as text that tests can compare.</summary>
    internal string State() => StateOf(Group);

    internal static string StateOf(Group group)
    {
        using var state = group.Serialize();
        return Convert.ToHexString(state.Reveal());
    }

    /// <summary>Begins anew with what the steps have left in the store: that must be the state as it is, to the last record.</summary>
    internal void Restart()
    {
        var before = State();
        Assert.Equal(RecordStore.Of(Group).Rows, Store.Rows);
        Adopt(Store.Open(SignatureKey, Policy));
        Assert.Equal(before, State());
        Assert.Equal(RecordStore.Of(Group).Rows, Store.Rows);
    }

    public void Dispose()
    {
        Leave();
        foreach (var key in _keys) key.Dispose();
        foreach (var psk in Psks.Values) psk.Dispose();
    }

    private Secret? FindPsk(PreSharedKeyId id) =>
        id is ExternalPskId external ? Psks.GetValueOrDefault(Encoding.UTF8.GetString(external.Id.Span)) : null;
}
