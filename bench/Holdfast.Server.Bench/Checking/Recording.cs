namespace Holdfast.Server.Bench.Checking;

/// <summary>One post as its sender knows it.</summary>
/// <param name="Id">Its id, which no other post has.</param>
/// <param name="Digest">Of its bytes.</param>
internal readonly record struct Sent(UInt128 Id, ulong Digest);

/// <summary>The server has acknowledged a post.</summary>
/// <param name="Sequence">Which of the sender's posts, from 0.</param>
/// <param name="Position">Where it says it is.</param>
internal readonly record struct Acknowledged(int Sequence, ulong Position);

/// <summary>One entry as one client was given it.</summary>
/// <param name="Position">Where the server says it is.</param>
/// <param name="Id">The post's id.</param>
/// <param name="Digest">Of the bytes that came.</param>
/// <param name="Connection">On which of the client's connections, one after the other.</param>
/// <param name="Answer">0 for a push; else a number of the answer it was in.</param>
internal readonly record struct Received(ulong Position, UInt128 Id, ulong Digest, int Connection, uint Answer);

/// <summary>What one client has posted to one log, in the order in which it did. What was not acknowledged may be there or not.</summary>
internal sealed class Submissions(int log)
{
    public int Log { get; } = log;

    public List<Sent> Posts { get; } = [];

    public List<Acknowledged> Acknowledged { get; } = [];
}

/// <summary>What one client has been given of one log, in the order in which it came.</summary>
internal sealed class View(int log, ulong from = 0)
{
    public int Log { get; } = log;

    /// <summary>The client asked for nothing up to here.</summary>
    public ulong From { get; } = from;

    public List<Received> Entries { get; } = [];

    /// <summary>When all was quiet the client had all that the server said there is.</summary>
    public bool IsComplete { get; set; }
}

/// <summary>All that the clients of one run have seen.</summary>
internal sealed class Recording
{
    private readonly Lock _gate = new();

    public List<Submissions> Senders { get; } = [];

    public List<View> Views { get; } = [];

    public Submissions AddSubmissions(int log)
    {
        var sender = new Submissions(log);
        lock (_gate) Senders.Add(sender);
        return sender;
    }

    public View AddView(int log, ulong from = 0)
    {
        var view = new View(log, from);
        lock (_gate) Views.Add(view);
        return view;
    }
}
