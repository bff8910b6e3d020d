using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Storage;

namespace Holdfast.Server.Accounts;

/// <summary>Accounts and their devices: a PIN, public keys and a counter, and nothing of what they talk about.</summary>
internal sealed class AccountStore(Database database, RandomSource random)
{
    internal const string Tables =
        """
        CREATE TABLE accounts (pin TEXT PRIMARY KEY, identity_key BLOB NOT NULL UNIQUE) WITHOUT ROWID;
        CREATE TABLE devices (
            device BLOB PRIMARY KEY, pin TEXT NOT NULL, login_key BLOB NOT NULL, login_counter INTEGER NOT NULL, delivery_key BLOB) WITHOUT ROWID;
        CREATE INDEX devices_of_account ON devices (pin);

        """;

    private readonly Statement _pinOf = database.Prepare("SELECT pin FROM accounts WHERE identity_key = $1");
    private readonly Statement _addAccount = database.Prepare("INSERT INTO accounts VALUES ($1, $2) ON CONFLICT DO NOTHING");
    private readonly Statement _addDevice = database.Prepare(
        "INSERT INTO devices (device, pin, login_key, login_counter) VALUES ($1, $2, $3, 0) ON CONFLICT DO NOTHING");
    private readonly Statement _isDeviceOf = database.Prepare("SELECT count(*) FROM devices WHERE device = $1 AND pin = $2 AND login_key = $3");
    private readonly Statement _exists = database.Prepare("SELECT count(*) FROM devices WHERE device = $1");
    private readonly Statement _loginKey = database.Prepare("SELECT login_key FROM devices WHERE device = $1");
    private readonly Statement _deliveryKey = database.Prepare("SELECT delivery_key FROM devices WHERE device = $1 AND delivery_key IS NOT NULL");
    private readonly Statement _pinOfDevice = database.Prepare("SELECT pin FROM devices WHERE device = $1");
    private readonly Statement _raise = database.Prepare(
        "UPDATE devices SET login_counter = $2, delivery_key = CASE WHEN length($3) = 0 THEN NULL ELSE $3 END WHERE device = $1 AND login_counter < $2");
    private readonly Statement _keepSession = database.Prepare("UPDATE devices SET session_hash = $2 WHERE device = $1");
    private readonly Statement _endSession = database.Prepare("UPDATE devices SET session_hash = NULL WHERE device = $1 AND session_hash = $2");
    private readonly Statement _ofSession = database.Prepare("SELECT device, pin FROM devices WHERE session_hash = $1");
    private readonly Statement _devicesOf = database.Prepare("SELECT device FROM devices WHERE pin = $1");

    /// <summary>The PIN of whoever holds an identity key, or null.</summary>
    public Pin? FindPin(ReadOnlySpan<byte> identityKey) =>
        _pinOf.Start().With(identityKey).First(static row => Pin.TryParse(row.Text(0), out var pin, out _) ? (Pin?)pin : null);

    /// <summary>Makes an account under a fresh random PIN.</summary>
    public Pin AddAccount(ReadOnlySpan<byte> identityKey)
    {
        Span<byte> bits = stackalloc byte[Pin.Length];
        while (true)
        {
            random.FillPublic(bits);
            var pin = Pin.FromRandom(bits);
            if (_addAccount.Start().With(pin.ToString()).With(identityKey).Run() == 1) return pin;
        }
    }

    /// <summary>Adds a device; false where its id is taken.</summary>
    public bool AddDevice(Pin pin, DeviceId device, ReadOnlySpan<byte> loginKey) =>
        _addDevice.Start().With(device.ToBytes()).With(pin.ToString()).With(loginKey).Run() == 1;

    /// <summary>Whether this very device, with this very key, belongs to the account.</summary>
    public bool IsDeviceOf(Pin pin, DeviceId device, ReadOnlySpan<byte> loginKey) =>
        _isDeviceOf.Start().With(device.ToBytes()).With(pin.ToString()).With(loginKey).First(static row => row.Integer(0)) > 0;

    /// <summary>Whether there is such a device.</summary>
    public bool Exists(DeviceId device) => _exists.Start().With(device.ToBytes()).First(static row => row.Integer(0)) > 0;

    /// <summary>Whose device it is; nobody's where there is no such device.</summary>
    public Pin PinOf(DeviceId device) => _pinOfDevice.Start().With(device.ToBytes())
        .First(static row => Pin.TryParse(row.Text(0), out var pin, out _) ? (Pin?)pin : null) ?? default;

    /// <summary>A device's public login key, or null.</summary>
    public byte[]? LoginKey(DeviceId device) => _loginKey.Start().With(device.ToBytes()).First(static row => row.Bytes(0).ToArray());

    /// <summary>The public key by which a locked device fetches, or null.</summary>
    public byte[]? DeliveryKey(DeviceId device) => _deliveryKey.Start().With(device.ToBytes()).First(static row => row.Bytes(0).ToArray());

    /// <summary>Raises the login counter and keeps the delivery key that came with it, or none; false where the counter is not higher than the stored one.</summary>
    public bool RaiseCounter(DeviceId device, long counter, ReadOnlySpan<byte> deliveryKey) =>
        _raise.Start().With(device.ToBytes()).With(counter).With(deliveryKey).Run() == 1;

    /// <summary>Keeps the hash of a session's token, where other nodes have to know it.</summary>
    public void KeepSession(DeviceId device, ReadOnlySpan<byte> tokenHash)
    {
        if (database.IsShared) _keepSession.Start().With(device.ToBytes()).With(tokenHash).Run();
    }

    /// <summary>The session has ended with its connection.</summary>
    public void EndSession(DeviceId device, ReadOnlySpan<byte> tokenHash)
    {
        if (database.IsShared) _endSession.Start().With(device.ToBytes()).With(tokenHash).Run();
    }

    /// <summary>The device that a session's token was given to, and its account, on a shared database; null where it has ended.</summary>
    public (DeviceId Device, Pin Account)? OfSession(ReadOnlySpan<byte> tokenHash) => _ofSession.Start().With(tokenHash).First(
        static row => Pin.TryParse(row.Text(1), out var account, out _) ? ((DeviceId, Pin)?)(DeviceId.Of(row.Bytes(0)), account) : null);

    /// <summary>A device's counter where other nodes may raise it, else 0.</summary>
    public long HeldCounter(DeviceId device) => database.LoginCounter(device) ?? 0;

    /// <summary>Whether the device has logged in on another node since a connection's own login.</summary>
    public bool IsOvertaken(DeviceId device, long counter) => database.LoginCounter(device) > counter;

    /// <summary>The devices of an account; none where nobody has the PIN.</summary>
    public List<DeviceId> DevicesOf(Pin pin) => _devicesOf.Start().With(pin.ToString()).All(static row => DeviceId.Of(row.Bytes(0)));
}
