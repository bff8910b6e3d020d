namespace Holdfast.Client;

/// <summary>
/// Who waits until everything is here that the server had when they asked. A ticket is good for questions put after it was
/// drawn; one whose question was lost with the connection waits for the next.
/// </summary>
internal sealed class CatchUpTickets
{
    private List<TaskCompletionSource> _waiting = [];

    /// <summary>Whether anyone waits.</summary>
    internal bool Any => _waiting.Count > 0;

    /// <summary>Completes when a question that is put from now on has been dealt with.</summary>
    internal Task Draw()
    {
        var ticket = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Add(ticket);
        return ticket.Task;
    }

    /// <summary>Puts a question and deals with the answer for all who wait now.</summary>
    internal async Task ServeAsync(Func<Task> ask)
    {
        var asking = _waiting;
        _waiting = [];
        try { await ask(); }
        catch
        {
            _waiting.AddRange(asking);
            throw;
        }
        foreach (var ticket in asking) ticket.SetResult();
    }

    /// <summary>There is no answer as things are: whoever waits is told why.</summary>
    internal void Fail(Exception reason)
    {
        foreach (var ticket in _waiting)
        {
            ticket.SetException(reason);
            _ = ticket.Task.Exception;   // nobody may be waiting
        }
        _waiting = [];
    }

    /// <summary>There will be no answer: nobody waits any longer.</summary>
    internal void Release()
    {
        foreach (var ticket in _waiting) ticket.SetResult();
        _waiting = [];
    }
}
