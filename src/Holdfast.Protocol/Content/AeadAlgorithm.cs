namespace Holdfast.Protocol;

/// <summary>How an external part is encrypted: the numbers of the IANA AEAD registry (RFC 5116 §6); others are kept as they are.</summary>
public enum AeadAlgorithm : ushort
{
    /// <summary>Not encrypted; key, nonce and aad are empty.</summary>
    None = 0,

    /// <summary>AEAD_AES_128_GCM.</summary>
    Aes128Gcm = 1,

    /// <summary>AEAD_AES_256_GCM.</summary>
    Aes256Gcm = 2,

    /// <summary>AEAD_CHACHA20_POLY1305.</summary>
    ChaCha20Poly1305 = 29,

    /// <summary>Holdfast's own encryption of large files in chunks: RFC 5116 §6 leaves 32768 and above to private use.</summary>
    HoldfastChunks = 0x8001,
}
