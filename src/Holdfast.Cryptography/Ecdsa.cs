using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Holdfast.Cryptography;

/// <summary>
/// ECDSA over P-256, P-384 or P-521, each with the hash RFC 9420 §17.1 pairs it with, by .NET. Public keys are uncompressed points and
/// signatures are DER (RFC 9420 §5.1.2, RFC 8446 §4.2.3).
/// </summary>
public sealed class Ecdsa : SignatureScheme
{
    private readonly NistCurve _curve;
    private readonly HashAlgorithmName _hash;

    private Ecdsa(NistCurve curve, HashAlgorithmName hash) => (_curve, _hash) = (curve, hash);

    /// <summary>P-256 with SHA-256.</summary>
    public static Ecdsa P256 { get; } = new(NistCurve.P256, HashAlgorithmName.SHA256);

    /// <summary>P-384 with SHA-384.</summary>
    public static Ecdsa P384 { get; } = new(NistCurve.P384, HashAlgorithmName.SHA384);

    /// <summary>P-521 with SHA-512.</summary>
    public static Ecdsa P521 { get; } = new(NistCurve.P521, HashAlgorithmName.SHA512);

    /// <inheritdoc/>
    public override SignatureKey Import(ReadOnlySpan<byte> privateKey) => new Key(this, privateKey);

    /// <inheritdoc/>
    public override SignatureKey Generate(RandomSource random)
    {
        using var privateKey = _curve.DrawScalar(random);
        return Import(privateKey.Reveal());
    }

    /// <inheritdoc/>
    public override bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        using var key = _curve.OpenPublicKey(publicKey, ECDsa.Create);
        if (key is null) return false;
        try
        {
            Span<byte> numbers = stackalloc byte[2 * _curve.Size];
            ReadDer(signature, numbers);
            return key.VerifyData(message, numbers, _hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        catch (AsnContentException) { return false; }      // not DER
        catch (CryptographicException) { return false; }   // not numbers that a signature has
    }

    /// <summary>Whether r and s, side by side as tokens give them (IEEE P1363), are the signature of a hash.</summary>
    public bool VerifyHash(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != 2 * _curve.Size) return false;
        using var key = _curve.OpenPublicKey(publicKey, ECDsa.Create);
        return key is not null && key.VerifyHash(hash, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    /// <summary>
    /// RFC 3279 §2.2.3: a sequence of r and s, in DER and nothing else, written side by side. .NET's own reading takes numbers whose
    /// sign says that they are negative.
    /// </summary>
    private void ReadDer(ReadOnlySpan<byte> signature, Span<byte> numbers)
    {
        AsnDecoder.ReadSequence(signature, AsnEncodingRules.DER, out int start, out int length, out int consumed);
        var content = signature.Slice(start, length);
        int first = ReadNumber(content, numbers[.._curve.Size]);
        int second = ReadNumber(content[first..], numbers[_curve.Size..]);
        if (consumed != signature.Length || first + second != length) throw new AsnContentException("bytes behind the end");
    }

    private static int ReadNumber(ReadOnlySpan<byte> source, Span<byte> number)
    {
        var bytes = AsnDecoder.ReadIntegerBytes(source, AsnEncodingRules.DER, out int consumed);
        if (bytes[0] >= 0x80) throw new AsnContentException("a negative number");
        bytes = bytes.TrimStart((byte)0);
        if (bytes.Length > number.Length) throw new AsnContentException("a number of more bytes than the curve's order");
        number.Clear();
        bytes.CopyTo(number[(number.Length - bytes.Length)..]);
        return consumed;
    }

    private sealed class Key : SignatureKey
    {
        private readonly Ecdsa _scheme;
        private readonly Secret _private;
        private readonly ECDsa _key;

        internal Key(Ecdsa scheme, ReadOnlySpan<byte> privateKey)
        {
            (_scheme, _private) = (scheme, scheme._curve.Scalar(privateKey));
            _key = scheme._curve.OpenPrivateKey(_private, ECDsa.Create);
            PublicKey = NistCurve.Encode(_key.ExportParameters(includePrivateParameters: false).Q);
        }

        public override ReadOnlyMemory<byte> PublicKey { get; }

        public override ReadOnlySpan<byte> RevealPrivateKey() => _private.Reveal();

        public override byte[] Sign(ReadOnlySpan<byte> message)
        {
            byte[] signature = _key.SignData(message, _scheme._hash, DSASignatureFormat.Rfc3279DerSequence);
            // A fault while signing would give the key away: what does not verify never leaves.
            if (!_scheme.Verify(PublicKey.Span, message, signature))
                throw new CryptographicException("a signature failed its own verification and was withheld");
            return signature;
        }

        public override void Dispose()
        {
            _private.Dispose();
            _key.Dispose();
        }
    }
}
