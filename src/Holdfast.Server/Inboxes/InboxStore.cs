using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Storage;

namespace Holdfast.Server.Inboxes;

/// <summary>What waits for a device: a random id, the device, a day and sealed bytes, with nothing to pair them with a log.</summary>
internal sealed class InboxStore(Database database, RandomSource random)
{
    internal const string Tables =
        """
        CREATE TABLE inbox (
            device BLOB NOT NULL, id BLOB NOT NULL, last_day INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (device, id)) WITHOUT ROWID;

        """;

    private readonly Statement _file = database.Prepare("INSERT INTO inbox VALUES ($1, $2, $3, $4)");
    private readonly Statement _read = database.Prepare("SELECT id, bytes FROM inbox WHERE device = $1");
    private readonly Statement _done = database.Prepare("DELETE FROM inbox WHERE device = $1 AND id = $2");
    private readonly Statement _dropExpired = database.Prepare("DELETE FROM inbox WHERE last_day < $1");

    /// <summary>Files one item under a fresh random id.</summary>
    public InboxItem File(Delivery delivery, long lastDay)
    {
        var item = new InboxItem(InboxItemId.Of(random.PublicBytes(Id128.Size)), delivery.Bytes);
        _file.Start().With(delivery.Device.ToBytes()).With(item.Id.ToBytes()).With(lastDay).With(delivery.Bytes.Span).Run();
        return item;
    }

    /// <summary>What waits, as much as fits one answer; the rest comes once these are done with.</summary>
    public List<InboxItem> Read(DeviceId device)
    {
        var items = new List<InboxItem>();
        int bytes = 0;
        _read.Start().With(device.ToBytes()).Each(row =>
        {
            var content = row.Bytes(1);
            if (items.Count > 0 && bytes + content.Length > ProtocolLimits.InboxBytesPerRead) return false;
            bytes += content.Length + Id128.Size;
            items.Add(new InboxItem(InboxItemId.Of(row.Bytes(0)), content.ToArray()));
            return true;
        });
        return items;
    }

    /// <summary>Removes an item of this device; one that is gone already is no matter.</summary>
    public void Done(DeviceId device, InboxItemId item) => _done.Start().With(device.ToBytes()).With(item.ToBytes()).Run();

    /// <summary>Removes what nobody fetched in time.</summary>
    public int DropExpired(long today) => _dropExpired.Start().With(today).Run();
}
