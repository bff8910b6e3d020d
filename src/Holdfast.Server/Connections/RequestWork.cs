using Holdfast.Protocol;
using Holdfast.Server.Logs;
using Holdfast.Server.Storage;

namespace Holdfast.Server.Connections;

/// <summary>Work that came as a frame: its answer goes back on the same connection.</summary>
internal abstract class RequestWork(Connection connection, uint request) : Work
{
    private ServerFrame? _answer;

    protected Connection Connection { get; } = connection;

    protected uint Request { get; } = request;

    /// <summary>Whether it rests on, or would overtake, what the connection sent before and could not be stored.</summary>
    protected virtual bool IsHeld() => false;

    public override void Announce(Announced announced) => announced.Add(Connection.Device);

    public sealed override void Execute(Stores stores, Batch batch)
    {
        if (!Connection.IsReadOnly && stores.Accounts.IsOvertaken(Connection.Device, Connection.Counter)) Connection.Supersede();
        try
        {
            if (Connection.IsSuperseded) throw new RefusalException(RefusalCode.NotLoggedIn);
            if (IsHeld()) throw new RefusalException(RefusalCode.StorageFailed);
            _answer = Answer(stores, batch);
        }
        catch (RefusalException refusal) { _answer = new Refused(Request, refusal.Code); }
    }

    public override void Acknowledge()
    {
        if (_answer is not null) Connection.Send(_answer, this is PostWork);
    }

    public override void Refuse(RefusalCode code) => Connection.Send(new Refused(Request, code), this is PostWork);

    /// <summary>Does it and says what to answer once that is on disk.</summary>
    protected abstract ServerFrame? Answer(Stores stores, Batch batch);
}
