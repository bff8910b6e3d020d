using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §9.1: one generation's key and nonce.</summary>
internal sealed class MessageKey(uint generation, Secret key, Secret nonce) : Shared, IStateRecord
{
    internal uint Generation => generation;

    internal Secret Key => key;

    internal Secret Nonce => nonce;

    /// <summary>RFC 9420 §9.1: the key and nonce that a ratchet secret yields.</summary>
    internal static MessageKey Derive(CipherSuite suite, Secret ratchetSecret, uint generation) => new(
        generation,
        suite.DeriveTreeSecret(ratchetSecret, Labels.Key, generation, suite.Aead.KeySize),
        suite.DeriveTreeSecret(ratchetSecret, Labels.Nonce, generation, suite.Aead.NonceSize));

    public void EncodeRecord(TlsWriter writer)
    {
        writer.WriteBytes(key.Reveal());
        writer.WriteBytes(nonce.Reveal());
    }

    /// <exception cref="CodecException">The record has another size.</exception>
    internal static MessageKey Decode(ReadOnlySpan<byte> record, CipherSuite suite, uint generation)
    {
        var reader = new TlsReader(record);
        var key = new MessageKey(
            generation,
            Secret.CopyOf(reader.ReadBytes(suite.Aead.KeySize)),
            Secret.CopyOf(reader.ReadBytes(suite.Aead.NonceSize)));
        reader.ExpectEnd();
        return key;
    }

    protected override void Wipe()
    {
        key.Dispose();
        nonce.Dispose();
    }
}
