using System.Security.Cryptography;

namespace Holdfast.Cryptography;

/// <summary>
/// Memory that a process has set apart for the secrets that live as long as it does: whoever has pages that no dump and no swap holds gives
/// them here. Secrets made while <see cref="LongLived"/> is in force lie there. They are wiped when they are disposed and not
/// before: unlike others they are not collected, so a borrowed span is never wiped under its reader.
/// </summary>
public sealed unsafe class SecretArena
{
    private const int SlotBytes = 64;

    private static SecretArena? _current;

    [ThreadStatic]
    private static int _inForce;

    private readonly Lock _lock = new();
    private readonly byte* _pages;
    private readonly bool[] _taken;

    private SecretArena(byte* pages, int bytes)
    {
        _pages = pages;
        _taken = new bool[bytes / SlotBytes];
    }

    /// <summary>From now on long-lived secrets lie in these pages, which stay the arena's for good.</summary>
    /// <param name="pages">Their address.</param>
    /// <param name="bytes">Their size.</param>
    public static void Use(nint pages, int bytes) => Volatile.Write(ref _current, new SecretArena((byte*)pages, bytes));

    /// <summary>Secrets that this thread makes until the scope is disposed are long-lived, where there is room.</summary>
    public static Scope LongLived() => new(1);

    /// <summary>Secrets that this thread makes until the scope is disposed are not, whatever is around them.</summary>
    public static Scope ShortLived() => new(0);

    /// <summary>Room for a secret, or null where it is not long-lived or there is none.</summary>
    internal static Room? Take(int length) => _inForce > 0 && length > 0 ? Volatile.Read(ref _current)?.TakeSlots(length) : null;

    private Room? TakeSlots(int length)
    {
        int count = (length + SlotBytes - 1) / SlotBytes;
        lock (_lock)
        {
            for (int first = 0, free = 0; first + free < _taken.Length;)
            {
                if (_taken[first + free]) (first, free) = (first + free + 1, 0);
                else if (++free == count)
                {
                    _taken.AsSpan(first, count).Fill(true);
                    return new Room(this, first, length);
                }
            }
        }
        return null;
    }

    /// <summary>The time in which secrets are long-lived.</summary>
    public readonly ref struct Scope : IDisposable
    {
        private readonly int _before;

        internal Scope(int inForce) => (_before, _inForce) = (_inForce, inForce);

        /// <summary>Ends it: then what was before is in force again.</summary>
        public void Dispose() => _inForce = _before;
    }

    /// <summary>Where one secret lies.</summary>
    internal sealed class Room(SecretArena arena, int first, int length)
    {
        private int _isLeft;

        internal int Length => length;

        internal bool IsLeft => Volatile.Read(ref _isLeft) != 0;

        internal Span<byte> Bytes => new(arena._pages + (first * SlotBytes), length);

        /// <summary>Wipes it, and lets others have it.</summary>
        internal void Leave()
        {
            if (Interlocked.Exchange(ref _isLeft, 1) != 0) return;
            CryptographicOperations.ZeroMemory(Bytes);
            lock (arena._lock) arena._taken.AsSpan(first, (length + SlotBytes - 1) / SlotBytes).Clear();
        }
    }
}
