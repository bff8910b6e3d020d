using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Vault;

/// <summary>
/// A secret of 32 bytes sealed to a token's key: HPKE (RFC 9180), base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. Sealing
/// needs the public point alone; opening needs one ECDH of the token. The info names profile, token and version, and where the key is found is
/// authenticated, so that an envelope opens in its own place and in no other.
/// </summary>
internal static class TokenEnvelope
{
    /// <summary>The size of the secret in bytes.</summary>
    internal const int SecretBytes = 32;

    private static readonly HpkeSuite Suite = new(DhKemNist.P256, Hkdf.Sha256, 1, Aead.Aes256Gcm, 2);

    /// <summary>Seals a secret into a record that has none yet.</summary>
    internal static TokenRecord Seal(TokenRecord place, ReadOnlySpan<byte> profile, Secret secret, RandomSource random)
    {
        var sealedSecret = Suite.Seal(place.Point.Span, Info(place, profile), Associated(place), secret.Reveal(), random)
            ?? throw new TokenException(TokenFault.Lied);
        return place with { Encapsulation = sealedSecret.Encapsulation, Sealed = sealedSecret.Ciphertext };
    }

    /// <summary>Opens it with the key that the token has open.</summary>
    /// <exception cref="TokenException">The token failed, or the record is not of this profile and token.</exception>
    internal static Secret Open(TokenRecord record, ReadOnlySpan<byte> profile, TokenClient token)
    {
        if (!DhKemNist.P256.IsValidPublicKey(record.Point.Span)) throw new TokenException(TokenFault.BadRecord);
        using var key = DhKemNist.P256.HeldElsewhere(record.Point, point => token.Agree(point.Span));
        return Suite.Open(key, record.Encapsulation.Span, Info(record, profile), Associated(record), record.Sealed.Span)
            ?? throw new TokenException(TokenFault.BadRecord);
    }

    private static byte[] Info(TokenRecord record, ReadOnlySpan<byte> profile)
    {
        using var writer = new TlsWriter();
        writer.WriteBytes("Holdfast token envelope"u8);
        writer.WriteUInt8(TokenRecord.Version);
        writer.WriteOpaque(profile);
        writer.WriteBytes(record.Token.Span);
        return writer.ToArray();
    }

    private static byte[] Associated(TokenRecord record)
    {
        using var writer = new TlsWriter();
        record.EncodePlace(writer);
        return writer.ToArray();
    }
}
