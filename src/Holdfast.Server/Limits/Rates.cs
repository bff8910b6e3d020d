namespace Holdfast.Server.Limits;

/// <summary>A limit: so much at once, given back evenly over a time.</summary>
internal readonly record struct Rate(double Size, TimeSpan Over);

/// <summary>How much there is of what is limited. Fifty people behind one address who start at once stay far below each.</summary>
internal sealed class Rates(ServerOptions options)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1), Hour = TimeSpan.FromHours(1), Day = TimeSpan.FromDays(1);

    private readonly Rate _sends = new(60.0 * options.SendsPerSecond, Minute);
    private readonly Rate _connects = new(2.0 * options.ConnectionsPerAddress, Minute);
    private readonly Rate _sockets = new(4.0 * options.ConnectionsPerAddress, Minute);
    private readonly Rate _blobBytes = new(options.BlobBytesPerDay, Day);

    /// <summary>How much of something.</summary>
    public Rate Of(Limited what) => what switch
    {
        Limited.Sends => _sends,
        Limited.Logs => new(2_000, Hour),
        Limited.Deliveries => new(50_000, Hour),
        Limited.Blobs => new(5_000, Hour),
        Limited.Commits => new(1_000, Hour),
        Limited.Claims => new(5_000, Hour),
        Limited.UnknownPins => new(200, Hour),
        Limited.Invites => new(1_000, Day),
        Limited.BlobBytes => _blobBytes,
        Limited.Sockets => _sockets,
        Limited.Connects => _connects,
        Limited.FailedLogins => new(100, TimeSpan.FromMinutes(10)),
        Limited.WrongInvites => new(100, Hour),
        _ => throw new ArgumentOutOfRangeException(nameof(what)),
    };
}
