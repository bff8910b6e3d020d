using Holdfast.Protocol;
using Holdfast.Server.Storage;

namespace Holdfast.Server.Connections;

/// <summary>A login whose signature was verified, in its place among the writes.</summary>
internal abstract class LoginWork : Work
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the device is online, or with the refusal.</summary>
    public Task Completion => _completion.Task;

    public override void Refuse(RefusalCode code) => _completion.SetException(new RefusalException(code));

    protected void Done() => _completion.SetResult();
}

/// <summary>Raises the login counter, durably before the device is told: a copied profile falls behind and is noticed.</summary>
internal sealed class FullLoginWork(Connection connection, long counter, ReadOnlyMemory<byte> deliveryKey) : LoginWork
{
    private int? _keyPackages;

    public override void Announce(Announced announced) => announced.Add(connection.Device, logsIn: true);

    public override void Execute(Stores stores, Batch batch)
    {
        _keyPackages = null;
        if (!stores.Accounts.RaiseCounter(connection.Device, counter, deliveryKey.Span)) return;
        stores.Accounts.KeepSession(connection.Device, connection.SessionHash);
        _keyPackages = stores.KeyPackages.Count(connection.Device);
        batch.HasLogins = true;
        connection.TakeOver();
    }

    public override void Acknowledge()
    {
        if (_keyPackages is not { } keyPackages)
        {
            Refuse(RefusalCode.Cloned);
            return;
        }
        connection.LoggedIn(keyPackages);
        Done();
    }
}

/// <summary>Lets a locked device read, unless its delivery key has gone since it was looked up.</summary>
internal sealed class DeliveryLoginWork(Connection connection) : LoginWork
{
    private bool _stands;

    public override void Announce(Announced announced) => announced.Add(connection.Device);

    public override void Execute(Stores stores, Batch batch)
    {
        _stands = stores.Accounts.DeliveryKey(connection.Device) is { } key && connection.DeliveryKey.Span.SequenceEqual(key);
        connection.Counter = stores.Accounts.HeldCounter(connection.Device);
    }

    public override void Acknowledge()
    {
        if (!_stands)
        {
            Refuse(RefusalCode.BadLogin);
            return;
        }
        connection.LoggedIn(0);
        Done();
    }
}
