using System.Security.Cryptography;

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
        ReadOnlySpan<byte> publicKey,
        ReadOnlySpan<byte> info,
        ReadOnlySpan<byte> associated,
        ReadOnlySpan<byte> plaintext,
        RandomSource random) =>
        Seal(publicKey, Prepare(info), associated, plaintext, random);

    /// <summary>The same for one of many messages under one <paramref name="info"/>.</summary>
    public HpkeMessage? Seal(
        ReadOnlySpan<byte> publicKey, HpkeInfo info, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext, RandomSource random)
    {
        using var shared = Kem.Encapsulate(publicKey, random, out byte[] encapsulation);
        if (shared is null) return null;
        Span<byte> key = stackalloc byte[_aead.KeySize], nonce = stackalloc byte[_aead.NonceSize];
        DeriveOne(shared, info, key, nonce);
        byte[] ciphertext = _aead.Seal(key, nonce, associated, plaintext);
        CryptographicOperations.ZeroMemory(key);
        return new HpkeMessage(encapsulation, ciphertext);
    }

    /// <summary>RFC 9180 §6.1 OpenBase: one message; null for anything but the genuine ciphertext.</summary>
    public Secret? Open(
        KemKey key, ReadOnlySpan<byte> encapsulation, ReadOnlySpan<byte> info, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> ciphertext)
    {
        if (ciphertext.Length < Aead.TagSize) return null;
        using var shared = key.Decapsulate(encapsulation);
        if (shared is null) return null;
        Span<byte> aeadKey = stackalloc byte[_aead.KeySize], nonce = stackalloc byte[_aead.NonceSize];
        DeriveOne(shared, Prepare(info), aeadKey, nonce);
        var plaintext = new Secret(ciphertext.Length - Aead.TagSize);
        bool isGenuine = _aead.TryOpen(aeadKey, nonce, associated, ciphertext, plaintext.Fill());
        CryptographicOperations.ZeroMemory(aeadKey);
        if (isGenuine) return plaintext;
        plaintext.Dispose();
        return null;
    }

    /// <summary>
    /// RFC 9180 §5.1: the key schedule's context for an info, which is the same whoever the message is for: a long info that many messages
    /// share is hashed once.
    /// </summary>
    public HpkeInfo Prepare(ReadOnlySpan<byte> info)
    {
        byte[] context = new byte[1 + (2 * _hkdf.HashSize)];   // mode_base is 0
        _labeled.Extract([], "psk_id_hash"u8, [], context.AsSpan(1, _hkdf.HashSize));
        _labeled.Extract([], "info_hash"u8, info, context.AsSpan(1 + _hkdf.HashSize));
        return new HpkeInfo(context);
    }

    /// <summary>RFC 9180 §5.1 KeySchedule for the one message of SealBase and OpenBase, which exports nothing.</summary>
    private void DeriveOne(Secret shared, HpkeInfo info, Span<byte> key, Span<byte> nonce)
    {
        Span<byte> secret = stackalloc byte[_hkdf.HashSize];
        _labeled.Extract(shared.Reveal(), "secret"u8, [], secret);
        _labeled.Expand(secret, "key"u8, info.Context, key);
        _labeled.Expand(secret, "base_nonce"u8, info.Context, nonce);
        CryptographicOperations.ZeroMemory(secret);
    }

    /// <summary>RFC 9180 §5.1 KeySchedule, base mode.</summary>
    private HpkeContext Schedule(Secret shared, ReadOnlySpan<byte> info)
    {
        byte[] context = Prepare(info).Context;
        using var secret = _labeled.Extract(shared.Reveal(), "secret"u8, []);
        return new HpkeContext(
            _aead,
            _labeled,
            _labeled.Expand(secret.Reveal(), "key"u8, context, _aead.KeySize),
            _labeled.Expand(secret.Reveal(), "base_nonce"u8, context, _aead.NonceSize),
            _labeled.Expand(secret.Reveal(), "exp"u8, context, _hkdf.HashSize));
    }
}

/// <summary>RFC 9180 §5.1: the key_schedule_context of one suite and one info.</summary>
public sealed class HpkeInfo
{
    internal HpkeInfo(byte[] context) => Context = context;

    internal byte[] Context { get; }
}

/// <summary>An encapsulation and what was sealed under it.</summary>
public sealed record HpkeMessage(ReadOnlyMemory<byte> Encapsulation, ReadOnlyMemory<byte> Ciphertext);
