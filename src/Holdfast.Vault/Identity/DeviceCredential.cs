using System.Runtime.CompilerServices;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// What a leaf's basic credential says: this device, with this signature key, belongs to the person of this PIN, and their user
/// identity key says so. The chain is checked for every leaf, always.
/// </summary>
/// <param name="Pin">Whose device.</param>
/// <param name="IdentityKey">Their user identity's public key.</param>
/// <param name="Device">Which device.</param>
/// <param name="Signature">By the identity key over PIN, device and the leaf's signature key.</param>
internal sealed record DeviceCredential(Pin Pin, ReadOnlyMemory<byte> IdentityKey, DeviceId Device, ReadOnlyMemory<byte> Signature)
    : ITlsStruct<DeviceCredential>
{
    /// <summary>A leaf never changes: what was found good of this very object, for as long as there is one, is good.</summary>
    private static readonly ConditionalWeakTable<LeafNode, DeviceCredential> _good = [];

    /// <inheritdoc/>
    public static DeviceCredential Decode(ref TlsReader reader)
    {
        FormatVersion.Read(ref reader);
        return new(
            Pin.Decode(ref reader), reader.ReadBytes(ProtocolLimits.PublicKeyBytes).ToArray(), DeviceId.Decode(ref reader),
            reader.ReadBytes(ProtocolLimits.SignatureBytes).ToArray());
    }

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        FormatVersion.Write(writer);
        Pin.Encode(writer);
        writer.WriteBytes(IdentityKey.Span);
        Device.Encode(writer);
        writer.WriteBytes(Signature.Span);
    }

    /// <summary>Whether both are of one device of one person under one identity.</summary>
    internal bool IsSameDevice(DeviceCredential other) =>
        Pin == other.Pin && Device == other.Device && IdentityKey.Span.SequenceEqual(other.IdentityKey.Span);

    /// <summary>Signs a device with the user identity key.</summary>
    internal static DeviceCredential Issue(Pin pin, SignatureKey identity, DeviceId device, ReadOnlySpan<byte> signatureKey) =>
        new(pin, identity.PublicKey, device, identity.Sign(ToBeSigned(pin, device, signatureKey)));

    /// <summary>The credential of a leaf whose chain holds, or null.</summary>
    internal static DeviceCredential? Verify(LeafNode leaf)
    {
        if (_good.TryGetValue(leaf, out var known)) return known;
        if (leaf.Credential is not BasicCredential basic) return null;
        try
        {
            var credential = Tls.Decode<DeviceCredential>(basic.Identity.Span);
            if (!ConversationSuite.Suite.Signature.Verify(
                credential.IdentityKey.Span, ToBeSigned(credential.Pin, credential.Device, leaf.SignatureKey.Span), credential.Signature.Span)) return null;
            _good.AddOrUpdate(leaf, credential);
            return credential;
        }
        catch (CodecException)
        {
            return null;
        }
    }

    private static byte[] ToBeSigned(Pin pin, DeviceId device, ReadOnlySpan<byte> signatureKey)
    {
        var writer = new TlsWriter();
        writer.WriteText("Holdfast 1 device");
        pin.Encode(writer);
        device.Encode(writer);
        writer.WriteOpaque(signatureKey);
        return writer.ToArray();
    }
}
