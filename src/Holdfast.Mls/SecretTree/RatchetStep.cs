using System.Security.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// One key taken from a secret tree, and the tree that no longer has it. The key lies in memory that the caller lent. Disposing the step
/// wipes it, and disposes the next tree too unless that was adopted: a message that turns out to be a forgery changes nothing.
/// </summary>
public readonly ref struct RatchetStep : IDisposable
{
    /// <summary>How many bytes of memory a step takes at most: those of the longest key and nonce there are.</summary>
    public const int Room = 64;

    private readonly SecretTree _next;
    private readonly Span<byte> _key, _nonce;

    internal RatchetStep(SecretTree next, uint generation, Span<byte> key, Span<byte> nonce)
    {
        _next = next;
        Generation = generation;
        _key = key;
        _nonce = nonce;
    }

    /// <summary>The generation the key belongs to.</summary>
    public uint Generation { get; }

    /// <summary>The AEAD key, borrowed.</summary>
    public ReadOnlySpan<byte> RevealKey() => _key;

    /// <summary>The AEAD nonce before the reuse guard, borrowed.</summary>
    public ReadOnlySpan<byte> RevealNonce() => _nonce;

    /// <summary>The next tree, which from here on is the caller's.</summary>
    /// <exception cref="InvalidOperationException">It was adopted already.</exception>
    public SecretTree Adopt()
    {
        if (_next.IsAdopted) throw new InvalidOperationException("the next tree was adopted already");
        _next.IsAdopted = true;
        return _next;
    }

    /// <summary>Wipes the key, and disposes the next tree unless it was adopted.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_key);
        CryptographicOperations.ZeroMemory(_nonce);
        if (!_next.IsAdopted) _next.Dispose();
    }

    /// <summary>The generation, never the key.</summary>
    public override string ToString() => $"RatchetStep(generation {Generation})";
}
