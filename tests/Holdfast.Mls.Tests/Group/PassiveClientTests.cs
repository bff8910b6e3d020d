using System.Text.Json;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>The working group's passive client vectors: join by a Welcome and follow every commit, agreeing on each epoch.</summary>
public sealed class PassiveClientTests
{
    [Theory]
    [InlineData("passive-client-welcome", 7 * 8)]
    [InlineData("passive-client-handling-commit", 7 * 13)]
    [InlineData("passive-client-random", 1)]
    public void AgreesWithTheVectorsOnEveryEpoch(string file, int cases)
    {
        var vectors = Vectors.ReadForKnownSuites(file);
        Assert.Equal(cases, vectors.Count);
        foreach (var (suite, vector) in vectors) Follow(suite, vector);
    }

    private static void Follow(CipherSuite suite, JsonElement vector)
    {
        using var self = Bundle(vector);
        using var signatureKey = suite.Signature.Import(vector.Hex("signature_priv"));
        var group = Join(vector, self, signatureKey);
        Assert.Equal(vector.Hex("initial_epoch_authenticator"), group.EpochAuthenticator.ToArray());
        foreach (var epoch in vector.GetProperty("epochs").EnumerateArray())
        {
            foreach (var proposal in epoch.GetProperty("proposals").EnumerateArray())
                group = Adopt(group, Assert.IsType<Handled.ProposalReceived>(group.Handle(proposal.Hex())).Next);
            group = Adopt(group, Assert.IsType<Handled.CommitApplied>(group.Handle(epoch.Hex("commit"))).Next);
            Assert.Equal(epoch.Hex("epoch_authenticator"), group.EpochAuthenticator.ToArray());
            group = Adopt(group, Restored(group, signatureKey, Policy(vector)));
        }
        group.Dispose();
    }

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

    private static Group Join(JsonElement vector, KeyPackageBundle self, SignatureKey signatureKey)
    {
        var tree = vector.GetProperty("ratchet_tree");
        ReadOnlyMemory<byte>? beside = tree.ValueKind == JsonValueKind.Null ? null : tree.Hex();
        var outcome = Group.Join(vector.Hex("welcome"), self, signatureKey, beside, Policy(vector));
        return Assert.IsType<JoinOutcome.Joined>(outcome).Group;
    }

    private static GroupPolicy Policy(JsonElement vector)
    {
        var psks = vector.GetProperty("external_psks").EnumerateArray()
            .ToDictionary(psk => psk.GetProperty("psk_id").GetString()!, psk => Secret.CopyOf(psk.Hex("psk")));
        return new GroupPolicy
        {
            AcceptLeaf = static (_, _) => true,
            Psks = id => id is ExternalPskId external ? psks.GetValueOrDefault(Convert.ToHexStringLower(external.Id.Span)) : null,
            PastResumptionPsks = 100,
        };
    }

    private static KeyPackageBundle Bundle(JsonElement vector) => KeyPackageBundle.Import(
        Tls.Decode<MlsMessage>(vector.Hex("key_package")).KeyPackage!, vector.Hex("init_priv"), vector.Hex("encryption_priv"));
}
