namespace Holdfast.Cryptography;

/// <summary>One cipher suite of the IANA registry that RFC 9420 §17.1 set up: the algorithms a group agrees on.</summary>
public sealed class CipherSuite
{
    private static readonly CipherSuite[] Known =
    [
        new(0x0001, "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519", new DhKemX25519(), Hkdf.Sha256, 1, Aead.Aes128Gcm, 1, new Ed25519()),
        new(0x0002, "MLS_128_DHKEMP256_AES128GCM_SHA256_P256", DhKemNist.P256, Hkdf.Sha256, 1, Aead.Aes128Gcm, 1, Ecdsa.P256),
        new(0x0003, "MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519", new DhKemX25519(), Hkdf.Sha256, 1, Aead.ChaCha20Poly1305, 3, new Ed25519()),
        new(0x0004, "MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448", new DhKemX448(), Hkdf.Sha512, 3, Aead.Aes256Gcm, 2, new Ed448()),
        new(0x0005, "MLS_256_DHKEMP521_AES256GCM_SHA512_P521", DhKemNist.P521, Hkdf.Sha512, 3, Aead.Aes256Gcm, 2, Ecdsa.P521),
        new(0x0006, "MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448", new DhKemX448(), Hkdf.Sha512, 3, Aead.ChaCha20Poly1305, 3, new Ed448()),
        new(0x0007, "MLS_256_DHKEMP384_AES256GCM_SHA384_P384", DhKemNist.P384, Hkdf.Sha384, 2, Aead.Aes256Gcm, 2, Ecdsa.P384),
    ];

    private CipherSuite(
        ushort id, string name, Kem kem, Hkdf hkdf, ushort kdfId, Aead aead, ushort aeadId, SignatureScheme signature)
    {
        (Id, Name, Hkdf, Aead, Signature) = (id, name, hkdf, aead, signature);
        Hpke = new HpkeSuite(kem, hkdf, kdfId, aead, aeadId);
    }

    /// <summary>Suite 0x0001, which every implementation must have (RFC 9420 §17.1).</summary>
    public static CipherSuite Mandatory => Known[0];

    /// <summary>Every suite this build knows.</summary>
    public static IReadOnlyList<CipherSuite> All => Known;

    /// <summary>The registered id.</summary>
    public ushort Id { get; }

    /// <summary>The registered name.</summary>
    public string Name { get; }

    /// <summary>Hash, MAC and key derivation.</summary>
    public Hkdf Hkdf { get; }

    /// <summary>Encryption of messages.</summary>
    public Aead Aead { get; }

    /// <summary>Signatures of members.</summary>
    public SignatureScheme Signature { get; }

    /// <summary>Public key encryption to members and nodes.</summary>
    public HpkeSuite Hpke { get; }

    /// <summary>The suite of that id, or null where this build does not know it.</summary>
    public static CipherSuite? Find(ushort id) => Array.Find(Known, suite => suite.Id == id);

    /// <summary>The registered name.</summary>
    public override string ToString() => Name;
}
