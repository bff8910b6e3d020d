using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>How far a post has come on this connection.</summary>
internal enum PostStage
{
    /// <summary>To be submitted.</summary>
    Waiting,

    /// <summary>Submitted; the answer is on its way.</summary>
    Submitted,

    /// <summary>Refused, because a commit had landed: to be sealed anew.</summary>
    Overtaken,

    /// <summary>On the server's disk; it comes back in the log, and that ends it.</summary>
    Accepted,
}

/// <summary>A post on its way from the vault's outbox into the log.</summary>
internal sealed class PendingPost(OutboxPost item)
{
    private readonly TaskCompletionSource<ulong> _acknowledged = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal OutboxPost Item { get; private set; } = item;

    internal PostStage Stage { get; set; }

    /// <summary>How often it has been overtaken.</summary>
    internal int Overtakings { get; private set; }

    /// <summary>How often the server refused it for want of access.</summary>
    internal int Refusals { get; set; }

    internal MessageId Id => Item.Post.Id;

    /// <summary>Its position, once it is on the server's disk; 0 where there was nothing left to post.</summary>
    internal Task<ulong> Acknowledged => _acknowledged.Task;

    /// <summary>Completes when the vault has seen it in the log and it has taken effect.</summary>
    internal Task Settled => _settled.Task;

    internal void Accept(ulong position)
    {
        Stage = PostStage.Accepted;
        _acknowledged.TrySetResult(position);
    }

    /// <summary>It has come back in the log, or there was nothing left to post.</summary>
    internal void Settle(ulong position)
    {
        _acknowledged.TrySetResult(position);
        _settled.TrySetResult();
    }

    /// <summary>Tells whoever waits for the acknowledgement that it takes longer; the post stays on its way.</summary>
    internal void Report(Exception reason)
    {
        if (_acknowledged.TrySetException(reason)) _ = _acknowledged.Task.Exception;   // nobody may be waiting
    }

    /// <summary>Tells whoever waits that it takes longer, but for an answer that is on its way.</summary>
    internal void Delay(Exception reason)
    {
        if (Stage != PostStage.Submitted) Report(reason);
        if (_settled.TrySetException(reason)) _ = _settled.Task.Exception;
    }

    /// <summary>It has been given up.</summary>
    internal void Fail(Exception reason)
    {
        Report(reason);
        if (_settled.TrySetException(reason)) _ = _settled.Task.Exception;
    }

    internal void Replace(OutboxPost item)
    {
        Item = item;
        Stage = PostStage.Waiting;
        Overtakings++;
    }
}
