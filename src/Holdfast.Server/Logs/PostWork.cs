using Holdfast.Protocol;
using Holdfast.Server.Connections;
using Holdfast.Server.Inboxes;
using Holdfast.Server.Storage;

namespace Holdfast.Server.Logs;

/// <summary>Appends one sealed post to its log. The server reads the header, never the content.</summary>
internal sealed class PostWork(Connection connection, SubmitPost frame, Retention retention) : RequestWork(connection, frame.Request)
{
    /// <summary>How long a key may post once a later one has been added under it.</summary>
    private const long HoursAfterLaterKey = 24;

    private readonly Post _post = frame.Post;
    private ReadOnlyMemory<byte>? _committedUnder;
    private long? _expiresHour;
    private bool _hasPassed;

    public override int Size => 256 + _post.Bytes.Length + _post.Deliveries.Sum(static delivery => delivery.Bytes.Length + 64);

    protected override bool IsHeld() => !(_hasPassed = Connection.FailedPosts.TryPass(_post));

    public override void Fail()
    {
        if (_hasPassed) Connection.FailedPosts.Add(_post);
    }

    public override void Undo() => Fail();

    public override bool IsOfLogs => _post.Deliveries.Count == 0;

    private long ExpiresHour => _expiresHour ??= retention.ExpiresHour(_post.Expiry);

    public override void Announce(Announced announced)
    {
        base.Announce(announced);
        var key = Connection.Subscriptions.Find(_post.Log)?.AccessKey ?? default;
        announced.Posts.Add(new AnnouncedPost(_post.Log, _post.Id, key, ExpiresHour));
    }

    /// <summary>
    /// The message id is looked up before anything is compared: a repeated post gets its old position whatever has landed since,
    /// even by a key that may no longer post.
    /// </summary>
    protected override ServerFrame Answer(Stores stores, Batch batch)
    {
        _committedUnder = null;
        if (Connection.Subscriptions.Find(_post.Log) is not { } subscription) throw new RefusalException(RefusalCode.NoAccess);
        if (stores.Logs.Find(_post.Log, _post.Id) is { } old) return new Accepted(Request, old);
        if (!stores.Logs.MayPost(_post.Log, subscription.AccessKey.Span, retention.Hour)) throw new RefusalException(RefusalCode.KeyExpired);
        bool isCommit = _post.Kind == PostKind.Commit;
        if (isCommit && !Connection.Allowance.MayCommit(_post.Log, subscription.AccessKey.Span)) throw new RefusalException(RefusalCode.TooMany);
        Filing.Check(stores, _post.Deliveries);
        if (stores.Logs.Advance(_post) is not { } position) return new HeadMoved(Request, stores.Logs.Head(_post.Log));
        stores.Logs.Append(_post, position, ExpiresHour);
        if (isCommit)
        {
            _committedUnder = subscription.AccessKey;
            stores.Logs.ReplaceKey(_post.Log, _post.NextAccessKey.Span, position, PassedKeyPostsUntil(stores, subscription));
        }
        Filing.File(stores, batch, _post.Deliveries, retention);
        batch.AddEntry(_post.Log, new LogEntry(position, _post.Id, _post.Kind, _post.Bytes));
        return new Accepted(Request, position);
    }

    /// <summary>
    /// Whoever commits under an older key may have been removed by the commit that added the latest one: then who holds that keeps it
    /// for as long as entries are kept, and is not locked out by being away for a day.
    /// </summary>
    private long PassedKeyPostsUntil(Stores stores, Subscription subscription) => stores.Logs.IsLatest(_post.Log, subscription.AccessKey.Span)
        ? retention.Hour + HoursAfterLaterKey + 1   // the hour is rounded up, so that "until 24 hours after" is never shorter
        : retention.ExpiresHour(ExpiryBucket.Retention);

    /// <summary>It is on disk: only now it counts, for what was rolled back is tried again.</summary>
    public override void Acknowledge()
    {
        if (_committedUnder is { } key) Connection.Allowance.NoteCommit(_post.Log, key.Span);
        base.Acknowledge();
    }
}
