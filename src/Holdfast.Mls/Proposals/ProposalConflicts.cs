using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §12.2: whether a commit's proposals agree with each other and with the members there are. They are admitted one
/// by one, what frees a leaf before what takes one, and what stands alone last.
/// </summary>
internal sealed class ProposalConflicts(Sender committer, RatchetTree tree)
{
    private readonly HashSet<LeafIndex> _touched = [];
    private readonly HashSet<ushort> _updatedData = [], _removedData = [];
    private readonly HashSet<ReadOnlyMemory<byte>> _psks = new(Bytes.Comparer);
    private readonly LeafKeys _keys = new(tree);
    private bool _extensions, _externalInit;
    private int _admitted, _removed;

    private bool IsExternal => committer.Type == SenderType.NewMemberCommit;

    /// <summary>Admits a proposal, or names the rule that keeps it out.</summary>
    internal string? Admit(CommittedProposal item)
    {
        string? broken = ProposalTable.MayCommit(item, committer) ? AdmitHere(item) : Misplaced(item);
        if (broken is null) _admitted++;
        return broken;
    }

    /// <summary>What the list still lacks when all are admitted, or null.</summary>
    internal string? Missing() =>
        IsExternal && !_externalInit ? "RFC 9420 §12.2: an external commit has exactly one ExternalInit" : null;

    private string? AdmitHere(CommittedProposal item) => item.Proposal switch
    {
        AddProposal add => Admit(add),
        UpdateProposal update => Admit(update, item.Sender),
        RemoveProposal remove => Admit(remove),
        PreSharedKeyProposal psk =>
            _psks.Add(Tls.Encode(psk.PreSharedKey)) ? null : "RFC 9420 §12.2: two PreSharedKey proposals of one PSK",
        GroupContextExtensionsProposal => AdmitOnce(ref _extensions, "RFC 9420 §12.2: two GroupContextExtensions proposals"),
        ExternalInitProposal => AdmitOnce(ref _externalInit, "RFC 9420 §12.2: an external commit has exactly one ExternalInit"),
        SelfRemoveProposal => AdmitDeparture(item.Sender.Leaf),
        AppEphemeralProposal => null,
        AppDataUpdateProposal update => Admit(update),
        ReInitProposal => _admitted == 0 ? null : "RFC 9420 §12.2: a ReInit together with another proposal",
        _ => "RFC 9420 §12.2: a proposal type that members do not support",
    };

    private string? Admit(AddProposal add)
    {
        var leaf = add.KeyPackage.LeafNode;
        return _keys.Add(leaf) ? null : "RFC 9420 §12.2: an Add of a client that is a member already or is added twice";
    }

    private string? Admit(UpdateProposal update, Sender sender)
    {
        if (sender == committer) return "RFC 9420 §12.2: an Update by the committer";
        if (tree.Leaf(sender.Leaf) is not { } before) return "RFC 9420 §12.1.2: an Update of a leaf that is blank";
        if (!_touched.Add(sender.Leaf)) return "RFC 9420 §12.2: two Updates or Removes of one leaf";
        return _keys.Replace(before, update.LeafNode) ? null : "RFC 9420 §7.3: an Update takes a key that is another member's";
    }

    private string? Admit(RemoveProposal remove)
    {
        if (AdmitDeparture(remove.Removed) is { } broken) return broken;
        return IsExternal && _removed++ > 0 ? "RFC 9420 §12.2: an external commit removes at most one leaf" : null;
    }

    /// <summary>
    /// By a Remove, or by a SelfRemove of who leaves (draft-ietf-mls-extensions), of which an external commit may cover any number.
    /// </summary>
    private string? AdmitDeparture(LeafIndex index)
    {
        if (committer == Sender.Member(index)) return "RFC 9420 §12.2: a Remove of the committer";
        if (tree.Leaf(index) is not { } leaf) return "RFC 9420 §12.1.3: a Remove of a leaf that is blank";
        if (!_touched.Add(index)) return "RFC 9420 §12.2: two Updates or Removes of one leaf";
        _keys.Remove(leaf);
        return null;
    }

    /// <summary>draft-ietf-mls-extensions: of one component's data either one removal, or updates.</summary>
    private string? Admit(AppDataUpdateProposal update)
    {
        bool clashes = _removedData.Contains(update.Component) || (update.Removes && _updatedData.Contains(update.Component));
        if (clashes) return "mls-extensions: an AppDataUpdate that removes data stands beside another of the component";
        (update.Removes ? _removedData : _updatedData).Add(update.Component);
        return null;
    }

    private static string? AdmitOnce(ref bool admitted, string rule)
    {
        if (admitted) return rule;
        admitted = true;
        return null;
    }

    private string Misplaced(CommittedProposal item) => (IsExternal, item.Reference) switch
    {
        (true, null) => "RFC 9420 §12.2: an external commit has only ExternalInit, Remove and PreSharedKey proposals",
        (true, _) => "RFC 9420 §12.4.3.2: an external commit refers to no proposal",
        (false, null) => "RFC 9420 §12.2: a proposal of a type that no committer may propose itself",
        (false, _) => "RFC 9420 §12.1.8: a proposal of a type that its sender may not propose",
    };
}
