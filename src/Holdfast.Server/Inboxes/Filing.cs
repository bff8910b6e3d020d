using Holdfast.Protocol;
using Holdfast.Server.Storage;

namespace Holdfast.Server.Inboxes;

/// <summary>Filing deliveries: all of them or none.</summary>
internal static class Filing
{
    /// <summary>Before the first write: every device must exist.</summary>
    /// <exception cref="RefusalException">One does not.</exception>
    public static void Check(Stores stores, IReadOnlyList<Delivery> deliveries)
    {
        foreach (var delivery in deliveries)
            if (!stores.Accounts.Exists(delivery.Device)) throw new RefusalException(RefusalCode.UnknownDevice);
    }

    /// <summary>Files them, and notes them for devices that are online.</summary>
    public static void File(Stores stores, Batch batch, IReadOnlyList<Delivery> deliveries, Retention retention)
    {
        foreach (var delivery in deliveries) batch.AddItem(delivery.Device, stores.Inboxes.File(delivery, retention.LastInboxDay));
    }
}
