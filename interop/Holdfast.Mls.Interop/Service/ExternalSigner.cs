using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls.Interop;

/// <summary>Somebody outside whom a group's external_senders may name (RFC 9420 §12.1.8.1).</summary>
internal sealed class ExternalSigner(CipherSuite suite, ReadOnlyMemory<byte> identity) : IDisposable
{
    internal SignatureKey SignatureKey { get; } = suite.Signature.Generate(RandomSource.System);

    /// <summary>The encoded ExternalSender, as the interface hands it on.</summary>
    internal byte[] Sender => Tls.Encode(new ExternalSender(SignatureKey.PublicKey, new BasicCredential(identity)));

    public void Dispose() => SignatureKey.Dispose();
}
