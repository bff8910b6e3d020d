using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>
/// What is signed for the server to verify. Each text starts with the length of a label and the label, its own alone, so that no
/// signature made for one purpose is good for another; so do the texts that only vaults verify, beside their structures.
/// </summary>
public static class SignedTexts
{
    /// <summary>A device's login, bound to this server and this connection, with the delivery key that stands from now on; empty for none.</summary>
    public static byte[] Login(
        ReadOnlySpan<byte> serverKey, ReadOnlySpan<byte> nonce, DeviceId device, ulong counter, ReadOnlySpan<byte> deliveryKey = default)
    {
        var writer = Start("Holdfast 1 login", serverKey, nonce);
        device.Encode(writer);
        writer.WriteUInt64(counter);
        writer.WriteOpaque(deliveryKey);
        return writer.ToArray();
    }

    /// <summary>A locked device's login, bound likewise.</summary>
    public static byte[] DeliveryLogin(ReadOnlySpan<byte> serverKey, ReadOnlySpan<byte> nonce, DeviceId device)
    {
        var writer = Start("Holdfast 1 delivery login", serverKey, nonce);
        device.Encode(writer);
        return writer.ToArray();
    }

    /// <summary>
    /// By an access key: who logs in with this delivery key may read this log. It is made while the device is unlocked, so that a locked one
    /// needs no access key; it is worth nothing without the delivery key, and nothing for posting.
    /// </summary>
    public static byte[] ReadingGrant(ReadOnlySpan<byte> serverKey, ReadOnlySpan<byte> deliveryKey, LogId log)
    {
        var writer = Start("Holdfast 1 reading grant", serverKey, deliveryKey);
        log.Encode(writer);
        return writer.ToArray();
    }

    /// <summary>A subscription to a log, bound to this server and this connection.</summary>
    public static byte[] Subscription(ReadOnlySpan<byte> serverKey, ReadOnlySpan<byte> nonce, LogId log)
    {
        var writer = Start("Holdfast 1 subscription", serverKey, nonce);
        log.Encode(writer);
        return writer.ToArray();
    }

    /// <summary>A registration: whoever asks for the account holds its identity key.</summary>
    public static byte[] Registration(ReadOnlySpan<byte> inviteToken, ReadOnlySpan<byte> identityKey, DeviceId device, ReadOnlySpan<byte> loginKey)
    {
        var writer = Start("Holdfast 1 registration", inviteToken, identityKey);
        device.Encode(writer);
        writer.WriteBytes(loginKey);
        return writer.ToArray();
    }

    private static TlsWriter Start(string label, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var writer = new TlsWriter();
        writer.WriteText(label);
        writer.WriteOpaque(first);
        writer.WriteOpaque(second);
        return writer;
    }
}
