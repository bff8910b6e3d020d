namespace Holdfast.Mls.Tests;

/// <summary>Leaves that are well-formed and nothing more: framing does not look inside.</summary>
internal static class Leaves
{
    internal static LeafNode Some => new()
    {
        EncryptionKey = new byte[32],
        SignatureKey = new byte[32],
        Credential = new BasicCredential("somebody"u8.ToArray()),
        Capabilities = new Capabilities([], [], [], [], []),
        Source = LeafNodeSource.Commit,
    };

    internal static KeyPackage Package(LeafNode leaf) =>
        new(ProtocolVersion.Mls10, Epoch.Suite.Id, new byte[32], leaf, [], new byte[64]);
}
