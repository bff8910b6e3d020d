using Holdfast.Protocol;

namespace Holdfast.Server.Storage;

/// <summary>One thing to be done inside the writer's transaction, and what follows when that is on disk.</summary>
internal abstract class Work
{
    /// <summary>About how many bytes it holds in memory while it waits.</summary>
    public virtual int Size => 256;

    /// <summary>
    /// Whether it touches conversations alone. Anything else concerns a person, and which conversation was written to next must not be
    /// read from the write-ahead log: it is emptied soon.
    /// </summary>
    public virtual bool IsOfLogs => false;

    /// <summary>Says, before anything of the batch is done, what it is about; asked only where the database is shared with other nodes.</summary>
    public virtual void Announce(Announced announced)
    {
    }

    /// <summary>When it was queued.</summary>
    public long QueuedAt { get; set; }

    /// <summary>Reads and writes on the writer thread. Checks come before the first write: a refusal changes nothing.</summary>
    public abstract void Execute(Stores stores, Batch batch);

    /// <summary>Called on the writer thread when the batch was rolled back, before anything further is done.</summary>
    public virtual void Fail()
    {
    }

    /// <summary>Called on the writer thread when the batch was rolled back and is to be done again: what this noted outside the database is taken back.</summary>
    public virtual void Undo()
    {
    }

    /// <summary>Called in order once the batch is on disk.</summary>
    public abstract void Acknowledge();

    /// <summary>Called instead of <see cref="Acknowledge"/> when the batch was rolled back or never begun.</summary>
    public abstract void Refuse(RefusalCode code);
}

/// <summary>Work whose caller waits for a value.</summary>
internal sealed class AwaitedWork<T>(Func<Stores, T> execute) : Work
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _value;
    private RefusalException? _refusal;

    public Task<T> Completion => _completion.Task;

    public override void Execute(Stores stores, Batch batch)
    {
        _refusal = null;
        try { _value = execute(stores); }
        catch (RefusalException refusal) { _refusal = refusal; }
    }

    public override void Acknowledge()
    {
        if (_refusal is not null) _completion.SetException(_refusal);
        else _completion.SetResult(_value!);
    }

    public override void Refuse(RefusalCode code) => _completion.SetException(new RefusalException(code));
}
