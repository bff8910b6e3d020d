using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>The key that ties the first commit of a new group to the group that it takes the place of or branches from.</summary>
/// <param name="Id">Its name, a resumption PSK of usage reinit or branch.</param>
/// <param name="Psk">The key, borrowed.</param>
internal sealed record LinkPsk(ResumptionPskId Id, Secret Psk);

/// <summary>The group of ours that a Welcome says the new one takes the place of (RFC 9420 §11.2) or branches from (§11.3).</summary>
internal sealed class Predecessor(ResumptionPskId id, Group old)
{
    internal GroupLink Link => new(id.Usage, id.GroupId, id.Epoch);

    /// <summary>What the pre-shared keys of a Welcome say; null for a group that stands for itself.</summary>
    /// <exception cref="MlsException">They name two, or one that is not ours.</exception>
    internal static Predecessor? Of(IReadOnlyList<PreSharedKeyId> psks, Func<ReadOnlyMemory<byte>, Group?>? groups)
    {
        var links = psks.OfType<ResumptionPskId>().Where(psk => psk.Usage != ResumptionPskUsage.Application).ToList();
        if (links.Count == 0) return null;
        Require(links.Count == 1, "RFC 9420 §12.4.3.1: a resumption PSK of usage reinit or branch is the only such");
        var old = groups?.Invoke(links[0].GroupId);
        if (old is null || !old.GroupId.Span.SequenceEqual(links[0].GroupId.Span))
            throw new MlsException(MlsError.UnknownPsk, "RFC 9420 §11.2, §11.3: the new group is tied to one that is not ours");
        return new Predecessor(links[0], old);
    }

    /// <summary>The key of that name if it is the old group's, borrowed.</summary>
    internal Secret? Psk(PreSharedKeyId psk)
    {
        if (!ReferenceEquals(psk, id)) return null;
        return id.Epoch == old.Epoch ? old.ResumptionPsk : old.State.PastPsks.Find(id.Epoch);
    }

    /// <summary>RFC 9420 §12.4.3.1: that the new group is what the old one's members agreed on, or a part of it.</summary>
    /// <exception cref="MlsException">It is not.</exception>
    internal void Check(GroupContext context, RatchetTree tree, GroupPolicy policy)
    {
        Require(context.Epoch == 1, "RFC 9420 §12.4.3.1: a group that is tied to another is joined in epoch 1");
        var now = tree.Leaves.Select(entry => entry.Leaf).ToList();
        if (id.Usage == ResumptionPskUsage.Reinit) CheckReInit(context, now, policy);
        else CheckBranch(context, now, policy);
    }

    /// <summary>RFC 9420 §11.2: that these leaves are the old group's members, all of them and nobody else.</summary>
    internal static void CheckSameMembers(IReadOnlyList<LeafNode> before, IReadOnlyList<LeafNode> now, GroupPolicy policy)
    {
        Require(AreAmong(before, now, policy), "RFC 9420 §11.2: a member of the old group is not in the new one");
        Require(AreAmong(now, before, policy), "RFC 9420 §11.2: somebody in the new group was no member of the old one");
    }

    /// <summary>RFC 9420 §11.3: that these leaves are members of the group that is branched from.</summary>
    internal static void CheckSubset(IReadOnlyList<LeafNode> before, IReadOnlyList<LeafNode> now, GroupPolicy policy) =>
        Require(AreAmong(now, before, policy), "RFC 9420 §11.3: somebody in the subgroup is no member of the group");

    private void CheckReInit(GroupContext context, IReadOnlyList<LeafNode> now, GroupPolicy policy)
    {
        var agreed = old.ReInit;
        Require(agreed is not null && id.Epoch == old.Epoch, "RFC 9420 §11.2: the old group's last commit has no ReInit");
        var given = new ReInitProposal(context.GroupId, context.Version, context.CipherSuite, context.Extensions);
        Require(
            Tls.Encode<Proposal>(given).AsSpan().SequenceEqual(Tls.Encode<Proposal>(agreed!)),
            "RFC 9420 §11.2: group id, version, cipher suite or extensions are not those of the ReInit");
        CheckSameMembers([.. old.Members.Select(member => member.Leaf)], now, policy);
    }

    private void CheckBranch(GroupContext context, IReadOnlyList<LeafNode> now, GroupPolicy policy)
    {
        Require(
            context.Version == old.Context.Version && context.CipherSuite == old.Context.CipherSuite,
            "RFC 9420 §11.3: version or cipher suite are not those of the group that is branched from");
        var before = old.LeavesIn(id.Epoch);
        Require(before is not null, "RFC 9420 §11.3: who was in that epoch of the group is no longer known");
        CheckSubset(before!, now, policy);
    }

    private static bool AreAmong(IReadOnlyList<LeafNode> some, IReadOnlyList<LeafNode> all, GroupPolicy policy) =>
        some.All(leaf => all.Any(other => policy.IsSameMember(other, leaf)));

    private static void Require(bool holds, string rule) => MlsException.Require(holds, MlsError.InvalidLink, rule);
}
