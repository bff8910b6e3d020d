using System.Buffers.Binary;
using Holdfast.Server.Storage;

namespace Holdfast.Server.Keeping;

/// <summary>
/// A restored server has forgotten what came after its backup, and its clients have not. So nothing that was given out in between is given out again:
/// no position of a log, no one-time key package, no use of an invite.
/// </summary>
internal static class SteppedBack
{
    /// <summary>How many positions a log is ahead after a restore: more than anybody has posted since a backup.</summary>
    public const int PositionBits = 32;

    /// <summary>How often this server was restored.</summary>
    public static long Times(Settings settings) => settings.Get(Settings.Restored) is { Length: sizeof(long) } value ? BinaryPrimitives.ReadInt64BigEndian(value) : 0;

    /// <summary>Where a log begins on a server that was restored so often: one that its members make again goes on behind all that they have.</summary>
    public static ulong FirstPosition(long restores) => (ulong)restores << PositionBits;

    /// <summary>
    /// Each log goes on far behind the positions that its members have had: to them what lies between is gone, like what has expired. Devices
    /// upload new key packages at their next login, and invites are made anew.
    /// </summary>
    public static void Mend(Database database, Stores stores)
    {
        Span<byte> times = stackalloc byte[sizeof(long)];
        database.Begin();
        try
        {
            long now = Times(stores.Settings) + 1;
            database.Execute($"UPDATE logs SET head = {now << PositionBits}; DELETE FROM key_packages WHERE last_resort = 0; DELETE FROM invites;");
            BinaryPrimitives.WriteInt64BigEndian(times, now);
            stores.Settings.Set(Settings.Restored, times);
            database.Commit();
        }
        finally { database.Rollback(); }
    }
}
