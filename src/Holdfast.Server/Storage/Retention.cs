using Holdfast.Protocol;

namespace Holdfast.Server.Storage;

/// <summary>How long things are kept, and what time it is in the units that are stored.</summary>
internal sealed class Retention(TimeProvider clock, int days)
{
    /// <summary>The running hour.</summary>
    public long Hour => clock.Hour();

    /// <summary>The running day.</summary>
    public long Day => clock.Day();

    /// <summary>The last day an inbox item filed now may be fetched.</summary>
    public long LastInboxDay => clock.Day() + days;

    /// <summary>The last day a one-time key package uploaded now is handed out: well before its lifetime ends.</summary>
    public long LastKeyPackageDay => clock.Day() + ProtocolLimits.KeyPackageDays;

    /// <summary>The days the operator chose.</summary>
    public int Days => days;

    /// <summary>The first hour at which something stored now is expired.</summary>
    public long ExpiresHour(ExpiryBucket bucket) => clock.ExpiresHour(bucket, days);
}
