namespace Holdfast.Mls.Bench;

/// <summary>
/// The least that an operation can cost: the sum of the cryptography that RFC 9420 asks for, at the prices measured in the same
/// run. A signature's price includes that it is verified before it leaves. Sizes and counts are those of the operation measured.
/// </summary>
internal sealed class Floor(Primitives cost)
{
    /// <summary>RFC 9180: the encapsulation's key pair, the agreement, five HKDF steps and the sealing.</summary>
    private double HpkeSeal => cost.KemGenerate + cost.Agree + (5 * cost.Mac) + cost.Aead;

    private double HpkeOpen => cost.Agree + (5 * cost.Mac) + cost.Aead;

    /// <summary>RFC 9420 §8: joiner, member and epoch secret, the ten secrets of an epoch, its tag, and the two transcript hashes.</summary>
    private double NewEpoch => (16 * cost.Mac) + (2 * cost.Hash);

    /// <summary>RFC 9420 §7.4: node secret, next path secret, the two steps of DeriveKeyPair, and the key.</summary>
    private double PathNode => cost.KemGenerate + (4 * cost.Mac);

    /// <summary>RFC 9420 §6.3: two seals, three steps of the ratchet, and key and nonce of the sender data.</summary>
    private double PrivateFraming(int size) => (2 * cost.Aead) + (size * cost.AeadByte) + (5 * cost.Mac);

    private double Sign(int size) => cost.Sign + (size * cost.SignByte);

    private double Verify(int size) => cost.Verify + (size * cost.VerifyByte);

    private double Hash(int size) => cost.Hash + (size * cost.HashByte);

    internal double KeyPackage(int size) => (2 * cost.KemGenerate) + Sign(size) + Sign(size / 2);

    internal double Create() => NewEpoch + cost.Hash;

    internal double Protect(int size) => Sign(size) + PrivateFraming(size);

    internal double Unprotect(int size) => Verify(size) + PrivateFraming(size);

    /// <summary>RFC 9420 §9: two secrets for each node above a sender's leaf, and its two ratchets.</summary>
    internal double OpenRatchets(int height) => 2 * (height + 1) * cost.Mac;

    /// <summary>Two verifications and a seal for each new member, without a path.</summary>
    internal double AddMembers(int added, Shape shape) =>
        (added * ((2 * Verify(shape.LeafBytes)) + HpkeSeal + Hash(2 * shape.LeafBytes))) + HashTree(shape, added)
        + Sign(shape.CommitBytes) + Sign(shape.GroupInfoBytes) + PrivateFraming(shape.CommitBytes) + Hash(shape.CommitBytes)
        + (shape.GroupInfoBytes * (cost.AeadByte + cost.HashByte)) + NewEpoch;

    /// <summary>The signature of each leaf and of the GroupInfo, the tree hash, and the parent hashes of all parents.</summary>
    internal double Join(Shape shape) =>
        HpkeOpen + Verify(shape.GroupInfoBytes) + (shape.GroupInfoBytes * (cost.AeadByte + cost.HashByte)) + NewEpoch
        + (shape.Members * Verify(shape.LeafBytes)) + HashTree(shape, shape.Members) + (shape.Parents * cost.Hash);

    internal double SelfUpdate(Shape shape) =>
        cost.KemGenerate + (shape.PathNodes * (PathNode + (3 * cost.Hash))) + (shape.Recipients * HpkeSeal)
        + Sign(shape.LeafBytes) + Sign(shape.CommitBytes) + PrivateFraming(shape.CommitBytes) + Hash(shape.CommitBytes) + NewEpoch;

    internal double ProcessUpdate(Shape shape) =>
        Verify(shape.CommitBytes) + PrivateFraming(shape.CommitBytes) + Hash(shape.CommitBytes) + Verify(shape.LeafBytes)
        + HpkeOpen + (shape.PathNodes * (PathNode + (3 * cost.Hash))) + NewEpoch;

    internal double ExternalJoin(Shape shape) => Join(shape) + SelfUpdate(shape) - Verify(shape.GroupInfoBytes);

    private double HashTree(Shape shape, int leaves) => leaves * (Hash(shape.LeafBytes) + Hash(2 * 32));
}

/// <summary>What a floor depends on besides the prices.</summary>
/// <param name="Members">How many members there are.</param>
/// <param name="Parents">How many parent nodes are not blank.</param>
/// <param name="PathNodes">How long the path is, or what of it a receiver derives.</param>
/// <param name="Recipients">To how many nodes path secrets are sealed.</param>
/// <param name="CommitBytes">The size of the commit that is signed.</param>
/// <param name="GroupInfoBytes">The size of the GroupInfo, with the tree where it is inside.</param>
/// <param name="LeafBytes">The size of a leaf.</param>
internal sealed record Shape(
    int Members, int Parents = 0, int PathNodes = 0, int Recipients = 0, int CommitBytes = 0, int GroupInfoBytes = 0, int LeafBytes = 200);
