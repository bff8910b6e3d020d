using System.Text.Json;

namespace Holdfast.Mls.Vectors;

/// <summary>RFC 9420 §9, §6.3.2: keys and nonces of messages and of their sender data.</summary>
internal static class SecretTrees
{
    internal static void Verify(JsonElement vector)
    {
        CheckSenderData(vector);
        JsonElement[] leaves = [.. vector.Items("leaves")];
        var tree = SecretTree.Create(vector.Suite(), vector.Secret("encryption_secret"), (uint)leaves.Length, new RatchetLimits());
        for (uint leaf = 0; leaf < leaves.Length; leaf++)
        {
            foreach (var step in leaves[leaf].EnumerateArray())
            {
                uint generation = step.UInt32("generation");
                tree = Take(tree, leaf, RatchetType.Handshake, generation, step.Hex("handshake_key"), step.Hex("handshake_nonce"));
                tree = Take(tree, leaf, RatchetType.Application, generation, step.Hex("application_key"), step.Hex("application_nonce"));
            }
        }
        tree.Dispose();
    }

    private static void CheckSenderData(JsonElement vector)
    {
        var data = vector.GetProperty("sender_data");
        using var secret = data.Secret("sender_data_secret");
        Span<byte> key = stackalloc byte[vector.Suite().Aead.KeySize], nonce = stackalloc byte[vector.Suite().Aead.NonceSize];
        SenderData.Derive(vector.Suite(), secret, data.Hex("ciphertext"), key, nonce);
        Expect.Same("sender_data.key", data.Hex("key"), key);
        Expect.Same("sender_data.nonce", data.Hex("nonce"), nonce);
    }

    private static SecretTree Take(SecretTree tree, uint leaf, RatchetType type, uint generation, byte[] key, byte[] nonce)
    {
        using (tree)
        {
            using var step = tree.Take(new LeafIndex(leaf), type, generation, stackalloc byte[RatchetStep.Room]);
            Expect.Same($"leaf {leaf}'s {type} key of generation {generation}", key, step.RevealKey());
            Expect.Same($"leaf {leaf}'s {type} nonce of generation {generation}", nonce, step.RevealNonce());
            return step.Adopt();
        }
    }
}
