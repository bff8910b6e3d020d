namespace Holdfast.Mls;

/// <summary>
/// One key taken from a secret tree, and the tree that no longer has it. Disposing the step wipes the key, and the next
/// tree too unless it was adopted: a message that turns out to be a forgery changes nothing.
/// </summary>
public sealed class RatchetStep : IDisposable
{
    private readonly MessageKey _key;
    private SecretTree? _next;
    private bool _disposed;

    internal RatchetStep(SecretTree next, MessageKey key) => (_next, _key) = (next, key);

    /// <summary>The generation the key belongs to.</summary>
    public uint Generation => _key.Generation;

    /// <summary>The AEAD key, borrowed.</summary>
    public ReadOnlySpan<byte> RevealKey() => _key.RevealKey();

    /// <summary>The AEAD nonce before the reuse guard, borrowed.</summary>
    public ReadOnlySpan<byte> RevealNonce() => _key.RevealNonce();

    /// <summary>The next tree, which from here on is the caller's.</summary>
    public SecretTree Adopt()
    {
        var next = _next ?? throw new InvalidOperationException("the next tree was adopted already");
        _next = null;
        return next;
    }

    /// <summary>Wipes the key, and the next tree unless it was adopted.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _key.Release();
        _next?.Dispose();
        _next = null;
    }

    /// <summary>The generation, never the key.</summary>
    public override string ToString() => $"RatchetStep(generation {Generation})";
}
