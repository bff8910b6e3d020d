namespace Holdfast.Cryptography;

/// <summary>One cipher suite of the IANA registry that RFC 9420 §17.1 set up: the algorithms a group agrees on.</summary>
public sealed class CipherSuite
{
    /// <summary>
    /// The code point that <see cref="Hybrid"/> has here while IANA has given it none: private use (RFC 9420 §17.1), and the
    /// last three digits of its KEM's id.
    /// </summary>
    public const ushort HybridCodePoint = 0xF47A;

    private const ushort FirstPrivateUse = 0xF000;

    private CipherSuite(
        ushort id, string name, Kem kem, Hkdf hkdf, ushort kdfId, Aead aead, ushort aeadId, SignatureScheme signature)
        : this(id, name, hkdf, aead, signature, new HpkeSuite(kem, hkdf, kdfId, aead, aeadId))
    {
    }

    private CipherSuite(ushort id, string name, Hkdf hkdf, Aead aead, SignatureScheme signature, HpkeSuite hpke) =>
        (Id, Name, Hkdf, Aead, Signature, Hpke) = (id, name, hkdf, aead, signature, hpke);

    /// <summary>Suite 0x0001, which every implementation must have (RFC 9420 §17.1).</summary>
    public static CipherSuite Mandatory => All[0];

    /// <summary>
    /// The hybrid suite: what is encrypted is safe as long as either ML-KEM-768 or X25519 is; signatures are classical
    /// (draft-ietf-mls-pq-ciphersuites-06, TBD2), under <see cref="HybridCodePoint"/>.
    /// </summary>
    public static CipherSuite Hybrid => All[^1];

    /// <summary>Every suite this build knows: those of RFC 9420 §17.1, and the hybrid one.</summary>
    public static IReadOnlyList<CipherSuite> All { get; } =
    [
        new(0x0001, "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519", new DhKemX25519(), Hkdf.Sha256, 1, Aead.Aes128Gcm, 1, new Ed25519()),
        new(0x0002, "MLS_128_DHKEMP256_AES128GCM_SHA256_P256", DhKemNist.P256, Hkdf.Sha256, 1, Aead.Aes128Gcm, 1, Ecdsa.P256),
        new(0x0003, "MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519", new DhKemX25519(), Hkdf.Sha256, 1, Aead.ChaCha20Poly1305, 3, new Ed25519()),
        new(0x0004, "MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448", new DhKemX448(), Hkdf.Sha512, 3, Aead.Aes256Gcm, 2, new Ed448()),
        new(0x0005, "MLS_256_DHKEMP521_AES256GCM_SHA512_P521", DhKemNist.P521, Hkdf.Sha512, 3, Aead.Aes256Gcm, 2, Ecdsa.P521),
        new(0x0006, "MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448", new DhKemX448(), Hkdf.Sha512, 3, Aead.ChaCha20Poly1305, 3, new Ed448()),
        new(0x0007, "MLS_256_DHKEMP384_AES256GCM_SHA384_P384", DhKemNist.P384, Hkdf.Sha384, 2, Aead.Aes256Gcm, 2, Ecdsa.P384),
        new(
            HybridCodePoint, "MLS_128_MLKEM768X25519_AES256GCM_SHA384_Ed25519", new MlKem768X25519(), Hkdf.Sha384, 2, Aead.Aes256Gcm, 2, new Ed25519()),
    ];

    /// <summary>The id on the wire.</summary>
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
    public static CipherSuite? Find(ushort id) => CipherSuites.Known.Find(id);

    /// <summary>
    /// <see cref="Hybrid"/> under another code point: the one IANA will have given, or another implementation's. What is to find it
    /// there is given a <see cref="CipherSuites"/> that holds it.
    /// </summary>
    /// <exception cref="ArgumentException">The code point is reserved, or another suite's.</exception>
    public static CipherSuite HybridWithCodePoint(ushort id)
    {
        bool isGrease = id < FirstPrivateUse && (id & 0x0f0f) == 0x0a0a && id >> 8 == (id & 0xff);
        if (id == 0 || isGrease || (Find(id) is { } other && other != Hybrid))
            throw new ArgumentException("the code point is taken", nameof(id));
        return id == HybridCodePoint ? Hybrid : new CipherSuite(id, Hybrid.Name, Hybrid.Hkdf, Hybrid.Aead, Hybrid.Signature, Hybrid.Hpke);
    }

    /// <summary>The registered name.</summary>
    public override string ToString() => Name;
}
