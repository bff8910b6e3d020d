using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>draft-ietf-mls-extensions: what proposals, extensions and members of a group with components must keep to.</summary>
internal static class ComponentRules
{
    /// <summary>What makes a component's proposal invalid by itself.</summary>
    /// <exception cref="MlsException">It breaks a rule.</exception>
    internal static void Check(Proposal proposal, ComponentPolicy policy)
    {
        switch (proposal)
        {
            case AppEphemeralProposal ephemeral:
                Require(policy.Knows(ephemeral.Component), "mls-extensions: an AppEphemeral of a component that is not known");
                Require(policy.AcceptEphemeral(ephemeral), "mls-extensions: the component does not accept the AppEphemeral's data");
                break;
            case AppDataUpdateProposal update:
                Require(policy.Knows(update.Component), "mls-extensions: an AppDataUpdate of a component that is not known");
                break;
            case PreSharedKeyProposal { PreSharedKey: ApplicationPskId psk }:
                Require(policy.Knows(psk.Component), "mls-extensions: a pre-shared key of a component that is not known");
                break;
            default: break;   // no component's
        }
    }

    /// <summary>A group that requires AppDataUpdate changes its dictionary by that alone.</summary>
    internal static void CheckReplacement(IReadOnlyList<Extension> before, IReadOnlyList<Extension> after)
    {
        _ = AppDataDictionary.In(after);
        if (RequiredCapabilities.In(before)?.Proposals.Contains(CodePoints.AppDataUpdate) != true) return;
        var (old, next) = (Extension.Find(before, CodePoints.AppDataDictionary), Extension.Find(after, CodePoints.AppDataDictionary));
        bool same = old is null ? next is null : next is not null && old.Data.Span.SequenceEqual(next.Data.Span);
        Require(same, "mls-extensions: a GroupContextExtensions must not change app_data_dictionary where AppDataUpdate is required");
    }

    /// <summary>RFC 9420 §12.2: members who stay must support every proposal type that is not one of the defaults.</summary>
    internal static void CheckSupport(IReadOnlyList<CommittedProposal> items, RatchetTree tree)
    {
        var types = items.Select(item => item.Proposal).Select(TypeToSupport).OfType<Requirement>().Distinct().ToList();
        if (types.Count == 0) return;
        var leaving = items.Select(Leaving).OfType<LeafIndex>().ToHashSet();
        var staying = tree.Leaves.Where(entry => !leaving.Contains(entry.Index));
        MlsException.Require(
            staying.All(entry => types.All(type => type.IsMetBy(entry.Leaf.Capabilities))),
            MlsError.InvalidProposalList,
            "RFC 9420 §12.2: a proposal type that a member does not support");
    }

    /// <summary>Leaves must support the components, and the Safe AAD of components, that the group requires.</summary>
    /// <exception cref="MlsException">One does not, or a dictionary is malformed.</exception>
    /// <exception cref="CodecException">A dictionary is malformed.</exception>
    internal static void CheckMembers(IEnumerable<LeafNode> leaves, IReadOnlyList<Extension> contextExtensions)
    {
        if (AppDataDictionary.In(contextExtensions) is not { } dictionary) return;
        ushort[] lists = [CodePoints.AppComponents, CodePoints.SafeAad];
        var required = lists.Select(id => (Id: id, Components: dictionary.List(id)?.Components))
            .Where(list => list.Components?.Count > 0).ToList();
        if (required.Count == 0) return;
        foreach (var leaf in leaves)
        {
            var supported = AppDataDictionary.In(leaf.Extensions);
            MlsException.Require(
                required.All(list => supported?.List(list.Id) is { } own && list.Components!.All(own.Components.Contains)),
                MlsError.InvalidLeafNode,
                "mls-extensions: the leaf does not support a component that the group requires");
        }
    }

    private static Requirement? TypeToSupport(Proposal proposal) => proposal switch
    {
        PreSharedKeyProposal { PreSharedKey: ApplicationPskId } => new Requirement(CodePoints.AppDataDictionary, IsExtension: true),
        _ when ProposalType.IsDefault(proposal.Type) => null,
        _ => new Requirement(proposal.Type, IsExtension: false),
    };

    private static LeafIndex? Leaving(CommittedProposal item) => item.Proposal switch
    {
        RemoveProposal remove => remove.Removed,
        SelfRemoveProposal when item.Sender.Type == SenderType.Member => item.Sender.Leaf,
        _ => null,
    };

    private static void Require(bool holds, string rule) => MlsException.Require(holds, MlsError.InvalidProposal, rule);

    /// <summary>A proposal type, or the extension type that stands for it where the draft has no capability of its own.</summary>
    private sealed record Requirement(ushort Type, bool IsExtension)
    {
        internal bool IsMetBy(Capabilities capabilities) =>
            IsExtension ? capabilities.SupportsExtension(Type) : capabilities.SupportsProposal(Type);
    }
}
