namespace Holdfast.Protocol;

/// <summary>Every bound on what the vault and a token host say to each other.</summary>
public static class TokenLimits
{
    /// <summary>The version each frame starts with.</summary>
    public const byte Version = 1;

    /// <summary>The most bytes of one frame: a list of keys is the longest answer.</summary>
    public const int FrameBytes = 48 << 10;

    /// <summary>The most tokens one answer lists.</summary>
    public const int Tokens = 16;

    /// <summary>The most keys one answer lists.</summary>
    public const int Keys = 32;

    /// <summary>The most bytes of a token's label or model: 32 characters (PKCS#11 §3.2).</summary>
    public const int LabelBytes = 128;

    /// <summary>The most bytes of a token PIN.</summary>
    public const int TokenPinBytes = 128;

    /// <summary>The size of a token's id in bytes.</summary>
    public const int TokenIdBytes = 32;

    /// <summary>The most bytes of what a host needs to find a key again: a CKA_ID, or a key as a TPM has wrapped it.</summary>
    public const int KeyHandleBytes = 1024;

    /// <summary>The size of the name that a new key gets, in bytes.</summary>
    public const int KeyNameBytes = 16;

    /// <summary>The size of an uncompressed point of P-256 in bytes (SEC 1 §2.3.3).</summary>
    public const int PointBytes = 65;

    /// <summary>The size of what ECDH gives, the x coordinate, in bytes.</summary>
    public const int SharedBytes = 32;

    /// <summary>The size of a hash to sign in bytes.</summary>
    public const int HashBytes = 32;

    /// <summary>The size of a signature, r and s side by side, in bytes.</summary>
    public const int SignatureBytes = 64;

    /// <summary>The size of the SHA-256 digest of a module in bytes.</summary>
    public const int DigestBytes = 32;

    /// <summary>The most bytes of what the normal world keeps with a profile to find its token again.</summary>
    public const int WayBytes = 4 << 10;

    /// <summary>How long a host may take for one answer, in seconds: then it is ended.</summary>
    public const int AnswerSeconds = 5;
}
