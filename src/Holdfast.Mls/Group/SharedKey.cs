using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>A private key that several states own together.</summary>
internal sealed class SharedKey(KemKey key) : Shared
{
    /// <summary>The key, borrowed.</summary>
    internal KemKey Key => key;

    protected override void Wipe() => key.Dispose();
}
