namespace Holdfast.Mls;

/// <summary>RFC 9420 §12.1: what makes a proposal invalid by itself, whatever else is committed with it.</summary>
internal sealed class ProposalRules(PublicEpoch epoch, GroupPolicy policy, DateTimeOffset? now, LinkPsk? link = null)
{
    private readonly Dictionary<KeyPackage, MlsException?> _judged = new(ReferenceEqualityComparer.Instance);

    /// <summary>Checks a proposal that is sent by itself.</summary>
    /// <exception cref="MlsException">It breaks a rule.</exception>
    internal void CheckSent(Proposal proposal, Sender sender)
    {
        if (!ProposalTable.MaySend(proposal, sender.Type))
            throw Invalid("RFC 9420 §12.1.6, §12.1.8: a proposal that this sender may not send");
        Check(proposal, sender, epoch.Context.Extensions);
    }

    /// <summary>Checks one proposal against the current tree and the extensions that will hold.</summary>
    /// <exception cref="MlsException">It breaks a rule.</exception>
    internal void Check(Proposal proposal, Sender sender, IReadOnlyList<Extension> extensions)
    {
        if (proposal is PreSharedKeyProposal { PreSharedKey: var id } && ReferenceEquals(id, link?.Id)) return;   // our own, made for this
        if (!policy.AcceptProposal(proposal, epoch.Proposer(sender)))
            throw Invalid("the application does not allow this proposal of this sender");
        ComponentRules.Check(proposal, policy.Components);
        switch (proposal)
        {
            case AddProposal add: CheckAdd(add, extensions); break;
            case UpdateProposal update: CheckUpdate(update, sender.Leaf, extensions); break;
            case RemoveProposal remove: CheckRemove(remove); break;
            case PreSharedKeyProposal psk: CheckPsk(psk.PreSharedKey); break;
            case GroupContextExtensionsProposal replacement: CheckExtensions(replacement); break;
            case ReInitProposal reInit: CheckReInit(reInit); break;
            default: break;   // where an ExternalInit may stand is the table's; whether it can be processed shows in the commit
        }
    }

    private void CheckAdd(AddProposal add, IReadOnlyList<Extension> extensions)
    {
        var leaf = add.KeyPackage.LeafNode;
        CheckKeyPackage(add.KeyPackage);
        LeafNodeRules.CheckFits(leaf, extensions);
        if (now is { } time) LeafNodeRules.CheckLifetime(leaf, time, policy.LongestLifetime);
        policy.CheckAccepts(leaf, null);
    }

    /// <summary>Judges the key packages of many Adds at once; what is wrong with one is said when its turn comes.</summary>
    internal void JudgeKeyPackages(IReadOnlyList<AddProposal> adds)
    {
        if (adds.Count < 8) return;
        var faults = new MlsException?[adds.Count];
        policy.Parallelism.For(adds.Count, 4, i => faults[i] = FaultOf(adds[i].KeyPackage));
        for (int i = 0; i < faults.Length; i++) _judged[adds[i].KeyPackage] = faults[i];
    }

    private MlsException? FaultOf(KeyPackage keyPackage)
    {
        try
        {
            KeyPackageRules.Check(keyPackage, epoch.Context.Version, epoch.Suite);
            return null;
        }
        catch (MlsException fault) { return fault; }
    }

    private void CheckKeyPackage(KeyPackage keyPackage)
    {
        if ((_judged.TryGetValue(keyPackage, out var judged) ? judged : FaultOf(keyPackage)) is { } fault) throw fault;
    }

    private void CheckUpdate(UpdateProposal update, LeafIndex sender, IReadOnlyList<Extension> extensions)
    {
        var before = epoch.SenderLeaf(sender);
        LeafNodeRules.CheckReplaces(before, update.LeafNode, LeafNodeSource.Update);
        LeafNodeRules.Check(epoch.Suite, update.LeafNode, epoch.Context.GroupId.Span, sender);
        LeafNodeRules.CheckFits(update.LeafNode, extensions);
        policy.CheckAccepts(update.LeafNode, before);
    }

    private void CheckRemove(RemoveProposal remove)
    {
        if (epoch.Tree.Leaf(remove.Removed) is null) throw Invalid("RFC 9420 §12.1.3: a Remove of a leaf that is blank");
    }

    private void CheckPsk(PreSharedKeyId id)
    {
        if (id is ResumptionPskId { Usage: not ResumptionPskUsage.Application })
            throw Invalid("RFC 9420 §12.1.4: a resumption PSK of usage reinit or branch in an ordinary commit");
        if (id.Nonce.Length != epoch.Suite.Hkdf.HashSize)
            throw Invalid("RFC 9420 §12.1.4: a psk_nonce must have the hash's size");
    }

    private void CheckReInit(ReInitProposal reInit)
    {
        if (reInit.Version < epoch.Context.Version) throw Invalid("RFC 9420 §12.1.5: a ReInit to an older version than the group's");
    }

    private void CheckExtensions(GroupContextExtensionsProposal replacement)
    {
        ComponentRules.CheckReplacement(epoch.Context.Extensions, replacement.Extensions);
        _ = RequiredCapabilities.In(replacement.Extensions);   // must be readable; whether members meet it is judged on the new tree
        policy.CheckAcceptsExternalSenders(replacement.Extensions);
    }

    private static MlsException Invalid(string rule) => new(MlsError.InvalidProposal, rule);
}
