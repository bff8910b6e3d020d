using System.Runtime.InteropServices;

namespace Holdfast.Cryptography;

/// <summary>The functions of libsodium 1.0.22 that we call, bound directly: NSec's handles cost more than the operations.</summary>
internal static unsafe partial class Sodium
{
    internal const int Curve25519Size = 32;
    internal const int Ed25519SignatureSize = 64;
    internal const int Sha512StateSize = 208;
    internal const int XChaChaNonceSize = 24;
    internal const int MlKem768SeedSize = 64;
    internal const int MlKem768PrivateKeySize = 2400;

    private const string Library = "libsodium";

    static Sodium()
    {
        if (sodium_init() < 0) throw new InvalidOperationException("libsodium could not be initialised");
    }

    [LibraryImport(Library)]
    private static partial int sodium_init();

    [LibraryImport(Library)]
    internal static partial int crypto_scalarmult_curve25519(byte* shared, byte* privateKey, byte* publicKey);

    [LibraryImport(Library)]
    internal static partial int crypto_scalarmult_curve25519_base(byte* publicKey, byte* privateKey);

    [LibraryImport(Library)]
    internal static partial int crypto_kem_mlkem768_seed_keypair(byte* publicKey, byte* privateKey, byte* seed);

    [LibraryImport(Library)]
    internal static partial int crypto_kem_mlkem768_enc_deterministic(byte* ciphertext, byte* shared, byte* publicKey, byte* random);

    [LibraryImport(Library)]
    internal static partial int crypto_kem_mlkem768_dec(byte* shared, byte* ciphertext, byte* privateKey);

    [LibraryImport(Library)]
    internal static partial int crypto_kem_xwing_seed_keypair(byte* publicKey, byte* privateKey, byte* seed);

    [LibraryImport(Library)]
    internal static partial int crypto_kem_xwing_enc_deterministic(byte* ciphertext, byte* shared, byte* publicKey, byte* random);

    [LibraryImport(Library)]
    internal static partial int crypto_kem_xwing_dec(byte* shared, byte* ciphertext, byte* seed);

    [LibraryImport(Library)]
    internal static partial int crypto_xof_shake256(byte* output, nuint outputLength, byte* input, ulong inputLength);

    [LibraryImport(Library)]
    internal static partial int crypto_sign_ed25519_seed_keypair(byte* publicKey, byte* privateKey, byte* seed);

    [LibraryImport(Library)]
    internal static partial int crypto_hash_sha512(byte* hash, byte* input, ulong inputLength);

    [LibraryImport(Library)]
    internal static partial int crypto_hash_sha512_init(byte* state);

    [LibraryImport(Library)]
    internal static partial int crypto_hash_sha512_update(byte* state, byte* input, ulong inputLength);

    [LibraryImport(Library)]
    internal static partial int crypto_hash_sha512_final(byte* state, byte* hash);

    [LibraryImport(Library)]
    internal static partial int crypto_scalarmult_ed25519_base_noclamp(byte* point, byte* scalar);

    [LibraryImport(Library)]
    internal static partial void crypto_core_ed25519_scalar_reduce(byte* scalar, byte* wide);

    [LibraryImport(Library)]
    internal static partial void crypto_core_ed25519_scalar_mul(byte* product, byte* scalar, byte* other);

    [LibraryImport(Library)]
    internal static partial void crypto_core_ed25519_scalar_add(byte* sum, byte* scalar, byte* other);

    [LibraryImport(Library)]
    internal static partial int crypto_sign_ed25519_verify_detached(
        byte* signature, byte* message, ulong messageLength, byte* publicKey);

    [LibraryImport(Library)]
    internal static partial int crypto_aead_xchacha20poly1305_ietf_encrypt_detached(
        byte* ciphertext, byte* tag, ulong* tagLength, byte* message, ulong messageLength,
        byte* associated, ulong associatedLength, byte* secretNonce, byte* nonce, byte* key);

    [LibraryImport(Library)]
    internal static partial int crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
        byte* message, byte* secretNonce, byte* ciphertext, ulong ciphertextLength, byte* tag,
        byte* associated, ulong associatedLength, byte* nonce, byte* key);

    [LibraryImport(Library)]
    internal static partial int crypto_pwhash_argon2id(
        byte* output, ulong outputLength, byte* passcode, ulong passcodeLength, byte* salt,
        ulong operations, nuint memory, int algorithm);
}
