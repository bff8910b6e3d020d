namespace Holdfast.Server.Bench.Load;

/// <summary>What the clients of a world do next. Called from many threads at once.</summary>
internal class Workload
{
    /// <summary>The server has acknowledged a post, the first time.</summary>
    public virtual void Acknowledged(LoadClient client, long sentAt)
    {
    }

    /// <summary>A client was given the next entry of its log; who sent it, and when.</summary>
    public virtual void Delivered(LoadClient client, ulong position, LoadClient sender, long sentAt)
    {
    }
}
