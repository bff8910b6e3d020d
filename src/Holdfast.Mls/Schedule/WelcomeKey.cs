using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §12.4.3.1: what a Welcome's group info is encrypted under, once.</summary>
public sealed class WelcomeKey : IDisposable
{
    private readonly Secret _key, _nonce;

    internal WelcomeKey(Secret key, Secret nonce) => (_key, _nonce) = (key, nonce);

    /// <summary>Encrypts the group info.</summary>
    public byte[] Seal(CipherSuite suite, ReadOnlySpan<byte> groupInfo) =>
        suite.Aead.Seal(_key.Reveal(), _nonce.Reveal(), [], groupInfo);

    /// <summary>Decrypts the group info; null for a forgery.</summary>
    public byte[]? Open(CipherSuite suite, ReadOnlySpan<byte> encryptedGroupInfo) =>
        suite.Aead.Open(_key.Reveal(), _nonce.Reveal(), [], encryptedGroupInfo);

    /// <summary>Wipes the key.</summary>
    public void Dispose()
    {
        _key.Dispose();
        _nonce.Dispose();
    }

    /// <summary>The kind of key, never its content.</summary>
    public override string ToString() => nameof(WelcomeKey);
}
