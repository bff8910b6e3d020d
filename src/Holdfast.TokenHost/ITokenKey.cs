using Holdfast.Protocol;

namespace Holdfast.TokenHost;

/// <summary>
/// A key that does what P-256 keys of tokens do. A token with RSA alone would be another kind of key, which unwraps: it would have its own
/// questions beside these.
/// </summary>
internal interface ITokenKey : IDisposable
{
    /// <summary>Handle, public point and what the token says of the key.</summary>
    TokenKey Description { get; }

    /// <summary>ECDH: the x coordinate, into 32 bytes.</summary>
    void Ecdh(ReadOnlySpan<byte> point, Span<byte> shared);

    /// <summary>ECDSA over a hash: r and s, into 64 bytes.</summary>
    void SignHash(ReadOnlySpan<byte> hash, Span<byte> signature);

    /// <summary>Tries to make the key weaker.</summary>
    KeyAltered TryToAlter();
}
