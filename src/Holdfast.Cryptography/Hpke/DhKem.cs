using System.Security.Cryptography;

namespace Holdfast.Cryptography;

/// <summary>DHKEM(Group, KDF) (RFC 9180 §4.1) over any Diffie-Hellman group.</summary>
public abstract class DhKem : Kem
{
    private readonly int _secretSize;

    private protected DhKem(ushort id, Hkdf hkdf, int publicKeySize)
    {
        (Id, PublicKeySize, _secretSize) = (id, publicKeySize, hkdf.HashSize);
        Kdf = new LabeledHkdf(hkdf, "KEM"u8, [id]);
    }

    /// <inheritdoc/>
    public sealed override ushort Id { get; }

    /// <inheritdoc/>
    public sealed override int PublicKeySize { get; }

    /// <inheritdoc/>
    public sealed override int EncapsulationSize => PublicKeySize;

    private protected LabeledHkdf Kdf { get; }

    /// <inheritdoc/>
    public override Secret? Encapsulate(ReadOnlySpan<byte> publicKey, RandomSource random, out byte[] encapsulation)
    {
        using var ephemeral = (Key)Generate(random);
        encapsulation = ephemeral.PublicKey.ToArray();
        using var shared = ephemeral.Agree(publicKey);
        return shared is null ? null : ExtractAndExpand(shared.Reveal(), encapsulation, publicKey);
    }

    /// <summary>RFC 9180 §4 DH(skX, pkY): the bare shared value, or null for a public key that must be refused.</summary>
    /// <exception cref="ArgumentException">The bytes are not a private key of this group.</exception>
    public Secret? Agree(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey)
    {
        using var key = (Key)Import(privateKey);
        return key.Agree(publicKey);
    }

    /// <summary>RFC 9180 §4.1 ExtractAndExpand, with the kem_context of Encap and Decap.</summary>
    private protected Secret ExtractAndExpand(ReadOnlySpan<byte> shared, ReadOnlySpan<byte> encapsulation, ReadOnlySpan<byte> publicKey)
    {
        Span<byte> context = stackalloc byte[encapsulation.Length + publicKey.Length], extracted = stackalloc byte[Kdf.HashSize];
        encapsulation.CopyTo(context);
        publicKey.CopyTo(context[encapsulation.Length..]);
        Kdf.Extract([], "eae_prk"u8, shared, extracted);
        var secret = new Secret(_secretSize);
        Kdf.Expand(extracted, "shared_secret"u8, context, secret.Fill());
        CryptographicOperations.ZeroMemory(extracted);
        return secret;
    }

    private protected abstract class Key(DhKem kem) : KemKey
    {
        /// <summary>Null for a public key of a wrong size, off the curve, or that forces the result to be zero.</summary>
        internal abstract Secret? Agree(ReadOnlySpan<byte> publicKey);

        public sealed override Secret? Decapsulate(ReadOnlySpan<byte> encapsulation)
        {
            using var shared = Agree(encapsulation);
            return shared is null ? null : kem.ExtractAndExpand(shared.Reveal(), encapsulation, PublicKey.Span);
        }
    }
}
