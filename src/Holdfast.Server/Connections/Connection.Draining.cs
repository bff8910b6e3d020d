using Holdfast.Protocol;

namespace Holdfast.Server.Connections;

/// <summary>How a connection ends when the server does: what was asked before is answered, what comes after is refused.</summary>
internal sealed partial class Connection
{
    private readonly Lock _turn = new();
    private readonly TaskCompletionSource _readToItsEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _handling = Task.CompletedTask;
    private bool _draining;

    /// <summary>Completes when the peer sends nothing more.</summary>
    public Task ReadToItsEnd => _readToItsEnd.Task;

    /// <summary>From now on every request is refused. Completes when the one under way is queued or answered.</summary>
    public async Task StopRequestsAsync()
    {
        Task handling;
        lock (_turn)
        {
            _draining = true;
            handling = _handling;
        }
        await handling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);   // the reading loop hears of it
    }

    /// <summary>Tells the peer that it will end. What it sends from here on is refused until it does.</summary>
    public void Announce(RefusalCode code) => Send(new Refused(0, code));

    /// <summary>Sends what waits, then closes; a peer that reads nothing does not hold us up.</summary>
    public void Finish()
    {
        Outbound.Complete();
        try { _lifetime.CancelAfter(ClosingTime); }
        catch (ObjectDisposedException) { return; }   // it has ended in the meantime
    }

    /// <summary>Carries out a request, or refuses it where the connection is about to end.</summary>
    private Task TakeTurn(ClientFrame frame)
    {
        if (IsTooMuch(frame))
        {
            Refuse(frame, RefusalCode.TooMany);
            return Task.CompletedTask;
        }
        lock (_turn)
            if (!_draining) return _handling = HandleAsync(frame).AsTask();
        Refuse(frame, RefusalCode.ShuttingDown);
        return Task.CompletedTask;
    }

    private void Refuse(ClientFrame frame, RefusalCode code)
    {
        if (Requests.NumberOf(frame) is not 0 and var request) Send(new Refused(request, code), frame is SubmitPost);
    }
}
