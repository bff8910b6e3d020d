using System.Buffers.Binary;

namespace Holdfast.Cryptography;

/// <summary>RFC 9180 §5.2: keys in one direction, each message under the next nonce.</summary>
public sealed class HpkeContext : IDisposable
{
    private readonly Aead _aead;
    private readonly LabeledHkdf _labeled;
    private readonly Secret _key, _baseNonce, _exporter;
    private ulong _sequence;

    internal HpkeContext(Aead aead, LabeledHkdf labeled, Secret key, Secret baseNonce, Secret exporter) =>
        (_aead, _labeled, _key, _baseNonce, _exporter) = (aead, labeled, key, baseNonce, exporter);

    /// <summary>RFC 9180 §5.2 ContextS.Seal.</summary>
    public byte[] Seal(ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext)
    {
        Span<byte> nonce = stackalloc byte[_aead.NonceSize];
        ComputeNonce(nonce);
        _sequence++;
        return _aead.Seal(_key.Reveal(), nonce, associated, plaintext);
    }

    /// <summary>RFC 9180 §5.2 ContextR.Open: null for a forgery, and then the sequence stays where it is.</summary>
    public Secret? Open(ReadOnlySpan<byte> associated, ReadOnlySpan<byte> ciphertext)
    {
        if (ciphertext.Length < Aead.TagSize) return null;
        Span<byte> nonce = stackalloc byte[_aead.NonceSize];
        ComputeNonce(nonce);
        var plaintext = new Secret(ciphertext.Length - Aead.TagSize);
        if (_aead.TryOpen(_key.Reveal(), nonce, associated, ciphertext, plaintext.Fill()))
        {
            _sequence++;
            return plaintext;
        }
        plaintext.Dispose();
        return null;
    }

    /// <summary>RFC 9180 §5.3 Context.Export.</summary>
    public Secret Export(ReadOnlySpan<byte> context, int length) => _labeled.Expand(_exporter.Reveal(), "sec"u8, context, length);

    /// <summary>Wipes the keys.</summary>
    public void Dispose()
    {
        _key.Dispose();
        _baseNonce.Dispose();
        _exporter.Dispose();
    }

    /// <summary>RFC 9180 §5.2: the sequence number is never reused: at its last value the context refuses.</summary>
    private void ComputeNonce(Span<byte> nonce)
    {
        if (_sequence == ulong.MaxValue) throw new InvalidOperationException("RFC 9180 §5.2: the message limit is reached");
        _baseNonce.Reveal().CopyTo(nonce);
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(counter, _sequence);
        for (int i = 0; i < 8; i++) nonce[nonce.Length - 8 + i] ^= counter[i];
    }
}
