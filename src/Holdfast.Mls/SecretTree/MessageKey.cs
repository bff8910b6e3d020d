using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §9.1: the key and nonce of a generation that was passed over, one after the other in one secret, which it owns.
/// </summary>
internal sealed class MessageKey(uint generation, Secret keyAndNonce, int keySize) : Shared, IStateRecord
{
    internal uint Generation => generation;

    /// <summary>The AEAD key, borrowed.</summary>
    internal ReadOnlySpan<byte> RevealKey() => keyAndNonce.Reveal()[..keySize];

    /// <summary>The AEAD nonce, borrowed.</summary>
    internal ReadOnlySpan<byte> RevealNonce() => keyAndNonce.Reveal()[keySize..];

    /// <summary>RFC 9420 §9.1: the key and nonce that a ratchet secret yields.</summary>
    internal static MessageKey Derive(CipherSuite suite, ReadOnlySpan<byte> ratchetSecret, uint generation)
    {
        int keySize = suite.Aead.KeySize;
        var keyAndNonce = new Secret(keySize + suite.Aead.NonceSize);
        Derive(suite, ratchetSecret, generation, keyAndNonce.Fill()[..keySize], keyAndNonce.Fill()[keySize..]);
        return new MessageKey(generation, keyAndNonce, keySize);
    }

    /// <summary>RFC 9420 §9.1: the same into memory of the caller, for a key that is used at once and not kept.</summary>
    internal static void Derive(CipherSuite suite, ReadOnlySpan<byte> ratchetSecret, uint generation, Span<byte> key, Span<byte> nonce)
    {
        suite.DeriveTreeSecret(ratchetSecret, Labels.Key, generation, key);
        suite.DeriveTreeSecret(ratchetSecret, Labels.Nonce, generation, nonce);
    }

    public void EncodeRecord(TlsWriter writer) => writer.WriteBytes(keyAndNonce.Reveal());

    /// <exception cref="CodecException">The record has another size.</exception>
    internal static MessageKey Decode(ReadOnlySpan<byte> record, CipherSuite suite, uint generation)
    {
        var reader = new TlsReader(record);
        var keyAndNonce = reader.ReadBytes(suite.Aead.KeySize + suite.Aead.NonceSize);
        reader.ExpectEnd();
        return new MessageKey(generation, Secret.CopyOf(keyAndNonce), suite.Aead.KeySize);
    }

    protected override void Wipe() => keyAndNonce.Dispose();
}
