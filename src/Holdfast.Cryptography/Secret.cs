using System.Security.Cryptography;

namespace Holdfast.Cryptography;

/// <summary>
/// Bytes that must not be copied, printed or compared in variable time. They are pinned, so that the garbage
/// collector makes no copies, and wiped when the owner disposes them or, at the latest, when nobody holds them.
/// </summary>
public sealed class Secret : IDisposable
{
    private readonly byte[] _bytes;
    private bool _wiped;

    /// <summary>A secret of <paramref name="length"/> zero bytes, for its maker to fill.</summary>
    public Secret(int length) => _bytes = GC.AllocateArray<byte>(length, pinned: true);

    /// <summary>Wipes a secret that its owner forgot.</summary>
    ~Secret() => Wipe();

    /// <summary>The secret's length in bytes.</summary>
    public int Length => _bytes.Length;

    /// <summary>A secret holding a copy of <paramref name="bytes"/>; wiping the original is the caller's.</summary>
    public static Secret CopyOf(ReadOnlySpan<byte> bytes)
    {
        var secret = new Secret(bytes.Length);
        bytes.CopyTo(secret._bytes);
        return secret;
    }

    /// <summary>A fresh random secret.</summary>
    public static Secret Random(int length, RandomSource random)
    {
        var secret = new Secret(length);
        random.FillSecret(secret._bytes);
        return secret;
    }

    /// <summary>The bytes themselves, borrowed: search for this name to audit every use.</summary>
    /// <exception cref="ObjectDisposedException">The secret has been wiped.</exception>
    public ReadOnlySpan<byte> Reveal()
    {
        ObjectDisposedException.ThrowIf(_wiped, this);
        return _bytes;
    }

    /// <summary>The bytes, for whoever fills a new secret.</summary>
    /// <exception cref="ObjectDisposedException">The secret has been wiped.</exception>
    public Span<byte> Fill()
    {
        ObjectDisposedException.ThrowIf(_wiped, this);
        return _bytes;
    }

    /// <summary>Compares in constant time.</summary>
    public bool EqualsFixedTime(ReadOnlySpan<byte> other) => CryptographicOperations.FixedTimeEquals(Reveal(), other);

    /// <summary>Wipes the bytes.</summary>
    public void Dispose()
    {
        Wipe();
        GC.SuppressFinalize(this);
    }

    /// <summary>The length, never the content.</summary>
    public override string ToString() => $"Secret({_bytes.Length} bytes)";

    private void Wipe()
    {
        CryptographicOperations.ZeroMemory(_bytes);
        _wiped = true;
    }
}
