using Holdfast.Protocol;
using Holdfast.Server.Storage;

namespace Holdfast.Server.Connections;

/// <summary>Raises the login counter, durably before the device is told: a copied profile falls behind and is noticed.</summary>
internal sealed class LoginWork(Connection connection, long counter) : Work
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int? _keyPackages;

    /// <summary>Ends when the device is online, or with the refusal.</summary>
    public Task Completion => _completion.Task;

    public override void Execute(Stores stores, Batch batch)
    {
        if (!stores.Accounts.RaiseCounter(connection.Device, counter)) return;
        _keyPackages = stores.KeyPackages.Count(connection.Device);
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
        _completion.SetResult();
    }

    public override void Refuse(RefusalCode code) => _completion.SetException(new RefusalException(code));
}
