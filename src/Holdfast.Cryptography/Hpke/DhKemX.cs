using System.Security.Cryptography;

namespace Holdfast.Cryptography;

/// <summary>
/// DHKEM over X25519 or X448 (RFC 9180 §4.1, RFC 7748): every string of the right size is a private key, and a shared point of all
/// zeros is refused (RFC 9180 §7.1.4).
/// </summary>
public abstract class DhKemX : DhKem
{
    private protected DhKemX(ushort id, Hkdf hkdf, int size)
        : base(id, hkdf, size)
    {
    }

    /// <inheritdoc/>
    public sealed override KemKey DeriveKeyPair(ReadOnlySpan<byte> inputKeyMaterial)
    {
        using var extracted = Kdf.Extract([], "dkp_prk"u8, inputKeyMaterial);
        using var privateKey = Kdf.Expand(extracted.Reveal(), "sk"u8, [], PublicKeySize);
        return Import(privateKey.Reveal());
    }

    /// <inheritdoc/>
    public sealed override KemKey Import(ReadOnlySpan<byte> privateKey)
    {
        if (privateKey.Length != PublicKeySize)
            throw new ArgumentException($"the private key has {PublicKeySize} bytes", nameof(privateKey));
        return new XKey(this, privateKey);
    }

    /// <inheritdoc/>
    public sealed override KemKey Generate(RandomSource random)
    {
        using var privateKey = Secret.Random(PublicKeySize, random);
        return Import(privateKey.Reveal());
    }

    /// <inheritdoc/>
    public override bool IsValidPublicKey(ReadOnlySpan<byte> publicKey)
    {
        // Any scalar finds the points of low order: clamping makes it a multiple of the cofactor.
        if (publicKey.Length != PublicKeySize) return false;
        Span<byte> probe = stackalloc byte[PublicKeySize], shared = stackalloc byte[PublicKeySize];
        probe.Fill(0x55);
        return Multiply(probe, publicKey, shared);
    }

    /// <inheritdoc/>
    public sealed override Secret? Encapsulate(ReadOnlySpan<byte> publicKey, RandomSource random, out byte[] encapsulation)
    {
        Span<byte> ephemeral = stackalloc byte[PublicKeySize], shared = stackalloc byte[PublicKeySize];
        random.FillSecret(ephemeral);
        encapsulation = new byte[PublicKeySize];
        MultiplyBase(ephemeral, encapsulation);
        bool contributes = publicKey.Length == PublicKeySize && Multiply(ephemeral, publicKey, shared);
        CryptographicOperations.ZeroMemory(ephemeral);
        var result = contributes ? ExtractAndExpand(shared, encapsulation, publicKey) : null;
        CryptographicOperations.ZeroMemory(shared);
        return result;
    }

    /// <summary>The public half of a private key.</summary>
    private protected abstract void MultiplyBase(ReadOnlySpan<byte> privateKey, Span<byte> publicKey);

    /// <summary>RFC 7748 §6: finds the shared point, and whether it is other than zero.</summary>
    private protected abstract bool Multiply(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> shared);

    private sealed class XKey : Key
    {
        private readonly DhKemX _kem;
        private readonly Secret _private;

        internal XKey(DhKemX kem, ReadOnlySpan<byte> privateKey)
            : base(kem)
        {
            (_kem, _private) = (kem, Secret.CopyOf(privateKey));
            var publicKey = new byte[kem.PublicKeySize];
            kem.MultiplyBase(privateKey, publicKey);
            PublicKey = publicKey;
        }

        public override ReadOnlyMemory<byte> PublicKey { get; }

        public override ReadOnlySpan<byte> RevealPrivateKey() => _private.Reveal();

        public override void Dispose() => _private.Dispose();

        internal override Secret? Agree(ReadOnlySpan<byte> publicKey)
        {
            if (publicKey.Length != _kem.PublicKeySize) return null;
            var shared = new Secret(publicKey.Length);
            if (_kem.Multiply(_private.Reveal(), publicKey, shared.Fill())) return shared;
            shared.Dispose();
            return null;
        }
    }
}
