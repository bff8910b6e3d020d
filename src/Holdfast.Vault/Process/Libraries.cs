using System.Security.Cryptography;
using Holdfast.Cryptography;
using Microsoft.Data.Sqlite;

namespace Holdfast.Vault;

/// <summary>The native libraries, loaded before the walls stand: behind them nothing can be loaded any more.</summary>
internal static class Libraries
{
    /// <summary>Uses each of them once, as the vault will, so that whatever they look for is found now.</summary>
    internal static void Load()
    {
        Span<byte> some = stackalloc byte[32], tagged = stackalloc byte[32 + Aead.TagSize];
        Span<byte> nonce = stackalloc byte[Aead.XChaCha20Poly1305.NonceSize];
        RandomSource.System.FillSecret(some);
        Aead.XChaCha20Poly1305.Seal(some, nonce, [], some, tagged);   // libsodium
        Aead.Aes256Gcm.Seal(some, nonce[..Aead.Aes256Gcm.NonceSize], [], some, tagged);   // the platform's, OpenSSL on Linux
        using (var key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256)) _ = key.PublicKey.ExportSubjectPublicKeyInfo();
        _ = HMACSHA384.HashData(some, some);
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT randomblob(8)";   // its generator takes its seed once
        _ = command.ExecuteScalar();
    }
}
