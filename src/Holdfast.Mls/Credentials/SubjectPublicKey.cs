using System.Formats.Asn1;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>The subject public key of an X.509 certificate (RFC 5280 §4.1.2.7).</summary>
/// <param name="Algorithm">The algorithm's object identifier.</param>
/// <param name="Curve">The named curve of an elliptic curve key, or null.</param>
/// <param name="Bits">The key itself: RFC 8410 §4 or SEC 1 §2.3.3, which is how RFC 9420 §5.1.2 writes it too.</param>
internal sealed record SubjectPublicKey(string Algorithm, string? Curve, ReadOnlyMemory<byte> Bits)
{
    private const string EllipticCurve = "1.2.840.10045.2.1", Ed25519Key = "1.3.101.112", Ed448Key = "1.3.101.113";
    private const string P256 = "1.2.840.10045.3.1.7", P384 = "1.3.132.0.34", P521 = "1.3.132.0.35";

    private static readonly Asn1Tag Version = new(TagClass.ContextSpecific, 0, isConstructed: true);

    /// <summary>The key of that certificate, or null where the bytes are not one certificate in DER.</summary>
    internal static SubjectPublicKey? Read(ReadOnlyMemory<byte> certificate)
    {
        try
        {
            var reader = new AsnReader(certificate, AsnEncodingRules.DER);
            var outer = reader.ReadSequence();
            reader.ThrowIfNotEmpty();
            var content = outer.ReadSequence();
            if (content.HasData && content.PeekTag() == Version) content.ReadEncodedValue();
            content.ReadInteger();   // serialNumber
            for (int field = 0; field < 4; field++) content.ReadSequence();   // signature, issuer, validity, subject
            return ReadInfo(content.ReadSequence());
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    /// <summary>Whether it is a key of that scheme.</summary>
    internal bool IsOf(SignatureScheme scheme) => scheme switch
    {
        Ed25519 => (Algorithm, Curve) == (Ed25519Key, null),
        Ed448 => (Algorithm, Curve) == (Ed448Key, null),
        Ecdsa ecdsa when ecdsa == Ecdsa.P256 => (Algorithm, Curve) == (EllipticCurve, P256),
        Ecdsa ecdsa when ecdsa == Ecdsa.P384 => (Algorithm, Curve) == (EllipticCurve, P384),
        Ecdsa ecdsa when ecdsa == Ecdsa.P521 => (Algorithm, Curve) == (EllipticCurve, P521),
        _ => false,
    };

    private static SubjectPublicKey? ReadInfo(AsnReader info)
    {
        var algorithm = info.ReadSequence();
        string identifier = algorithm.ReadObjectIdentifier();
        string? curve = identifier == EllipticCurve ? algorithm.ReadObjectIdentifier() : null;
        byte[] bits = info.ReadBitString(out int unused);
        return unused == 0 ? new SubjectPublicKey(identifier, curve, bits) : null;
    }
}
