using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §9.1: one generation's key and nonce.</summary>
internal sealed class MessageKey(uint generation, Secret key, Secret nonce) : Shared
{
    internal uint Generation => generation;

    internal Secret Key => key;

    internal Secret Nonce => nonce;

    /// <summary>RFC 9420 §9.1: the key and nonce that a ratchet secret yields.</summary>
    internal static MessageKey Derive(CipherSuite suite, Secret ratchetSecret, uint generation) => new(
        generation,
        suite.DeriveTreeSecret(ratchetSecret, Labels.Key, generation, suite.Aead.KeySize),
        suite.DeriveTreeSecret(ratchetSecret, Labels.Nonce, generation, suite.Aead.NonceSize));

    internal void Encode(TlsWriter writer)
    {
        writer.WriteUInt32(generation);
        writer.WriteBytes(key.Reveal());
        writer.WriteBytes(nonce.Reveal());
    }

    internal static MessageKey Decode(ref TlsReader reader, CipherSuite suite) => new(
        reader.ReadUInt32(),
        Secret.CopyOf(reader.ReadBytes(suite.Aead.KeySize)),
        Secret.CopyOf(reader.ReadBytes(suite.Aead.NonceSize)));

    protected override void Wipe()
    {
        key.Dispose();
        nonce.Dispose();
    }
}
