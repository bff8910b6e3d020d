using Microsoft.Extensions.Logging;

namespace Holdfast.Server;

/// <summary>All the diagnostics there are: counts and reasons. No addresses, no names, no ids that outlive a day, and no message of an exception.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Started, {Version}")]
    public static partial void Started(ILogger logger, string version);

    [LoggerMessage(2, LogLevel.Information, "Stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(3, LogLevel.Warning, "Nothing can be stored ({Code}): {Reason}. {Advice}; the server goes on by itself")]
    public static partial void StorageFailed(ILogger logger, string code, string reason, string advice);

    [LoggerMessage(4, LogLevel.Information, "The disk takes writes again")]
    public static partial void StorageRecovered(ILogger logger);

    [LoggerMessage(5, LogLevel.Error, "The writer met a bug and refused a batch: {Fault}")]
    public static partial void WriterFailed(ILogger logger, string fault);

    [LoggerMessage(6, LogLevel.Information, "Retention removed {Rows} rows and {Blobs} blobs")]
    public static partial void Swept(ILogger logger, int rows, int blobs);

    [LoggerMessage(7, LogLevel.Error, "A connection met a bug and was ended: {Fault}")]
    public static partial void ConnectionFailed(ILogger logger, string fault);

    [LoggerMessage(8, LogLevel.Warning, "A blob could not be written: {Reason}")]
    public static partial void BlobFailed(ILogger logger, string reason);

    [LoggerMessage(9, LogLevel.Error, "A request met a bug: {Fault}")]
    public static partial void RequestFailed(ILogger logger, string fault);

    [LoggerMessage(10, LogLevel.Error, "The retention sweep met a bug: {Fault}")]
    public static partial void SweepFailed(ILogger logger, string fault);

    [LoggerMessage(12, LogLevel.Warning, "The database does not tell what other nodes do; everything is looked at when it does again")]
    public static partial void WakeupsLost(ILogger logger);

    [LoggerMessage(13, LogLevel.Error, "What follows other nodes met a bug: {Fault}")]
    public static partial void FollowerFailed(ILogger logger, string fault);

    [LoggerMessage(
        14, LogLevel.Critical,
        "The disk has not kept what was written ({Code}). Nothing is acknowledged any more, and the server ends: look after the disk, then start it again")]
    public static partial void SyncFailed(ILogger logger, string code);

    [LoggerMessage(11, LogLevel.Information, "Requests that would not end were cut off")]
    public static partial void Impatient(ILogger logger);
}
