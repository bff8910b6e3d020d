using System.Text.Json;
using Xunit;

namespace Holdfast.Mls.Tests;

public sealed class SecretTreeVectors
{
    public static IEnumerable<TheoryDataRow<int>> Cases => VectorCases.Of("secret-tree");

    [Theory, MemberData(nameof(Cases))]
    public void KeysAndNoncesAreAsPublished(int index)
    {
        var vector = VectorCases.Get("secret-tree", index);
        JsonElement[] leaves = [.. vector.GetProperty("leaves").EnumerateArray()];
        var tree = SecretTree.Create(vector.Suite(), vector.Secret("encryption_secret"), (uint)leaves.Length, new RatchetLimits());
        for (uint leaf = 0; leaf < leaves.Length; leaf++)
        {
            foreach (var step in leaves[leaf].EnumerateArray())
            {
                uint generation = step.GetProperty("generation").GetUInt32();
                tree = Check(tree, leaf, RatchetType.Handshake, generation, step.Hex("handshake_key"), step.Hex("handshake_nonce"));
                tree = Check(tree, leaf, RatchetType.Application, generation, step.Hex("application_key"), step.Hex("application_nonce"));
            }
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void SenderDataKeysAreAsPublished(int index)
    {
        var vector = VectorCases.Get("secret-tree", index);
        var data = vector.GetProperty("sender_data");
        using var secret = data.Secret("sender_data_secret");
        using var key = SenderData.DeriveKey(vector.Suite(), secret, data.Hex("ciphertext"));
        using var nonce = SenderData.DeriveNonce(vector.Suite(), secret, data.Hex("ciphertext"));
        Assert.Equal(data.Hex("key"), key.Reveal());
        Assert.Equal(data.Hex("nonce"), nonce.Reveal());
    }

    private static SecretTree Check(SecretTree tree, uint leaf, RatchetType type, uint generation, byte[] key, byte[] nonce)
    {
        using (tree)
        {
            using var step = tree.Take(new LeafIndex(leaf), type, generation);
            Assert.Equal(key, step.RevealKey());
            Assert.Equal(nonce, step.RevealNonce());
            return step.Adopt();
        }
    }
}
