namespace Holdfast.Cryptography;

/// <summary>A digital signature scheme.</summary>
public abstract class SignatureScheme
{
    /// <summary>Makes a fresh key.</summary>
    public abstract SignatureKey Generate(RandomSource random);

    /// <summary>A key from its private bytes; the public half is derived from them.</summary>
    /// <exception cref="ArgumentException">The bytes are not a private key of this scheme.</exception>
    public abstract SignatureKey Import(ReadOnlySpan<byte> privateKey);

    /// <summary>Whether <paramref name="signature"/> is good; malformed keys and signatures are simply not.</summary>
    public abstract bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);
}

/// <summary>A private signature key and its public half.</summary>
public abstract class SignatureKey : IDisposable
{
    /// <summary>The public half.</summary>
    public abstract ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>The private bytes, borrowed, as <see cref="SignatureScheme.Import"/> takes them.</summary>
    public abstract ReadOnlySpan<byte> RevealPrivateKey();

    /// <summary>Whether several threads may sign with it at once; otherwise it is for one thread at a time.</summary>
    public virtual bool IsForManyThreads => false;

    /// <summary>Signs, and verifies before it returns.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The signature came out wrong.</exception>
    public abstract byte[] Sign(ReadOnlySpan<byte> message);

    /// <summary>Wipes the private key.</summary>
    public abstract void Dispose();

    /// <summary>The kind of key, never its content.</summary>
    public override string ToString() => nameof(SignatureKey);
}
