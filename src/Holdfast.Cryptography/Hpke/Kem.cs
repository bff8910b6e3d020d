namespace Holdfast.Cryptography;

/// <summary>A key encapsulation mechanism as RFC 9180 §4 uses it.</summary>
public abstract class Kem
{
    /// <summary>RFC 9180 §7.1: the KEM's id.</summary>
    public abstract ushort Id { get; }

    /// <summary>The size of a public key in bytes.</summary>
    public abstract int PublicKeySize { get; }

    /// <summary>The size of an encapsulation in bytes.</summary>
    public abstract int EncapsulationSize { get; }

    /// <summary>RFC 9180 §7.1.3: a key pair from secret key material.</summary>
    public abstract KemKey DeriveKeyPair(ReadOnlySpan<byte> inputKeyMaterial);

    /// <summary>A key pair from its private bytes; the public half is derived from them.</summary>
    /// <exception cref="ArgumentException">The bytes are not a private key of this mechanism.</exception>
    public abstract KemKey Import(ReadOnlySpan<byte> privateKey);

    /// <summary>A fresh key pair.</summary>
    public abstract KemKey Generate(RandomSource random);

    /// <summary>Whether the bytes can be a public key: the size, and that it contributes to a shared secret.</summary>
    public abstract bool IsValidPublicKey(ReadOnlySpan<byte> publicKey);

    /// <summary>RFC 9180 §4.1 Encap: a shared secret and its encapsulation, or null for a public key that contributes nothing.</summary>
    public abstract Secret? Encapsulate(ReadOnlySpan<byte> publicKey, RandomSource random, out byte[] encapsulation);
}

/// <summary>A private KEM key and its public half.</summary>
public abstract class KemKey : IDisposable
{
    /// <summary>The public half.</summary>
    public abstract ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>The private bytes, borrowed, as <see cref="Kem.Import"/> takes them.</summary>
    public abstract ReadOnlySpan<byte> RevealPrivateKey();

    /// <summary>RFC 9180 §4.1 Decap: the shared secret, or null for an encapsulation that is malformed or contributes nothing.</summary>
    public abstract Secret? Decapsulate(ReadOnlySpan<byte> encapsulation);

    /// <summary>Wipes the private key.</summary>
    public abstract void Dispose();

    /// <summary>The kind of key, never its content.</summary>
    public override string ToString() => nameof(KemKey);
}
