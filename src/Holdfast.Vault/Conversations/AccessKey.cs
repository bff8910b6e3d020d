using Holdfast.Cryptography;
using Holdfast.Mls;

namespace Holdfast.Vault;

/// <summary>The signing key that every member of an epoch derives and the server knows the public half of.</summary>
internal static class AccessKey
{
    private const string Label = "holdfast access key";

    internal static SignatureKey Of(Group group)
    {
        using var seed = SeedOf(group);
        return Of(seed);
    }

    internal static SignatureKey Of(Secret seed) => ConversationSuite.Suite.Signature.Import(seed.Reveal());

    internal static Secret SeedOf(Group group) => group.Export(Label, [], Ed25519.SeedSize);

    internal static ReadOnlyMemory<byte> PublicOf(Group group)
    {
        using var key = Of(group);
        return key.PublicKey.ToArray();
    }
}
