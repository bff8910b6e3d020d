using System.Security.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Storage;

namespace Holdfast.Server.KeyPackages;

/// <summary>Key packages that wait to be claimed. A claimed one leaves no trace, neither of itself nor of who has it.</summary>
internal sealed class KeyPackageStore(Database database)
{
    /// <summary>Keyed by the hash of the bytes: the same one uploaded again is one, and the order of rows is random.</summary>
    internal const string Tables =
        """
        CREATE TABLE key_packages (
            device BLOB NOT NULL, last_resort INTEGER NOT NULL, hash BLOB NOT NULL, bytes BLOB NOT NULL, last_day INTEGER NOT NULL,
            PRIMARY KEY (device, last_resort, hash)) WITHOUT ROWID;

        """;

    private readonly Statement _count = database.Prepare("SELECT count(*) FROM key_packages WHERE device = $1 AND last_resort = 0");
    private readonly Statement _add = database.Prepare("INSERT INTO key_packages VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING");
    private readonly Statement _dropExpired = database.Prepare("DELETE FROM key_packages WHERE last_day < $1 AND last_resort = 0");
    private readonly Statement _dropLastResort = database.Prepare("DELETE FROM key_packages WHERE device = $1 AND last_resort = 1");
    private readonly Statement _lastResort = database.Prepare("SELECT bytes FROM key_packages WHERE device = $1 AND last_resort = 1");
    private readonly Statement _claim = database.Prepare(
        $"""
        DELETE FROM key_packages WHERE device = $1 AND last_resort = 0 AND hash =
            (SELECT hash FROM key_packages WHERE device = $1 AND last_resort = 0 LIMIT 1{database.SkipLocked}) RETURNING bytes
        """);

    /// <summary>How many one-time key packages a device has left.</summary>
    public int Count(DeviceId device) => (int)_count.Start().With(device.ToBytes()).First(static row => row.Integer(0));

    /// <summary>Adds a one-time key package, to be handed out until that day.</summary>
    public void AddOneTime(DeviceId device, ReadOnlySpan<byte> package, long lastDay) => Add(device, 0, package, lastDay);

    /// <summary>Replaces the one that is handed out when the others are used up.</summary>
    public void SetLastResort(DeviceId device, ReadOnlySpan<byte> package)
    {
        _dropLastResort.Start().With(device.ToBytes()).Run();
        Add(device, 1, package, long.MaxValue);
    }

    /// <summary>Takes one: a one-time key package leaves the store with it, the last-resort one stays.</summary>
    public byte[]? Claim(DeviceId device) =>
        _claim.Start().With(device.ToBytes()).First(static row => row.Bytes(0).ToArray()) ??
        _lastResort.Start().With(device.ToBytes()).First(static row => row.Bytes(0).ToArray());

    /// <summary>Removes the one-time key packages whose last day is over; its device is told how few are left, and makes new ones.</summary>
    public int DropExpired(long today) => _dropExpired.Start().With(today).Run();

    private void Add(DeviceId device, int lastResort, ReadOnlySpan<byte> package, long lastDay) =>
        _add.Start().With(device.ToBytes()).With(lastResort).With(SHA256.HashData(package)).With(package).With(lastDay).Run();
}
