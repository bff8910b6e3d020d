using Holdfast.Protocol;

namespace Holdfast.Server.Limits;

/// <summary>Whoever makes a request, as far as limits go; nobody where the address has none.</summary>
internal sealed class Visitor(AddressLimits.Place? place, AddressLimits limits)
{
    /// <summary>Takes one of a limit, before it is known how the request ends.</summary>
    /// <exception cref="RefusalException">There is none left.</exception>
    public void Take(Limited what)
    {
        if (place is not null && !limits.TryTake(place, what)) throw new RefusalException(RefusalCode.TooMany);
    }

    /// <summary>Gives it back where the request ended well.</summary>
    public void GiveBack(Limited what) => place?.Buckets.GiveBack(what);

    /// <summary>One more connection, until what is returned is disposed of.</summary>
    /// <exception cref="RefusalException">There are too many.</exception>
    public IDisposable? Open() => TryOpen(sockets: false, out var open) ? open : throw new RefusalException(RefusalCode.TooMany);

    /// <summary>One more connection or socket, until what is returned is disposed of; false where there are too many.</summary>
    public bool TryOpen(bool sockets, out IDisposable? open)
    {
        open = null;
        if (place is null) return true;
        if (!limits.TryOpen(place, sockets)) return false;
        open = new OpenPlace(place, limits, sockets);
        return true;
    }

    private sealed class OpenPlace(AddressLimits.Place place, AddressLimits limits, bool sockets) : IDisposable
    {
        private bool _closed;

        public void Dispose()
        {
            if (!_closed) limits.Close(place, sockets);
            _closed = true;
        }
    }
}
