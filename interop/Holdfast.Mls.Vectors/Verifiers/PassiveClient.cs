using System.Text.Json;
using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls.Vectors;

/// <summary>
/// A client that joins by a Welcome and follows every commit, agreeing on each epoch; it is stored and opened after each.
/// </summary>
internal static class PassiveClient
{
    internal static void Verify(JsonElement vector)
    {
        using var self = Bundle(vector);
        using var signatureKey = vector.Suite().Signature.Import(vector.Hex("signature_priv"));
        var policy = Policy(vector);
        var group = Join(vector, self, signatureKey, policy);
        Expect.Same("initial_epoch_authenticator", vector.Hex("initial_epoch_authenticator"), group.EpochAuthenticator.Span);
        int number = 0;
        foreach (var epoch in vector.Items("epochs"))
        {
            foreach (var proposal in epoch.Items("proposals")) group = Adopt(group, Next(group.Handle(proposal.Hex()), number));
            group = Adopt(group, Next(group.Handle(epoch.Hex("commit")), number));
            Expect.Same($"epochs[{number}].epoch_authenticator", epoch.Hex("epoch_authenticator"), group.EpochAuthenticator.Span);
            group = Adopt(group, Restored(group, signatureKey, policy));
            number++;
        }
        group.Dispose();
    }

    private static Group Next(Handled handled, int epoch) => handled switch
    {
        Handled.ProposalReceived { Next: var next } => next,
        Handled.CommitApplied { Next: var next } => next,
        Handled.Rejected { Rule: var rule } => throw new VectorMismatchException($"epochs[{epoch}]: rejected: {rule}"),
        _ => throw new VectorMismatchException($"epochs[{epoch}]: {handled.GetType().Name}"),
    };

    private static Group Restored(Group group, SignatureKey signatureKey, GroupPolicy policy)
    {
        using var state = group.Serialize();
        return Group.Restore(state.Reveal(), signatureKey, policy);
    }

    private static Group Adopt(Group before, Group next)
    {
        before.Dispose();
        return next;
    }

    private static Group Join(JsonElement vector, KeyPackageBundle self, SignatureKey signatureKey, GroupPolicy policy)
    {
        var tree = vector.GetProperty("ratchet_tree");
        ReadOnlyMemory<byte>? beside = tree.ValueKind == JsonValueKind.Null ? null : tree.Hex();
        return Group.Join(vector.Hex("welcome"), self, signatureKey, beside, policy) switch
        {
            JoinOutcome.Joined { Group: var group } => group,
            JoinOutcome.Rejected { Rule: var rule } => throw new VectorMismatchException($"the Welcome is rejected: {rule}"),
            _ => throw new VectorMismatchException("the Welcome is not followed"),
        };
    }

    private static GroupPolicy Policy(JsonElement vector)
    {
        var psks = vector.Items("external_psks").ToDictionary(psk => psk.Text("psk_id"), psk => psk.Secret("psk"));
        return new GroupPolicy
        {
            AcceptLeaf = static (_, _) => true,
            Psks = id => id is ExternalPskId external ? psks.GetValueOrDefault(Convert.ToHexStringLower(external.Id.Span)) : null,
            PastResumptionPsks = 100,
        };
    }

    private static KeyPackageBundle Bundle(JsonElement vector) => KeyPackageBundle.Import(
        Expect.Present("KeyPackage", Tls.Decode<MlsMessage>(vector.Hex("key_package")).KeyPackage),
        vector.Hex("init_priv"),
        vector.Hex("encryption_priv"));
}
