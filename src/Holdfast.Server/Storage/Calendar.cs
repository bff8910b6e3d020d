using Holdfast.Protocol;

namespace Holdfast.Server.Storage;

/// <summary>Stored times: whole days, and whole hours where a rule needs them. Nothing finer reaches the disk.</summary>
internal static class Calendar
{
    /// <summary>Hours in a day.</summary>
    public const long HoursPerDay = 24;

    /// <summary>Hours since 1970, rounded down.</summary>
    public static long Hour(this TimeProvider clock) => clock.GetUtcNow().ToUnixTimeSeconds() / 3600;

    /// <summary>Days since 1970, rounded down.</summary>
    public static long Day(this TimeProvider clock) => clock.Hour() / HoursPerDay;

    /// <summary>The first hour at which something expires: at least the bucket's time from now, rounded up to the hour or the day.</summary>
    public static long ExpiresHour(this TimeProvider clock, ExpiryBucket bucket, int retentionDays)
    {
        if (bucket == ExpiryBucket.Hour) return clock.Hour() + 2;
        int days = bucket switch { ExpiryBucket.Day => 1, ExpiryBucket.Week => 7, ExpiryBucket.Month => 30, _ => retentionDays };
        return (clock.Day() + 1 + Math.Min(days, retentionDays)) * HoursPerDay;
    }
}
