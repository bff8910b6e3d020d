using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Holdfast.Cryptography;
using Holdfast.Server.Metrics;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Server.Limits;

/// <summary>
/// What one address, or one IPv6 network of 64 bits, may not do without end. No address is kept: a place is known by a hash under a key
/// that is made at start and never leaves memory, and forgotten when all has refilled. A peer on this very machine has no limits of this
/// kind: it is a proxy that nobody has named, and behind it are all.
/// </summary>
internal sealed class AddressLimits(ServerOptions options, Rates rates, RandomSource random, TimeProvider clock, ServerMetrics metrics)
{
    private const int MostPlaces = 100_000;

    private readonly Origin _origin = new(options.TrustedProxies);
    private readonly byte[] _key = MakeKey(random);
    private readonly Lock _gate = new();
    private readonly Dictionary<UInt128, Place> _places = [];
    private readonly Place _others = new(new Buckets(rates, clock));

    /// <summary>How many places are remembered.</summary>
    public int Count
    {
        get { lock (_gate) return _places.Count; }
    }

    /// <summary>Who makes a request.</summary>
    public Visitor VisitorOf(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } peer || (IPAddress.IsLoopback(peer) && !_origin.IsTrusted(peer))) return new(null, this);
        return new(PlaceOf(_origin.Of(peer, context.Request.Headers)), this);
    }

    /// <summary>Lets a socket in, before a byte of it is read; a proxy's are not counted. Whoever has too many is hung up on.</summary>
    public ConnectionDelegate Guard(ConnectionDelegate next) => async connection =>
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        bool counts = address is not null && !IPAddress.IsLoopback(address) && !_origin.IsTrusted(address);
        var visitor = new Visitor(counts ? PlaceOf(address!) : null, this);
        if (!visitor.TryOpen(sockets: true, out var place))
        {
            connection.Abort();
            return;
        }
        using (place) await next(connection);
    };

    /// <summary>Forgets whoever has nothing open and nothing to refill.</summary>
    public void Tidy()
    {
        lock (_gate)
        {
            foreach (var (key, place) in _places)
                if (place is { Sockets: 0, Connections: 0 } && place.Buckets.IsFull) _places.Remove(key);
        }
    }

    internal bool TryTake(Place place, Limited what)
    {
        if (place.Buckets.TryTake(what)) return true;
        metrics.LimitsHit.Add(what);
        return false;
    }

    /// <summary>One more socket or connection; false where there are too many, or too many in a minute.</summary>
    internal bool TryOpen(Place place, bool sockets)
    {
        lock (_gate)
        {
            int open = sockets ? place.Sockets : place.Connections, most = (sockets ? 2 : 1) * options.ConnectionsPerAddress;
            if (open < most && TryTake(place, sockets ? Limited.Sockets : Limited.Connects))
            {
                if (sockets) place.Sockets++;
                else place.Connections++;
                return true;
            }
            if (open >= most) metrics.LimitsHit.Add(Limited.Open);
            return false;
        }
    }

    internal void Close(Place place, bool sockets)
    {
        lock (_gate)
        {
            if (sockets) place.Sockets--;
            else place.Connections--;
        }
    }

    private Place PlaceOf(IPAddress address)
    {
        var key = KeyOf(address);
        lock (_gate)
        {
            if (_places.TryGetValue(key, out var place)) return place;
            if (_places.Count >= MostPlaces) return _others;   // until the next tidying, all who are new share one measure
            return _places[key] = new Place(new Buckets(rates, clock));
        }
    }

    /// <summary>An address of IPv4 is one, also as a listener for both shows it; of IPv6 the network is.</summary>
    private UInt128 KeyOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        Span<byte> text = stackalloc byte[48], hash = stackalloc byte[SHA256.HashSizeInBytes];
        _key.CopyTo(text);
        address.MapToIPv6().TryWriteBytes(text[32..], out _);
        if (address.AddressFamily == AddressFamily.InterNetworkV6) text[40..].Clear();
        SHA256.HashData(text, hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    private static byte[] MakeKey(RandomSource random)
    {
        byte[] key = new byte[32];
        random.FillSecret(key);
        return key;
    }

    /// <summary>What is remembered of an address.</summary>
    internal sealed class Place(Buckets buckets)
    {
        public Buckets Buckets => buckets;

        public int Sockets { get; set; }

        public int Connections { get; set; }
    }
}
