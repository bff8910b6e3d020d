namespace Holdfast.Cryptography;

/// <summary>Hybrid public key encryption, base mode (RFC 9180 §5.1.1), with export.</summary>
public sealed class HpkeSuite
{
    private readonly Hkdf _hkdf;
    private readonly Aead _aead;
    private readonly LabeledHkdf _labeled;

    /// <summary>A suite of the three algorithms and their registered ids (RFC 9180 §7).</summary>
    public HpkeSuite(Kem kem, Hkdf hkdf, ushort kdfId, Aead aead, ushort aeadId)
    {
        (Kem, _hkdf, _aead) = (kem, hkdf, aead);
        _labeled = new LabeledHkdf(hkdf, "HPKE"u8, [kem.Id, kdfId, aeadId]);
    }

    /// <summary>The suite's key encapsulation mechanism.</summary>
    public Kem Kem { get; }

    /// <summary>RFC 9180 §5.1.1 SetupBaseS, or null for a public key that contributes nothing.</summary>
    public HpkeContext? SetupSender(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> info, RandomSource random, out byte[] encapsulation)
    {
        using var shared = Kem.Encapsulate(publicKey, random, out encapsulation);
        return shared is null ? null : Schedule(shared, info);
    }

    /// <summary>RFC 9180 §5.1.1 SetupBaseR, or null for an encapsulation that is malformed.</summary>
    public HpkeContext? SetupReceiver(KemKey key, ReadOnlySpan<byte> encapsulation, ReadOnlySpan<byte> info)
    {
        using var shared = key.Decapsulate(encapsulation);
        return shared is null ? null : Schedule(shared, info);
    }

    /// <summary>RFC 9180 §6.1 SealBase: one message; null for a public key that contributes nothing.</summary>
    public HpkeMessage? Seal(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> info, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext, RandomSource random)
    {
        using var context = SetupSender(publicKey, info, random, out byte[] encapsulation);
        return context is null ? null : new HpkeMessage(encapsulation, context.Seal(associated, plaintext));
    }

    /// <summary>RFC 9180 §6.1 OpenBase: one message; null for anything but the genuine ciphertext.</summary>
    public Secret? Open(
        KemKey key, ReadOnlySpan<byte> encapsulation, ReadOnlySpan<byte> info, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> ciphertext)
    {
        using var context = SetupReceiver(key, encapsulation, info);
        return context?.Open(associated, ciphertext);
    }

    /// <summary>RFC 9180 §5.1 KeySchedule, base mode.</summary>
    private HpkeContext Schedule(Secret shared, ReadOnlySpan<byte> info)
    {
        using var pskIdHash = _labeled.Extract([], "psk_id_hash"u8, []);
        using var infoHash = _labeled.Extract([], "info_hash"u8, info);
        byte[] context = [0, .. pskIdHash.Reveal(), .. infoHash.Reveal()];
        using var secret = _labeled.Extract(shared.Reveal(), "secret"u8, []);
        return new HpkeContext(
            _aead,
            _labeled,
            _labeled.Expand(secret.Reveal(), "key"u8, context, _aead.KeySize),
            _labeled.Expand(secret.Reveal(), "base_nonce"u8, context, _aead.NonceSize),
            _labeled.Expand(secret.Reveal(), "exp"u8, context, _hkdf.HashSize));
    }
}

/// <summary>An encapsulation and what was sealed under it.</summary>
public sealed record HpkeMessage(ReadOnlyMemory<byte> Encapsulation, ReadOnlyMemory<byte> Ciphertext);
