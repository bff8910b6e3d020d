using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §12.2: whether a regular commit's proposals agree with each other and with the members there are. They are
/// admitted one by one, what frees a leaf before what takes one.
/// </summary>
internal sealed class ProposalConflicts(LeafIndex committer, RatchetTree tree)
{
    private readonly HashSet<LeafIndex> _touched = [];
    private readonly HashSet<LeafIndex> _removed = [];
    private readonly HashSet<ReadOnlyMemory<byte>> _psks = new(Bytes.Comparer);
    private readonly LeafKeys _keys = new(tree);
    private bool _extensions;

    /// <summary>Admits a proposal, or names the rule that keeps it out.</summary>
    internal string? Admit(CommittedProposal item) => item.Proposal switch
    {
        AddProposal add => Admit(add),
        UpdateProposal update => Admit(update, item.Sender),
        RemoveProposal remove => Admit(remove),
        PreSharedKeyProposal psk => _psks.Add(Tls.Encode(psk.PreSharedKey)) ? null : "RFC 9420 §12.2: two PreSharedKey proposals of one PSK",
        GroupContextExtensionsProposal => AdmitExtensions(),
        ExternalInitProposal => "RFC 9420 §12.2: an ExternalInit proposal in a regular commit",
        ReInitProposal => "RFC 9420 §11.2: reinitialization is not supported",
        _ => "RFC 9420 §12.2: a proposal type that members do not support",
    };

    private string? Admit(AddProposal add)
    {
        var leaf = add.KeyPackage.LeafNode;
        return _keys.Add(leaf) ? null : "RFC 9420 §12.2: an Add of a client that is a member already or is added twice";
    }

    private string? Admit(UpdateProposal update, LeafIndex sender)
    {
        if (sender == committer) return "RFC 9420 §12.2: an Update by the committer";
        if (tree.Leaf(sender) is not { } before) return "RFC 9420 §12.1.2: an Update of a leaf that is blank";
        if (!_touched.Add(sender)) return "RFC 9420 §12.2: two Updates or Removes of one leaf";
        return _keys.Replace(before, update.LeafNode) ? null : "RFC 9420 §7.3: an Update takes a key that is another member's";
    }

    private string? Admit(RemoveProposal remove)
    {
        if (remove.Removed == committer) return "RFC 9420 §12.2: a Remove of the committer";
        if (tree.Leaf(remove.Removed) is not { } leaf) return "RFC 9420 §12.1.3: a Remove of a leaf that is blank";
        if (!_touched.Add(remove.Removed)) return "RFC 9420 §12.2: two Updates or Removes of one leaf";
        _removed.Add(remove.Removed);
        _keys.Remove(leaf);
        return null;
    }

    private string? AdmitExtensions()
    {
        if (_extensions) return "RFC 9420 §12.2: two GroupContextExtensions proposals";
        _extensions = true;
        return null;
    }
}
