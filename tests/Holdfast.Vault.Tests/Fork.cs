using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault.Tests;

/// <summary>A member's own course of a conversation: a group of the same id that nobody else is in.</summary>
internal sealed class Fork
{
    private readonly Person _by;
    private readonly LogId _log;
    private readonly MessageId _id;
    private readonly TestClock _clock;
    private Group _group;

    internal Fork(Person by, LogId log, MessageId id, TestClock clock, string title)
    {
        (_by, _log, _id, _clock) = (by, log, id, clock);
        using var own = by.Vault.KeyPackages.Make();
        _group = Group.Create(
            own.Suite, log.ToBytes(), own, by.Vault.Profile.Leaf, [LeafTraits.Describe(title)], by.Vault.Policy, by.Vault.Random);
    }

    internal (byte[] Message, byte[] Welcome) Add(Person victim)
    {
        var pending = Commit(_id, new AddProposal(Tls.Decode<KeyPackage>(Organisation.Claim(victim).KeyPackages.Packages[0].Span)));
        return (pending.Message, pending.Welcome!);
    }

    /// <summary>A commit in the epoch that the victim has been welcomed to.</summary>
    internal byte[] Next(MessageId id) => Commit(id).Message;

    internal (MessageId Id, byte[] Message) Say(string text)
    {
        var id = _by.Vault.NewMessageId();
        var said = _group.Protect(Envelope.Pad(Contents.Text(_by.Vault, _log, text)), AuthenticatedData.For(id), _by.Vault.Random);
        _group = said.Next;
        return (id, said.Message);
    }

    internal Delivery Seal(byte[] welcome, Person victim, ulong position)
    {
        var leaf = Tls.Decode<KeyPackage>(Organisation.Claim(victim).KeyPackages.Packages[0].Span).LeafNode;
        return InboxSeal.Seal(new WelcomeItem(_log, position, _id, welcome, []), leaf, RandomSource.System);
    }

    private PendingCommit Commit(MessageId id, params Proposal[] proposals)
    {
        var options = new CommitOptions { Proposals = proposals, AuthenticatedData = AuthenticatedData.For(id), Now = _clock.GetUtcNow() };
        var pending = _group.Commit(options, _by.Vault.Random);
        _group = pending.Next;
        return pending;
    }
}
