using System.Security.Cryptography;
using Holdfast.Cryptography;

namespace Holdfast.Vault.Pages;

/// <summary>
/// AES-256-GCM under one key. Nonces are random: with the at most 2^30 seals that one key is used for, two are alike with a
/// probability below 2^-37 (NIST SP 800-38D §8.3 allows 2^-32).
/// </summary>
internal sealed class PageCipher : IDisposable
{
    internal const int NonceBytes = 12, TagBytes = 16, OverheadBytes = NonceBytes + TagBytes;

    private readonly AesGcm _aes;
    private readonly RandomSource _random;
    private readonly byte[] _nonces = new byte[64 * NonceBytes];
    private int _noncesUsed;

    internal PageCipher(Secret key, RandomSource random)
    {
        using (key) _aes = new AesGcm(key.Reveal(), TagBytes);
        (_random, _noncesUsed) = (random, _nonces.Length);
    }

    /// <summary>Seals under a fresh nonce, which it writes, too.</summary>
    internal void Seal(ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> associated, Span<byte> ciphertext, Span<byte> nonce, Span<byte> tag)
    {
        if (_noncesUsed == _nonces.Length)
        {
            _random.FillPublic(_nonces);
            _noncesUsed = 0;
        }
        _nonces.AsSpan(_noncesUsed, NonceBytes).CopyTo(nonce);
        _noncesUsed += NonceBytes;
        _aes.Encrypt(nonce, plaintext, ciphertext, tag, associated);
    }

    /// <summary>Whether this is what was sealed; only then is there a plaintext.</summary>
    internal bool TryOpen(ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> tag, Span<byte> plaintext)
    {
        try
        {
            _aes.Decrypt(nonce, ciphertext, tag, plaintext, associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose() => _aes.Dispose();
}
