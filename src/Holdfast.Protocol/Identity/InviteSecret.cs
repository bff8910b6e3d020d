using System.Security.Cryptography;

namespace Holdfast.Protocol;

/// <summary>
/// What an invite's 16-byte secret gives: a token for the server, and a key by which the inviter recognises whoever was
/// invited. Neither leads back to the secret or to the other.
/// </summary>
public static class InviteSecret
{
    /// <summary>The secret's size in bytes.</summary>
    public const int SecretBytes = 16;

    /// <summary>The token's size in bytes.</summary>
    public const int TokenBytes = 16;

    /// <summary>What the server is shown.</summary>
    public static byte[] Token(ReadOnlySpan<byte> secret) =>
        HKDF.Expand(HashAlgorithmName.SHA256, SHA256.HashData(secret), TokenBytes, "Holdfast 1 invite token"u8.ToArray());

    /// <summary>What the server keeps.</summary>
    public static byte[] TokenHash(ReadOnlySpan<byte> token) => SHA256.HashData(token);

    /// <summary>The key of the tag that introduces the invited to the inviter.</summary>
    public static byte[] IntroductionKey(ReadOnlySpan<byte> secret) =>
        HKDF.Expand(HashAlgorithmName.SHA256, SHA256.HashData(secret), 32, "Holdfast 1 introduction"u8.ToArray());
}
