namespace Holdfast.Mls;

/// <summary>
/// Holds secrets that several immutable states own together. Whoever makes it owns it; each further owner holds it, and
/// the last one to release it wipes it. This is how the next state can share what has not changed while the old state's
/// consumed secrets are gone the moment it is let go (RFC 9420 §9.2).
/// </summary>
internal abstract class Shared
{
    private int _owners = 1;

    /// <summary>Adds an owner.</summary>
    internal void Hold()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _owners) <= 0, this);
        Interlocked.Increment(ref _owners);
    }

    /// <summary>Takes an owner away.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _owners) == 0) Wipe();
    }

    /// <summary>Wipes what is inside and releases what it holds in turn.</summary>
    protected abstract void Wipe();
}
