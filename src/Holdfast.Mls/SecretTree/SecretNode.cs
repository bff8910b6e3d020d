using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §9: one node of the secret tree, in one of three states: sealed while nothing below has been used, opened
/// into its children once something has (its own secret is then consumed), and at a leaf the two ratchets.
/// </summary>
internal abstract class SecretNode : Shared
{
    private const byte SealedTag = 0, OpenedTag = 1, RatchetsTag = 2;

    /// <summary>This subtree without the key asked for, and the key, which the caller releases.</summary>
    internal abstract SecretNode Take(in RatchetRequest request, int height, out MessageKey key);

    /// <summary>Writes the subtree; what was never used takes one secret, however large it is.</summary>
    internal abstract void Encode(TlsWriter writer);

    /// <summary>A subtree in which nothing has been used; it owns <paramref name="secret"/>.</summary>
    internal static SecretNode Seal(Secret secret) => new Sealed(secret);

    /// <summary>Reads a subtree of that height.</summary>
    internal static SecretNode Decode(ref TlsReader reader, CipherSuite suite, int height) => (reader.ReadUInt8(), height) switch
    {
        (SealedTag, _) => new Sealed(Secret.CopyOf(reader.ReadBytes(suite.Hkdf.HashSize))),
        (OpenedTag, > 0) => new Opened(Decode(ref reader, suite, height - 1), Decode(ref reader, suite, height - 1)),
        (RatchetsTag, 0) => new Ratchets(Ratchet.Decode(ref reader, suite), Ratchet.Decode(ref reader, suite)),
        _ => throw new CodecException("secret tree: no such node at this height"),
    };

    private sealed class Sealed(Secret secret) : SecretNode
    {
        internal override SecretNode Take(in RatchetRequest request, int height, out MessageKey key)
        {
            SecretNode open = height > 0 ? Open(request.Suite) : Start(request.Suite);
            try { return open.Take(request, height, out key); }
            finally { open.Release(); }
        }

        internal override void Encode(TlsWriter writer)
        {
            writer.WriteUInt8(SealedTag);
            writer.WriteBytes(secret.Reveal());
        }

        protected override void Wipe() => secret.Dispose();

        private Opened Open(CipherSuite suite) => new(
            new Sealed(suite.ExpandWithLabel(secret, Labels.Tree, "left"u8, suite.Hkdf.HashSize)),
            new Sealed(suite.ExpandWithLabel(secret, Labels.Tree, "right"u8, suite.Hkdf.HashSize)));

        private Ratchets Start(CipherSuite suite) => new(
            Ratchet.Start(suite.DeriveSecret(secret, Labels.Handshake)),
            Ratchet.Start(suite.DeriveSecret(secret, Labels.Application)));
    }

    private sealed class Opened(SecretNode left, SecretNode right) : SecretNode
    {
        internal override SecretNode Take(in RatchetRequest request, int height, out MessageKey key)
        {
            bool toTheRight = ((request.Leaf.Value >> (height - 1)) & 1) == 1;
            var (onPath, beside) = toTheRight ? (right, left) : (left, right);
            var next = onPath.Take(request, height - 1, out key);
            beside.Hold();
            return toTheRight ? new Opened(beside, next) : new Opened(next, beside);
        }

        internal override void Encode(TlsWriter writer)
        {
            writer.WriteUInt8(OpenedTag);
            left.Encode(writer);
            right.Encode(writer);
        }

        protected override void Wipe()
        {
            left.Release();
            right.Release();
        }
    }

    private sealed class Ratchets(Ratchet handshake, Ratchet application) : SecretNode
    {
        internal override SecretNode Take(in RatchetRequest request, int height, out MessageKey key)
        {
            bool isHandshake = request.Type == RatchetType.Handshake;
            var (used, other) = isHandshake ? (handshake, application) : (application, handshake);
            var next = used.Take(request, out key);
            other.Hold();
            return isHandshake ? new Ratchets(next, other) : new Ratchets(other, next);
        }

        internal override void Encode(TlsWriter writer)
        {
            writer.WriteUInt8(RatchetsTag);
            handshake.Encode(writer);
            application.Encode(writer);
        }

        protected override void Wipe()
        {
            handshake.Release();
            application.Release();
        }
    }
}
