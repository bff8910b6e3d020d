using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// The small file that holds the store's key, wrapped under the passcode. Changing the passcode rewrites this file and not
/// the store; destroying it destroys the store. How the passcode was stretched is authenticated with the key.
/// </summary>
internal static class KeyFile
{
    private const uint Magic = 0x48465631;   // "HFV1"
    private const uint Passes = 3;
    private const uint MemoryBytes = 64 << 20;
    private const uint MaxPasses = 64, MinMemoryBytes = 8 << 20, MaxMemoryBytes = 1u << 30;
    private const int StoreKeyBytes = 32;

    /// <summary>Makes the file, durably, and returns the key in it.</summary>
    internal static Secret Create(string path, ReadOnlySpan<byte> passcode, RandomSource random)
    {
        var storeKey = Secret.Random(StoreKeyBytes, random);
        byte[] header = Header(random.PublicBytes(Passcode.SaltSize), Passes, MemoryBytes);
        using var wrapping = Passcode.DeriveKey(passcode, header.AsSpan(^Passcode.SaltSize..), Passes, MemoryBytes);
        byte[] nonce = random.PublicBytes(Aead.XChaCha20Poly1305.NonceSize);
        byte[] wrapped = Aead.XChaCha20Poly1305.Seal(wrapping.Reveal(), nonce, header, storeKey.Reveal());
        WriteDurably(path, [.. header, .. nonce, .. wrapped]);
        return storeKey;
    }

    /// <summary>Unwraps the key.</summary>
    /// <exception cref="VaultException">The passcode is wrong, or the file is damaged or not ours.</exception>
    internal static Secret Open(string path, ReadOnlySpan<byte> passcode)
    {
        try
        {
            byte[] file = File.ReadAllBytes(path);
            var reader = new TlsReader(file);
            if (reader.ReadUInt32() != Magic) throw new VaultException(VaultError.StoreFailed, "The profile was made by another version of Holdfast.");
            uint passes = reader.ReadUInt32(), memory = reader.ReadUInt32();
            if (passes is 0 or > MaxPasses || memory is < MinMemoryBytes or > MaxMemoryBytes) throw new CodecException("parameters out of range");
            byte[] salt = reader.ReadBytes(Passcode.SaltSize).ToArray();
            byte[] header = reader.Since(0).ToArray();
            using var wrapping = Passcode.DeriveKey(passcode, salt, passes, memory);
            var storeKey = new Secret(StoreKeyBytes);
            var nonce = reader.ReadBytes(Aead.XChaCha20Poly1305.NonceSize);
            var wrapped = reader.ReadBytes(StoreKeyBytes + Aead.TagSize);
            reader.ExpectEnd();
            if (Aead.XChaCha20Poly1305.TryOpen(wrapping.Reveal(), nonce, header, wrapped, storeKey.Fill())) return storeKey;
            storeKey.Dispose();
            throw new VaultException(VaultError.WrongPasscode, "The passcode is wrong.");
        }
        catch (CodecException)
        {
            throw new VaultException(VaultError.StoreFailed, "The profile's key file is damaged. Restore it from a backup, or remove the profile and join again.");
        }
    }

    private static byte[] Header(ReadOnlySpan<byte> salt, uint passes, uint memory)
    {
        var writer = new TlsWriter();
        writer.WriteUInt32(Magic);
        writer.WriteUInt32(passes);
        writer.WriteUInt32(memory);
        writer.WriteBytes(salt);
        return writer.ToArray();
    }

    private static void WriteDurably(string path, byte[] content)
    {
        string temporary = path + ".new";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file.SafeFileHandle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: false);
        CryptographicOperations.ZeroMemory(content);
    }
}
