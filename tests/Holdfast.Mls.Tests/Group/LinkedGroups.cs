using System.Text;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>RFC 9420 §11.2, §11.3: a group of three, and new groups that take its place or branch from it.</summary>
public abstract class LinkedGroups : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    private protected static CipherSuite NextSuite { get; } = CipherSuite.All.First(suite => suite != CipherSuite.Mandatory);

    private protected Room Room { get; } = Room.Of(3, prepare: Room.Open());

    public void Dispose()
    {
        foreach (var owned in _owned) owned.Dispose();
        Room.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static ReInitProposal ReInit() =>
        new("next"u8.ToArray(), ProtocolVersion.Mls10, NextSuite.Id, [new Extension(Client.KnownExtension, "agreed"u8.ToArray())]);

    private protected void Close(ReInitProposal reInit, bool byReference = false)
    {
        if (byReference) Room.Propose(Room[2], reInit);
        var committed = Room.Commit(Room[0], byReference ? new CommitOptions() : new CommitOptions { Proposals = [reInit] });
        Assert.Equal(reInit.GroupId.ToArray(), committed.Change.ReInit?.GroupId.ToArray());
    }

    private protected (Place Maker, Place[] Others) Successors(CipherSuite suite, Client maker, params IReadOnlyList<Client> others) =>
        (Seat(suite, maker), [.. others.Select(other => Seat(suite, other))]);

    private protected Place Seat(CipherSuite suite, Client client) => Seat(suite, client.Name);

    private protected Place Seat(CipherSuite suite, string name)
    {
        var client = Own(new Client(name, Room.Random, suite));
        return new Place(client, Own(client.NewKeyPackage()));
    }

    /// <summary>What comes of a Welcome whose maker keeps none of the rules.</summary>
    private protected JoinOutcome Join(
        Place maker,
        Place joiner,
        Place[] all,
        ResumptionPskUsage usage = ResumptionPskUsage.Reinit,
        string groupId = "next",
        IReadOnlyList<Extension>? extensions = null)
    {
        var linked = Own(Room[0].Group.BeginLinked(
            usage, Encoding.UTF8.GetBytes(groupId), extensions ?? ReInit().Extensions, maker.Options(all), Room.Random));
        return joiner.Join(linked, _ => Room[1].Group);
    }

    private protected void Refused(
        string rule,
        Place maker,
        Place joiner,
        Place[] all,
        ResumptionPskUsage usage = ResumptionPskUsage.Reinit,
        string groupId = "next",
        IReadOnlyList<Extension>? extensions = null)
    {
        var rejected = Assert.IsType<JoinOutcome.Rejected>(Join(maker, joiner, all, usage, groupId, extensions));
        Assert.Contains(rule, rejected.Rule, StringComparison.Ordinal);
        Assert.Equal(MlsError.InvalidLink, rejected.Error);
    }

    private protected LinkedGroup Own(LinkedGroup linked)
    {
        _owned.Add(linked.Group);
        return linked;
    }

    private T Own<T>(T owned) where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    /// <summary>A client's place in the new group.</summary>
    private protected sealed record Place(Client Client, KeyPackageBundle Self)
    {
        internal NewGroupOptions Options(IReadOnlyList<Place> others) =>
            new(Self, Client.SignatureKey, [.. others.Select(other => other.Self.KeyPackage)], Client.Policy);

        internal JoinOutcome Join(LinkedGroup linked, Func<ReadOnlyMemory<byte>, Group?>? groups, byte[]? tree = null) =>
            Group.Join(linked.Welcome!, Self, Client.SignatureKey, tree, Client.Policy, groups);
    }
}
