namespace Holdfast.Mls;

/// <summary>
/// Holds secrets that several immutable states own together. Whoever makes it owns it; each further owner holds it, and
/// the last one to release it wipes it. This is how the next state can share what has not changed while the old state's
/// consumed secrets are gone the moment it is let go (RFC 9420 §9.2).
/// </summary>
internal abstract class Shared
{
    private int _owners = 1;

    /// <summary>Adds an owner; one that comes as the last one goes is either counted before the wiping or refused.</summary>
    /// <exception cref="ObjectDisposedException">It has no owner any more, and is wiped.</exception>
    internal void Hold()
    {
        int owners = Volatile.Read(ref _owners);
        while (true)
        {
            ObjectDisposedException.ThrowIf(owners <= 0, this);
            int found = Interlocked.CompareExchange(ref _owners, owners + 1, owners);
            if (found == owners) return;
            owners = found;
        }
    }

    /// <summary>Takes an owner away.</summary>
    /// <exception cref="InvalidOperationException">
    /// It has none: somebody released what was not theirs, and others may have lost theirs.
    /// </exception>
    internal void Release()
    {
        int left = Interlocked.Decrement(ref _owners);
        if (left < 0) throw new InvalidOperationException("released more often than it was held");
        if (left == 0) Wipe();
    }

    /// <summary>Wipes what is inside and releases what it holds in turn.</summary>
    protected abstract void Wipe();
}
