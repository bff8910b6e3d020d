using System.Text;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>Clients and the messages between them: everything is delivered to everybody, in order.</summary>
internal sealed class Room : IDisposable
{
    private readonly List<Client> _all = [];

    private readonly CipherSuite? _suite;

    private Room(int seed, CipherSuite? suite) => (Random, _suite) = (new SeededRandom(seed), suite);

    internal SeededRandom Random { get; }

    /// <summary>Who is in the group, in the order they came.</summary>
    internal List<Client> Members { get; } = [];

    internal Client this[int index] => Members[index];

    /// <summary>A group of that many, all let in by the first.</summary>
    internal static Room Of(int count, int seed = 1, Action<Client>? prepare = null, CipherSuite? suite = null)
    {
        var room = new Room(seed, suite);
        for (int i = 0; i < count; i++)
        {
            var client = room.NewClient($"member {i}");
            prepare?.Invoke(client);
            if (i > 0) continue;
            client.Found();
            room.Members.Add(client);
        }
        if (count > 1) room.Add(room[0], [.. room._all.Skip(1)]);
        return room;
    }

    internal Client NewClient(string name)
    {
        var client = new Client(name, Random, _suite);
        _all.Add(client);
        return client;
    }

    internal IEnumerable<Client> Others(Client client) => Members.Where(member => member != client).ToList();

    /// <summary>Commits, and everybody follows; who is added joins, who is removed notices.</summary>
    internal PendingCommit Commit(Client by, CommitOptions options, params IReadOnlyList<(Client Client, KeyPackageBundle Self)> added)
    {
        var pending = by.Group.Commit(options, Random);
        foreach (var other in Others(by)) Deliver(other, pending.Message);
        pending.Current.Dispose();
        by.Adopt(pending.Next);
        foreach (var (client, self) in added)
        {
            client.Join(pending.Welcome!, self, options.TreeInWelcome ? null : pending.RatchetTree);
            Members.Add(client);
        }
        AssertAgreement();
        return pending;
    }

    internal PendingCommit Add(Client by, params IReadOnlyList<Client> clients) => Add(by, new CommitOptions(), clients);

    internal PendingCommit Add(Client by, CommitOptions options, params IReadOnlyList<Client> clients)
    {
        var bundles = clients.Select(client => (client, client.NewKeyPackage())).ToList();
        var adds = bundles.Select(entry => (Proposal)new AddProposal(entry.Item2.KeyPackage));
        return Commit(by, options with { Proposals = [.. options.Proposals, .. adds] }, bundles);
    }

    /// <summary>Lets everybody in this room do what the RFC allows outsiders: join, propose to be added, be an external sender.</summary>
    internal static Action<Client> Open(Action<Client>? also = null) => client =>
    {
        client.Policy = client.Policy with
        {
            AcceptProposal = static (_, _) => true,
            AcceptExternalJoin = static _ => true,
            AcceptExternalSender = static _ => true,
        };
        also?.Invoke(client);
    };

    /// <summary>Joins by an external commit, and everybody follows; who is removed by it notices.</summary>
    internal ExternalJoinOutcome.Prepared JoinExternally(Client joiner, Client by, ExternalJoinOptions? options = null)
    {
        bool withTree = options?.RatchetTree is null;
        var outcome = joiner.TryJoinExternally(by.Group.GroupInfoMessage(withTree, withExternalKey: true), options);
        var prepared = Assert.IsType<ExternalJoinOutcome.Prepared>(outcome);
        foreach (var member in Members.ToList()) Deliver(member, prepared.Message);
        joiner.Adopt(prepared.Next);
        Members.Add(joiner);
        AssertAgreement();
        return prepared;
    }

    internal PendingCommit Remove(Client by, Client who) =>
        Commit(by, new CommitOptions { Proposals = [new RemoveProposal(who.Group.OwnLeaf)] });

    /// <summary>Says something that everybody hears.</summary>
    internal void Say(Client by, string text)
    {
        var message = by.Say(text);
        foreach (var other in Others(by)) Assert.Equal(text, other.HearText(message));
    }

    internal void Propose(Client by, Proposal proposal) => DeliverProposal(by, by.Propose(proposal));

    internal void ProposeUpdate(Client by) => DeliverProposal(by, by.ProposeUpdate());

    /// <summary>Gives everybody an external key of that name.</summary>
    internal ExternalPskId ShareKey(string name)
    {
        using var psk = Secret.Random(32, Random);
        foreach (var client in _all) client.Psks[name] = Secret.CopyOf(psk.Reveal());
        return new ExternalPskId(Encoding.UTF8.GetBytes(name), Random.PublicBytes(32));
    }

    internal void AssertAgreement()
    {
        var first = Members[0].Group;
        var names = first.Members.Select(member => Client.NameOf(member.Leaf)).Order().ToList();
        Assert.Equal(Members.Select(member => member.Name).Order(), names);
        foreach (var member in Members)
        {
            Assert.Equal(first.Epoch, member.Group.Epoch);
            Assert.Equal(first.EpochAuthenticator.ToArray(), member.Group.EpochAuthenticator.ToArray());
            Assert.Equal(first.Context.TreeHash.ToArray(), member.Group.Context.TreeHash.ToArray());
            Assert.Equal(first.EncodeTree(), member.Group.EncodeTree());
            Assert.Equal(member.Name, Client.NameOf(member.Group.Members.Single(entry => entry.Index == member.Group.OwnLeaf).Leaf));
        }
    }

    public void Dispose()
    {
        foreach (var client in _all) client.Dispose();
    }

    private void Deliver(Client to, byte[] commit)
    {
        switch (to.Group.Handle(commit))
        {
            case Handled.CommitApplied applied: to.Adopt(applied.Next); break;
            case Handled.RemovedFromGroup: to.Leave(); Members.Remove(to); break;
            case var other: Assert.Fail($"{to.Name}: {other}"); break;
        }
    }

    private void DeliverProposal(Client by, byte[] message)
    {
        foreach (var other in Others(by)) other.TakeProposal(message);
    }
}
