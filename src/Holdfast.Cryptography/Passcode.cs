namespace Holdfast.Cryptography;

/// <summary>Argon2id (RFC 9106): makes a key of a passcode, slowly and with much memory on purpose.</summary>
public static class Passcode
{
    /// <summary>The salt's size in bytes.</summary>
    public const int SaltSize = 16;

    private const int Argon2id13 = 2;

    /// <summary>A 32-byte key.</summary>
    /// <param name="passcode">The passcode's bytes.</param>
    /// <param name="salt">Sixteen random bytes, kept beside what the key protects.</param>
    /// <param name="passes">How often the memory is gone over.</param>
    /// <param name="memoryBytes">How much memory is used.</param>
    /// <exception cref="InsufficientMemoryException">The memory could not be had.</exception>
    public static unsafe Secret DeriveKey(ReadOnlySpan<byte> passcode, ReadOnlySpan<byte> salt, uint passes, uint memoryBytes)
    {
        if (salt.Length != SaltSize) throw new ArgumentException("the salt has 16 bytes", nameof(salt));
        var key = new Secret(32);
        fixed (byte* output = key.Fill(), input = passcode, seasoning = salt)
        {
            if (Sodium.crypto_pwhash_argon2id(output, 32, input, (ulong)passcode.Length, seasoning, passes, memoryBytes, Argon2id13) != 0)
                throw new InsufficientMemoryException("there is not enough memory to derive a key from the passcode");
        }
        return key;
    }
}
