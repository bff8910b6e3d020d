using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests.Differential;

/// <summary>A member that is ours.</summary>
internal sealed class OurPeer(string name, CipherSuite suite, SeededRandom random) : Peer(name)
{
    private readonly Client _client = Open(new Client(name, random, suite));
    private KeyPackageBundle? _self;

    internal Client Client => _client;

    internal override byte[] KeyPackage()
    {
        _self?.Dispose();
        _self = _client.NewKeyPackage();
        return Tls.Encode(new MlsMessage(_self.KeyPackage));
    }

    internal override void Know(byte[] pskId, byte[] psk) => _client.Psks[System.Text.Encoding.UTF8.GetString(pskId)] = Secret.CopyOf(psk);

    internal override void Found(byte[] groupId)
    {
        using var self = _client.NewKeyPackage();
        _client.Adopt(Group.Create(suite, groupId, self, _client.SignatureKey, [], _client.Policy, random));
    }

    internal override byte[] GroupInfo(bool withTree) => _client.Group.GroupInfoMessage(withTree, withExternalKey: true);

    internal override byte[] Say(byte[] text)
    {
        var said = _client.Group.Protect(text, "differential"u8, random);
        _client.Adopt(said.Next);
        return said.Message;
    }

    internal override byte[] Propose(Wish wish, bool open)
    {
        Frame(open);
        return wish is Wish.Update ? _client.ProposeUpdate() : _client.Propose(ProposalOf(wish));
    }

    internal override Committed Commit(IReadOnlyList<Wish> wishes, bool open, bool treeInWelcome, bool forcePath)
    {
        Frame(open);
        var options = new CommitOptions
        {
            Proposals = [.. wishes.Select(ProposalOf)],
            TreeInWelcome = treeInWelcome,
            ForcePath = forcePath,
        };
        var pending = _client.Group.Commit(options, random);
        pending.Current.Dispose();
        _client.Adopt(pending.Next);
        return new Committed(pending.Message, pending.Welcome);
    }

    internal override byte[] Hear(byte[] message) => _client.Hear(message).Plaintext;

    internal override void TakeProposal(byte[] message) => _client.TakeProposal(message);

    internal override bool TakeCommit(byte[] message, bool updated)
    {
        switch (_client.Group.Handle(message))
        {
            case Handled.CommitApplied applied: _client.Adopt(applied.Next); return true;
            case Handled.RemovedFromGroup: _client.Leave(); return false;
            case var other: Assert.Fail($"{Name} to a commit: {other}"); return false;
        }
    }

    internal override Standing Standing()
    {
        var group = _client.Group;
        using var exported = group.Export("differential", [1, 2, 3], 32);
        return new Standing(
            group.Epoch,
            Hex(group.EpochAuthenticator.Span),
            Hex(exported.Reveal()),
            Hex(group.Context.TreeHash.Span),
            Hex(group.Context.ConfirmedTranscriptHash.Span),
            Hex(group.EncodeTree()))
        {
            Leaf = group.OwnLeaf.Value,
        };
    }

    public override void Dispose()
    {
        base.Dispose();
        _self?.Dispose();
        _client.Dispose();
    }

    protected override (byte[]? Commit, string? Refusal) TryJoinExternally(byte[] groupInfo, byte[]? tree, bool again)
    {
        var options = _client.JoinOptions() with { RatchetTree = tree is null ? null : (ReadOnlyMemory<byte>?)tree, Resync = again };
        if (_client.TryJoinExternally(groupInfo, options) is not ExternalJoinOutcome.Prepared prepared) return (null, "we will not");
        if (_client.IsMember) _client.Leave();
        _client.Adopt(prepared.Next);
        return (prepared.Message, null);
    }

    protected override string? TryJoin(byte[] welcome, byte[]? tree)
    {
        switch (_client.TryJoin(welcome, _self!, tree))
        {
            case JoinOutcome.Joined joined: _client.Adopt(joined.Group); return null;
            case JoinOutcome.Rejected rejected: return rejected.Rule;
            default: throw new InvalidOperationException("no such outcome");
        }
    }

    /// <summary>Handshake messages are framed as the policy says, which is given at every restore.</summary>
    private void Frame(bool open)
    {
        _client.Policy = _client.Policy with { HandshakeFormat = open ? WireFormat.PublicMessage : WireFormat.PrivateMessage };
        _client.Restart();
    }

    /// <summary>Anybody may join from outside.</summary>
    private static Client Open(Client client)
    {
        client.Policy = client.Policy with { AcceptExternalJoin = static _ => true };
        return client;
    }

    private static Proposal ProposalOf(Wish wish) => wish switch
    {
        Wish.Add add => new AddProposal(Tls.Decode<MlsMessage>(add.KeyPackage).KeyPackage!),
        Wish.Remove remove => new RemoveProposal(new LeafIndex(remove.Leaf)),
        Wish.External external => new PreSharedKeyProposal(new ExternalPskId(external.Id, external.Nonce)),
        Wish.Resumption resumption => new PreSharedKeyProposal(
            new ResumptionPskId(ResumptionPskUsage.Application, resumption.GroupId, resumption.Epoch, resumption.Nonce)),
        _ => throw new InvalidOperationException("an Update is not committed by value"),
    };

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
