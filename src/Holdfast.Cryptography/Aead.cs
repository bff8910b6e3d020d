using System.Security.Cryptography;

namespace Holdfast.Cryptography;

/// <summary>
/// Authenticated encryption with associated data. Ciphertext and tag travel as one, tag last (RFC 5116 §5.1).
/// A wrong argument throws; a forged ciphertext returns false, and then the output is all zeros.
/// </summary>
public abstract class Aead
{
    /// <summary>The tag's size in bytes: 16 for every algorithm here.</summary>
    public const int TagSize = 16;

    /// <summary>AES-128-GCM.</summary>
    public static Aead Aes128Gcm { get; } = new AesGcmAead(16);

    /// <summary>AES-256-GCM.</summary>
    public static Aead Aes256Gcm { get; } = new AesGcmAead(32);

    /// <summary>ChaCha20-Poly1305 (RFC 8439).</summary>
    public static Aead ChaCha20Poly1305 { get; } = new ChaChaAead();

    /// <summary>XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha): its 24-byte nonces may be chosen at random without end.</summary>
    public static Aead XChaCha20Poly1305 { get; } = new XChaChaAead();

    /// <summary>The key's size in bytes.</summary>
    public abstract int KeySize { get; }

    /// <summary>The nonce's size in bytes.</summary>
    public abstract int NonceSize { get; }

    /// <summary>Encrypts into <paramref name="output"/>, which is <see cref="TagSize"/> longer than the plaintext.</summary>
    public void Seal(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext, Span<byte> output)
    {
        Check(key, nonce);
        if (output.Length != plaintext.Length + TagSize) throw new ArgumentException("wrong output size", nameof(output));
        SealCore(key, nonce, associated, plaintext, output[..plaintext.Length], output[plaintext.Length..]);
    }

    /// <summary>Encrypts into a new array.</summary>
    public byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext)
    {
        var output = new byte[plaintext.Length + TagSize];
        Seal(key, nonce, associated, plaintext, output);
        return output;
    }

    /// <summary>Decrypts into <paramref name="output"/>, which is <see cref="TagSize"/> shorter than the ciphertext.</summary>
    public bool TryOpen(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> ciphertext, Span<byte> output)
    {
        Check(key, nonce);
        if (ciphertext.Length < TagSize) return false;
        if (output.Length != ciphertext.Length - TagSize) throw new ArgumentException("wrong output size", nameof(output));
        bool isGenuine;
        try { isGenuine = OpenCore(key, nonce, associated, ciphertext[..output.Length], ciphertext[output.Length..], output); }
        catch (AuthenticationTagMismatchException) { isGenuine = false; }   // as .NET says it
        if (!isGenuine) CryptographicOperations.ZeroMemory(output);
        return isGenuine;
    }

    /// <summary>Decrypts into a new array, or returns null for a forgery.</summary>
    public byte[]? Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> ciphertext)
    {
        var output = new byte[Math.Max(0, ciphertext.Length - TagSize)];
        return TryOpen(key, nonce, associated, ciphertext, output) ? output : null;
    }

    private protected abstract void SealCore(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated,
        ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag);

    private protected abstract bool OpenCore(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated,
        ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext);

    private void Check(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce)
    {
        if (key.Length != KeySize) throw new ArgumentException($"the key must have {KeySize} bytes", nameof(key));
        if (nonce.Length != NonceSize) throw new ArgumentException($"the nonce must have {NonceSize} bytes", nameof(nonce));
    }

    private sealed class AesGcmAead(int keySize) : Aead
    {
        public override int KeySize => keySize;

        public override int NonceSize => 12;

        private protected override void SealCore(
            ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated,
            ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag)
        {
            using var cipher = new AesGcm(key, TagSize);
            cipher.Encrypt(nonce, plaintext, ciphertext, tag, associated);
        }

        private protected override bool OpenCore(
            ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated,
            ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext)
        {
            using var cipher = new AesGcm(key, TagSize);
            cipher.Decrypt(nonce, ciphertext, tag, plaintext, associated);
            return true;
        }
    }

    private sealed class ChaChaAead : Aead
    {
        public override int KeySize => 32;

        public override int NonceSize => 12;

        private protected override void SealCore(
            ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated,
            ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag)
        {
            using var cipher = new System.Security.Cryptography.ChaCha20Poly1305(key);
            cipher.Encrypt(nonce, plaintext, ciphertext, tag, associated);
        }

        private protected override bool OpenCore(
            ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated,
            ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext)
        {
            using var cipher = new System.Security.Cryptography.ChaCha20Poly1305(key);
            cipher.Decrypt(nonce, ciphertext, tag, plaintext, associated);
            return true;
        }
    }

    private sealed class XChaChaAead : Aead
    {
        public override int KeySize => 32;

        public override int NonceSize => Sodium.XChaChaNonceSize;

        private protected override unsafe void SealCore(
            ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated,
            ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag)
        {
            fixed (byte* k = key, n = nonce, a = associated, p = plaintext, c = ciphertext, t = tag)
            {
                _ = Sodium.crypto_aead_xchacha20poly1305_ietf_encrypt_detached(   // cannot fail
                    c, t, null, p, (ulong)plaintext.Length, a, (ulong)associated.Length, null, n, k);
            }
        }

        private protected override unsafe bool OpenCore(
            ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated,
            ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext)
        {
            fixed (byte* k = key, n = nonce, a = associated, p = plaintext, c = ciphertext, t = tag)
            {
                return Sodium.crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
                    p, null, c, (ulong)ciphertext.Length, t, a, (ulong)associated.Length, n, k) == 0;
            }
        }
    }
}
