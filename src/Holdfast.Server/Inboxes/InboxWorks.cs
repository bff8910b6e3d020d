using Holdfast.Protocol;
using Holdfast.Server.Connections;
using Holdfast.Server.Storage;

namespace Holdfast.Server.Inboxes;

/// <summary>Files sealed items into inboxes, outside any log.</summary>
internal sealed class DeliverWork(Connection connection, SubmitDeliveries frame, Retention retention) : RequestWork(connection, frame.Request)
{
    protected override bool IsHeld() => Connection.IsHeld;

    public override void Fail() => Connection.Hold();

    public override int Size => 256 + frame.Deliveries.Sum(static delivery => delivery.Bytes.Length + 64);

    protected override ServerFrame Answer(Stores stores, Batch batch)
    {
        Filing.Check(stores, frame.Deliveries);
        Filing.File(stores, batch, frame.Deliveries, retention);
        return new Done(Request);
    }
}

/// <summary>Removes items a device has dealt with.</summary>
internal sealed class InboxDoneWork(Connection connection, InboxDone frame) : RequestWork(connection, frame.Request)
{
    protected override ServerFrame Answer(Stores stores, Batch batch)
    {
        foreach (var item in frame.Items) stores.Inboxes.Done(Connection.Device, item);
        return new Done(Request);
    }
}
