using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>A record that is one secret and nothing else.</summary>
internal sealed class SecretRecord : IStateRecord
{
    private readonly Secret _secret;

    private SecretRecord(Secret secret) => _secret = secret;

    internal static SecretRecord? Of(Secret? secret) => secret is null ? null : new SecretRecord(secret);

    public void EncodeRecord(TlsWriter writer) => writer.WriteBytes(_secret.Reveal());

    /// <summary>Reads a secret of that size.</summary>
    /// <exception cref="CodecException">It has another.</exception>
    internal static Secret Decode(ReadOnlySpan<byte> value, int size) =>
        value.Length == size ? Secret.CopyOf(value) : throw new CodecException("group state: a secret has the wrong size");
}
