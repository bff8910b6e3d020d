using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>Seals inbox items with HPKE to the inbox key in a device's leaf, padded to a bucket and bound to the device.</summary>
internal static class InboxSeal
{
    private static readonly HpkeSuite Hpke = ConversationSuite.Suite.Hpke;

    private static ReadOnlySpan<byte> Info => "Holdfast 1 inbox"u8;

    internal static Delivery Seal(SealedItem item, LeafNode recipient, RandomSource random)
    {
        var device = DeviceCredential.Verify(recipient)!.Device;
        byte[] padded = Padding.Pad(Tls.Encode(item));
        var message = Hpke.Seal(LeafTraits.InboxKeyOf(recipient)!.Value.Span, Info, device.ToBytes(), padded, random)!;
        var delivery = new Delivery(device, (byte[])[.. message.Encapsulation.Span, .. message.Ciphertext.Span]);
        if (delivery.Bytes.Length > ProtocolLimits.InboxItemBytes)
            throw new VaultException(VaultError.Refused, "The conversation has too many members for its welcome to be delivered.");
        return delivery;
    }

    /// <summary>The item, or null where the bytes are not one that was sealed to us.</summary>
    internal static SealedItem? Open(ReadOnlySpan<byte> bytes, Profile profile)
    {
        int encapsulation = Hpke.Kem.EncapsulationSize;
        if (bytes.Length < encapsulation) return null;
        using var padded = Hpke.Open(profile.Inbox, bytes[..encapsulation], Info, profile.Device.ToBytes(), bytes[encapsulation..]);
        if (padded is null) return null;
        try { return Tls.Decode<SealedItem>(Padding.Unpad(padded.Reveal())); }
        catch (CodecException) { return null; }
    }
}
