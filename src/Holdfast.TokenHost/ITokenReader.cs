using Holdfast.Protocol;

namespace Holdfast.TokenHost;

/// <summary>Where tokens are found: a PKCS#11 module or a TPM.</summary>
internal interface ITokenReader : IDisposable
{
    /// <summary>The tokens there are now.</summary>
    IReadOnlyList<TokenInfo> List();

    /// <summary>Opens one with its token PIN.</summary>
    void Open(ReadOnlySpan<byte> token, ReadOnlySpan<byte> tokenPin);

    /// <summary>The P-256 keys of the open token.</summary>
    IReadOnlyList<TokenKey> ListKeys();

    /// <summary>Makes a key on the open token.</summary>
    ITokenKey Generate(KeyPurpose purpose, ReadOnlySpan<byte> name);

    /// <summary>Opens a key of the open token.</summary>
    ITokenKey OpenKey(ReadOnlySpan<byte> handle);
}
