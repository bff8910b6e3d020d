using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>What a person says of themselves, signed by their user identity key. It never reaches the server in the clear.</summary>
/// <param name="Pin">The account's PIN.</param>
/// <param name="IdentityKey">The user identity's public key.</param>
/// <param name="Name">The display name.</param>
/// <param name="Signature">By the identity key over <see cref="ToBeSigned"/>.</param>
public sealed record Card(Pin Pin, ReadOnlyMemory<byte> IdentityKey, string Name, ReadOnlyMemory<byte> Signature) : ITlsStruct<Card>
{
    /// <inheritdoc/>
    public static Card Decode(ref TlsReader reader)
    {
        FormatVersion.Read(ref reader);
        var card = new Card(
            Pin.Decode(ref reader), Wire.ReadPublicKey(ref reader), reader.ReadText(ProtocolLimits.NameBytes), Wire.ReadSignature(ref reader));
        if (DisplayName.Problem(card.Name) is { } problem) throw new CodecException(problem);
        return card;
    }

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        FormatVersion.Write(writer);
        Pin.Encode(writer);
        writer.WriteBytes(IdentityKey.Span);
        writer.WriteText(Name);
        writer.WriteBytes(Signature.Span);
    }

    /// <summary>Says whose, not their name.</summary>
    public override string ToString() => $"Card({Pin})";

    /// <summary>What the identity key signs.</summary>
    public static byte[] ToBeSigned(Pin pin, ReadOnlySpan<byte> identityKey, string name)
    {
        var writer = new TlsWriter();
        writer.WriteText("Holdfast 1 card");
        pin.Encode(writer);
        writer.WriteOpaque(identityKey);
        writer.WriteText(name);
        return writer.ToArray();
    }
}
