using Holdfast.Protocol;
using Holdfast.Server.Connections;
using Holdfast.Server.Keeping;
using Holdfast.Server.Storage;

namespace Holdfast.Server.Logs;

/// <summary>
/// Makes an empty log. Where there is one, and this connection may post in it, its members' present key is added: a server that was restored has lost it.
/// </summary>
internal sealed class CreateLogWork(Connection connection, CreateLog frame, Retention hours) : RequestWork(connection, frame.Request)
{
    protected override bool IsHeld() => Connection.IsHeld;

    public override void Fail() => Connection.Hold();

    public override bool IsOfLogs => true;

    protected override ServerFrame Answer(Stores stores, Batch batch)
    {
        long restores = SteppedBack.Times(stores.Settings);
        if (stores.Logs.Create(frame.Log, frame.AccessKey.Span, SteppedBack.FirstPosition(restores))) return new Done(Request);
        if (restores == 0 || Connection.Subscriptions.Find(frame.Log) is not { } subscription ||
            !stores.Logs.MayPost(frame.Log, subscription.AccessKey.Span, hours.Hour))
        {
            throw new RefusalException(RefusalCode.LogExists);
        }
        if (stores.Logs.KeyPosition(frame.Log, frame.AccessKey.Span) is null)
            stores.Logs.AddKey(frame.Log, frame.AccessKey.Span, stores.Logs.Head(frame.Log));   // the others stay: who has shown a false one has locked nobody out
        return new Done(Request);
    }
}

/// <summary>
/// Opens a log on a connection, its signature being verified already. It goes through the writer so that it has a place among
/// the posts: whatever lands behind the head it answers is pushed.
/// </summary>
internal sealed class SubscribeWork(Connection connection, Subscribe frame) : RequestWork(connection, frame.Request)
{
    private ulong? _head;

    public override bool IsOfLogs => true;

    protected override ServerFrame Answer(Stores stores, Batch batch)
    {
        _head = null;
        if (stores.Logs.KeyPosition(frame.Log, frame.AccessKey.Span) is not { } position) throw new RefusalException(RefusalCode.NoAccess);
        Connection.Subscriptions.Add(frame.Log, frame.AccessKey, (ulong)position);
        ulong head = stores.Logs.Head(frame.Log);
        _head = head;
        return new Subscribed(Request, head);
    }

    public override void Acknowledge()
    {
        if (_head is { } head) Connection.Listen(frame.Log, head);   // none where it was refused
        base.Acknowledge();
    }
}

/// <summary>Ends a subscription, in its place among the posts.</summary>
internal sealed class UnsubscribeWork(Connection connection, LogId log) : RequestWork(connection, 0)
{
    public override bool IsOfLogs => true;

    protected override ServerFrame? Answer(Stores stores, Batch batch)
    {
        Connection.Subscriptions.Remove(log);
        return null;
    }

    public override void Acknowledge() => Connection.StopListening(log);

    public override void Refuse(RefusalCode code) => Connection.StopListening(log);
}
