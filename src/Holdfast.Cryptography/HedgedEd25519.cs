using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Holdfast.Cryptography;

/// <summary>
/// Ed25519 signatures whose nonce has fresh randomness in it beside the key and the message (draft-irtf-cfrg-det-sigs-with-noise-05 §4): who
/// makes one device sign one message twice, to disturb it once, learns nothing from comparing the two, for they differ anyway. RFC 8032's
/// own nonce has none. Verifiers see no difference. Were the randomness bad, the nonce is as good as RFC 8032's. Each step is libsodium's, in
/// constant time.
/// </summary>
internal static unsafe class HedgedEd25519
{
    private const int ScalarBytes = 32, PointBytes = 32, HashBytes = 64, BlockBytes = 128;

    /// <summary>Signs; the caller verifies what comes out before it lets go of it.</summary>
    /// <param name="expanded">The seed and the public key that follows from it.</param>
    /// <param name="message">What to sign.</param>
    /// <param name="signature">Where the signature goes: 64 bytes.</param>
    /// <param name="fault">What goes wrong on the way: nothing, but for tests.</param>
    internal static void Sign<TFault>(ReadOnlySpan<byte> expanded, ReadOnlySpan<byte> message, Span<byte> signature, TFault fault)
        where TFault : struct, ISigningFault
    {
        Steps work = default;
        Span<byte> room = MemoryMarshal.AsBytes(new Span<Steps>(ref work));
        try
        {
            fixed (byte* keys = expanded, content = message, result = signature) Sign(&work, keys, content, message.Length, result, fault);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(room);
        }
    }

    private static void Sign<TFault>(Steps* work, byte* keys, byte* message, int length, byte* signature, TFault fault)
        where TFault : struct, ISigningFault
    {
        byte* publicKey = keys + Ed25519.SeedSize;
        _ = Sodium.crypto_hash_sha512(work->Hash, keys, Ed25519.SeedSize);
        fault.At(SigningPoint.Expanded, new(work->Hash, HashBytes));
        Clamp(work->Hash, work->Scalar);
        fault.At(SigningPoint.Scalar, new(work->Scalar, ScalarBytes));

        // Z || prefix || zeros up to a whole block: so the message never shares one with what is secret.
        RandomSource.System.FillSecret(new(work->Block, ScalarBytes));   // never a test's own: it would be the nonce that repeats
        fault.At(SigningPoint.Noise, new(work->Block, ScalarBytes));
        Copy(work->Hash + ScalarBytes, work->Block + ScalarBytes, ScalarBytes);
        fault.At(SigningPoint.Prefix, new(work->Block + ScalarBytes, ScalarBytes));
        HashOf(work, work->Block, BlockBytes, null, 0, message, length, work->Nonce);
        fault.At(SigningPoint.Nonce, new(work->Nonce, ScalarBytes));
        _ = Sodium.crypto_scalarmult_ed25519_base_noclamp(signature, work->Nonce);
        fault.At(SigningPoint.Commitment, new(signature, PointBytes));
        fault.At(SigningPoint.NonceAgain, new(work->Nonce, ScalarBytes));

        // RFC 8032 §5.1.6: S = r + SHA-512(R || A || M) s.
        HashOf(work, signature, PointBytes, publicKey, PointBytes, message, length, work->Challenge);
        fault.At(SigningPoint.Challenge, new(work->Challenge, ScalarBytes));
        Sodium.crypto_core_ed25519_scalar_mul(work->Product, work->Challenge, work->Scalar);
        fault.At(SigningPoint.Product, new(work->Product, ScalarBytes));
        Sodium.crypto_core_ed25519_scalar_add(signature + PointBytes, work->Product, work->Nonce);
        fault.At(SigningPoint.Response, new(signature + PointBytes, ScalarBytes));
    }

    /// <summary>A hash of up to three parts as a number modulo the group's order.</summary>
    private static void HashOf(Steps* work, byte* first, int firstLength, byte* second, int secondLength, byte* message, int length, byte* scalar)
    {
        _ = Sodium.crypto_hash_sha512_init((byte*)work->State);
        _ = Sodium.crypto_hash_sha512_update((byte*)work->State, first, (ulong)firstLength);
        if (secondLength > 0) _ = Sodium.crypto_hash_sha512_update((byte*)work->State, second, (ulong)secondLength);
        _ = Sodium.crypto_hash_sha512_update((byte*)work->State, message, (ulong)length);
        _ = Sodium.crypto_hash_sha512_final((byte*)work->State, work->Digest);
        Sodium.crypto_core_ed25519_scalar_reduce(scalar, work->Digest);
    }

    /// <summary>RFC 8032 §5.1.5: the secret scalar, modulo the group's order.</summary>
    private static void Clamp(byte* hash, byte* scalar)
    {
        byte* wide = stackalloc byte[HashBytes];
        Copy(hash, wide, ScalarBytes);
        wide[0] &= 0xf8;
        wide[ScalarBytes - 1] = (byte)((wide[ScalarBytes - 1] & 0x7f) | 0x40);
        Sodium.crypto_core_ed25519_scalar_reduce(scalar, wide);
        CryptographicOperations.ZeroMemory(new(wide, HashBytes));
    }

    private static void Copy(byte* from, byte* to, int bytes) => new ReadOnlySpan<byte>(from, bytes).CopyTo(new(to, bytes));

    /// <summary>All that is secret on the way, in one place, which is wiped.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Steps
    {
        internal fixed ulong State[Sodium.Sha512StateSize / sizeof(ulong)];
        internal fixed byte Hash[HashBytes];
        internal fixed byte Digest[HashBytes];
        internal fixed byte Block[BlockBytes];
        internal fixed byte Scalar[ScalarBytes];
        internal fixed byte Nonce[ScalarBytes];
        internal fixed byte Challenge[ScalarBytes];
        internal fixed byte Product[ScalarBytes];
    }
}

/// <summary>The values that a signature comes from, in order.</summary>
internal enum SigningPoint
{
    /// <summary>The hash of the seed.</summary>
    Expanded,

    /// <summary>Its first half as the secret scalar.</summary>
    Scalar,

    /// <summary>Fresh randomness.</summary>
    Noise,

    /// <summary>The second half of the seed's hash, where it goes into the nonce.</summary>
    Prefix,

    /// <summary>The nonce.</summary>
    Nonce,

    /// <summary>The point R.</summary>
    Commitment,

    /// <summary>The nonce once more, now that R has come from it.</summary>
    NonceAgain,

    /// <summary>The hash over R, the public key and the message.</summary>
    Challenge,

    /// <summary>The challenge times the secret scalar.</summary>
    Product,

    /// <summary>The number S.</summary>
    Response,
}

/// <summary>What goes wrong while a signature is made. A type of its own for each, so that in what ships there is nothing to set.</summary>
internal interface ISigningFault
{
    /// <summary>Called with each value once it is there.</summary>
    void At(SigningPoint point, Span<byte> value);
}

/// <summary>Nothing does.</summary>
internal readonly struct NoSigningFault : ISigningFault
{
    public void At(SigningPoint point, Span<byte> value)
    {
    }
}
