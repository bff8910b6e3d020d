using System.Runtime;
using System.Security.Cryptography;

namespace Holdfast.Cryptography;

/// <summary>
/// Bytes that must not be copied, printed or compared in variable time. They are pinned, so that the garbage
/// collector makes no copies, and wiped when the owner disposes them or, at the latest, when nobody holds them: neither
/// the secret nor a span that was borrowed from it. Long-lived ones lie in memory of their own (<see cref="SecretArena"/>).
/// </summary>
public sealed class Secret : IDisposable
{
    private readonly byte[] _bytes;
    private readonly Wiper? _wiper;
    private readonly SecretArena.Room? _room;

    /// <summary>A secret of <paramref name="length"/> zero bytes, for its maker to fill.</summary>
    public Secret(int length)
    {
        _room = SecretArena.Take(length);
        _bytes = _room is null ? GC.AllocateArray<byte>(length, pinned: true) : [];
        _wiper = _room is null ? new Wiper(_bytes) : null;
    }

    /// <summary>The secret's length in bytes.</summary>
    public int Length => _room?.Length ?? _bytes.Length;

    private bool IsWiped => _wiper?.IsDone ?? _room!.IsLeft;

    /// <summary>A secret holding a copy of <paramref name="bytes"/>; wiping the original is the caller's.</summary>
    public static Secret CopyOf(ReadOnlySpan<byte> bytes)
    {
        var secret = new Secret(bytes.Length);
        bytes.CopyTo(secret.Fill());
        return secret;
    }

    /// <summary>A fresh random secret.</summary>
    public static Secret Random(int length, RandomSource random)
    {
        var secret = new Secret(length);
        random.FillSecret(secret.Fill());
        return secret;
    }

    /// <summary>The bytes themselves, borrowed: search for this name to audit every use.</summary>
    /// <exception cref="ObjectDisposedException">The secret has been wiped.</exception>
    public ReadOnlySpan<byte> Reveal()
    {
        ObjectDisposedException.ThrowIf(IsWiped, this);
        return _room is null ? _bytes : _room.Bytes;
    }

    /// <summary>The bytes, for whoever fills a new secret.</summary>
    /// <exception cref="ObjectDisposedException">The secret has been wiped.</exception>
    public Span<byte> Fill()
    {
        ObjectDisposedException.ThrowIf(IsWiped, this);
        return _room is null ? _bytes : _room.Bytes;
    }

    /// <summary>Compares in constant time.</summary>
    public bool EqualsFixedTime(ReadOnlySpan<byte> other) => CryptographicOperations.FixedTimeEquals(Reveal(), other);

    /// <summary>Wipes the bytes.</summary>
    public void Dispose()
    {
        _wiper?.Dispose();
        _room?.Leave();
    }

    /// <summary>The length, never the content.</summary>
    public override string ToString() => $"Secret({Length} bytes)";

    /// <summary>
    /// Lives as long as the bytes do, not as long as the secret: a finalizer on the secret itself could wipe what a span still reads,
    /// where the span is the last thing its owner was asked for.
    /// </summary>
    private sealed class Wiper : IDisposable
    {
        private readonly byte[] _bytes;
        private DependentHandle _life;
        private int _done;

        internal Wiper(byte[] bytes) => (_bytes, _life) = (bytes, new DependentHandle(bytes, this));

        ~Wiper() => Wipe();

        internal bool IsDone => Volatile.Read(ref _done) != 0;

        public void Dispose()
        {
            Wipe();
            GC.SuppressFinalize(this);
        }

        private void Wipe()
        {
            if (Interlocked.Exchange(ref _done, 1) != 0) return;
            CryptographicOperations.ZeroMemory(_bytes);
            _life.Dispose();
        }
    }
}
