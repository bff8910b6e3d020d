using Holdfast.Tests;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>
/// Every list of up to three proposals, in a long run of four, out of a pool, in commits of a member and of a joiner,
/// judged as RFC 9420 §12.2 reads.
/// </summary>
public sealed class ProposalListSearchTests : IDisposable
{
    private readonly Room _room = Room.Of(6, prepare: Room.Open());
    private readonly List<KeyPackageBundle> _bundles = [];

    private Client Committer => _room[1];

    public void Dispose()
    {
        foreach (var bundle in _bundles) bundle.Dispose();
        _room.Dispose();
    }

    [Fact]
    public void EveryShortListIsJudgedAsTheRfcSays() => Search(Sender.Member(Committer.Group.OwnLeaf), IsValid);

    [Fact]
    public void EveryShortListOfAJoinerIsJudgedAsTheRfcSays() => Search(Sender.NewMemberCommit, IsValidFromOutside);

    private void Search(Sender committer, Func<IReadOnlyList<CommittedProposal>, bool> isValid)
    {
        var pool = Pool(committer);
        int valid = 0, invalid = 0;
        foreach (var list in Lists(pool, LongRun.IsWanted ? 4 : 3))
        {
            bool expected = isValid(list);
            Assert.True(
                expected == IsAccepted(list, committer),
                string.Join(", ", list.Select(item => $"{item.Proposal.GetType().Name} of {item.Sender}")));
            if (expected) valid++;
            else invalid++;
        }
        Assert.True(valid > 50 && invalid > 1000, $"{valid} valid, {invalid} invalid");
        if (LongRun.IsWanted)
            Recording.Write($"mls-proposal-lists-{(committer.Type == SenderType.Member ? "member" : "joiner")}", new { valid, invalid });
    }

    /// <summary>RFC 9420 §12.2, sentence by sentence.</summary>
    private bool IsValid(IReadOnlyList<CommittedProposal> list)
    {
        var committer = Committer.Group.OwnLeaf;
        var updates = list.Where(item => item.Proposal is UpdateProposal).ToList();
        var removes = list.Select(item => item.Proposal).OfType<RemoveProposal>().Select(remove => remove.Removed).ToList();
        var adds = list.Select(item => item.Proposal).OfType<AddProposal>()
            .Select(add => Convert.ToHexString(add.KeyPackage.LeafNode.SignatureKey.Span)).ToList();
        var members = Committer.Group.Members.Where(member => !removes.Contains(member.Index))
            .Select(member => Convert.ToHexString(member.Leaf.SignatureKey.Span)).ToList();
        var psks = list.Select(item => item.Proposal).OfType<PreSharedKeyProposal>().ToList();
        return updates.TrueForAll(update => update.Reference is not null && update.Sender != Sender.Member(committer))
            && !removes.Contains(committer)
            && IsDistinct(updates.Select(update => update.Sender.Leaf).Concat(removes))
            && IsDistinct(adds)
            && !adds.Intersect(members).Any()
            && IsDistinct(psks)   // the same proposal object stands for the same PreSharedKeyID
            && list.Count(item => item.Proposal is GroupContextExtensionsProposal) <= 1
            && (list.Count == 1 || !list.Any(item => item.Proposal is ReInitProposal))
            && !list.Any(item => item.Proposal is ExternalInitProposal);
    }

    /// <summary>
    /// RFC 9420 §12.2 for an external commit: one ExternalInit, at most one Remove, any PreSharedKeys, nothing else
    /// and nothing by reference.
    /// </summary>
    private static bool IsValidFromOutside(IReadOnlyList<CommittedProposal> list) =>
        list.All(item => item.Reference is null && item.Proposal is ExternalInitProposal or RemoveProposal or PreSharedKeyProposal)
        && list.Count(item => item.Proposal is ExternalInitProposal) == 1
        && list.Count(item => item.Proposal is RemoveProposal) <= 1
        && IsDistinct(list.Select(item => item.Proposal).OfType<PreSharedKeyProposal>());

    private bool IsAccepted(IReadOnlyList<CommittedProposal> list, Sender committer)
    {
        var group = Committer.Group;
        try
        {
            var commit = new Commit([.. list.Select(item => item.Entry)], null);
            ProposalList.Gather(commit, committer, group.Pending).Check(group.State.Public, group.Policy, null);
            return true;
        }
        catch (MlsException)
        {
            return false;
        }
    }

    private List<CommittedProposal> Pool(Sender committer)
    {
        foreach (int sender in new[] { 1, 2, 2, 5 }) _room.ProposeUpdate(_room[sender]);
        _room.Propose(_room[3], new RemoveProposal(_room[4].Group.OwnLeaf));
        var asking = _room.NewClient("asks");
        var request = ExternalProposal.AddOfSelf(NewBundle(asking), Committer.Group.GroupId, Committer.Group.Epoch, asking.SignatureKey);
        Committer.TakeProposal(request);
        var newcomer = _room.NewClient("new");
        var own = new Proposal[]
        {
            new RemoveProposal(_room[0].Group.OwnLeaf),
            new RemoveProposal(_room[1].Group.OwnLeaf),
            new RemoveProposal(_room[2].Group.OwnLeaf),
            new AddProposal(NewKeyPackage(newcomer)),
            new AddProposal(NewKeyPackage(newcomer)),
            new AddProposal(NewKeyPackage(_room[2])),
            new PreSharedKeyProposal(_room.ShareKey("a")),
            new PreSharedKeyProposal(_room.ShareKey("b")),
            new GroupContextExtensionsProposal([]),
            new ReInitProposal("next"u8.ToArray(), ProtocolVersion.Mls10, 1, []),
            new ExternalInitProposal(new byte[32]),
            ((UpdateProposal)Committer.Group.PendingProposals[1].Proposal),   // by value it is nobody's
        };
        var pending = Committer.Group.PendingProposals.Select(
            entry => new CommittedProposal(entry.Proposal, entry.Sender, entry.Reference));
        return [.. own.Select(proposal => new CommittedProposal(proposal, committer, null)), .. pending];
    }

    private KeyPackage NewKeyPackage(Client client) => NewBundle(client).KeyPackage;

    private KeyPackageBundle NewBundle(Client client)
    {
        _bundles.Add(client.NewKeyPackage());
        return _bundles[^1];
    }

    private static bool IsDistinct<T>(IEnumerable<T> items) => items.GroupBy(item => item).All(group => group.Count() == 1);

    private static IEnumerable<IReadOnlyList<CommittedProposal>> Lists(List<CommittedProposal> pool, int longest)
    {
        IEnumerable<IReadOnlyList<CommittedProposal>> lists = [[]];
        for (int length = 0; length <= longest; length++)
        {
            foreach (var list in lists) yield return list;
            lists = [.. from list in lists from item in pool select (IReadOnlyList<CommittedProposal>)[.. list, item]];
        }
    }
}
