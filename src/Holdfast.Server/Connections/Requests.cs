using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Inboxes;
using Holdfast.Server.Limits;
using Holdfast.Server.Logs;

namespace Holdfast.Server.Connections;

/// <summary>What each frame asks for. What writes, or must keep its place among the writes, goes to the writer.</summary>
internal static class Requests
{
    private static readonly Ed25519 Scheme = new();

    /// <summary>The number the answer carries; 0 where there is none.</summary>
    public static uint NumberOf(ClientFrame frame) => frame switch
    {
        CreateLog create => create.Request,
        Subscribe subscribe => subscribe.Request,
        ReadLog read => read.Request,
        SubmitPost submit => submit.Request,
        ReadInbox read => read.Request,
        InboxDone done => done.Request,
        SubmitDeliveries deliver => deliver.Request,
        _ => 0,
    };

    /// <summary>Carries out one request of a device that is logged in.</summary>
    /// <exception cref="RefusalException">It is refused at once.</exception>
    public static ValueTask HandleAsync(Connection connection, ClientFrame frame, ConnectionServices services, CancellationToken cancellationToken)
    {
        // Request 0 means a push, or the connection itself: an answer to it could not be told apart.
        if (frame is not Unsubscribe && NumberOf(frame) == 0) throw new RefusalException(RefusalCode.Malformed);
        if (connection.IsReadOnly && frame is not (Subscribe or Unsubscribe or ReadLog or ReadInbox)) throw new RefusalException(RefusalCode.ReadOnly);
        switch (frame)
        {
            case CreateLog create:
                connection.Allowance.Take(Limited.Logs);
                return services.Writer.EnqueueAsync(new CreateLogWork(connection, create, services.Retention), cancellationToken);
            case Subscribe subscribe:
                byte[] text = connection.IsReadOnly
                    ? SignedTexts.ReadingGrant(services.ServerKey.Span, connection.DeliveryKey.Span, subscribe.Log)
                    : SignedTexts.Subscription(services.ServerKey.Span, connection.Nonce, subscribe.Log);
                if (!Scheme.Verify(subscribe.AccessKey.Span, text, subscribe.Signature.Span)) throw new RefusalException(RefusalCode.NoAccess);
                return services.Writer.EnqueueAsync(new SubscribeWork(connection, subscribe), cancellationToken);
            case Unsubscribe unsubscribe:
                return services.Writer.EnqueueAsync(new UnsubscribeWork(connection, unsubscribe.Log), cancellationToken);
            case SubmitPost submit:
                if (submit.Post.Kind == PostKind.Commit) connection.Allowance.Take(Limited.Commits);
                if (submit.Post.Deliveries.Count > 0) connection.Allowance.Take(Limited.Deliveries, submit.Post.Deliveries.Count);
                return services.Writer.EnqueueAsync(new PostWork(connection, submit, services.Retention), cancellationToken);
            case SubmitDeliveries deliver:
                connection.Allowance.Take(Limited.Deliveries, deliver.Deliveries.Count);
                return services.Writer.EnqueueAsync(new DeliverWork(connection, deliver, services.Retention), cancellationToken);
            case InboxDone { Items.Count: > ProtocolLimits.ItemsDone }:
                throw new RefusalException(RefusalCode.TooLarge);
            case InboxDone done:
                return services.Writer.EnqueueAsync(new InboxDoneWork(connection, done), cancellationToken);
            case ReadLog read:
                return ReadLogAsync(connection, read, services, cancellationToken);
            case ReadInbox read:
                return ReadInboxAsync(connection, read, services, cancellationToken);
            default:
                throw new RefusalException(RefusalCode.Malformed);
        }
    }

    /// <summary>A key reads from the position at which it was added.</summary>
    private static async ValueTask ReadLogAsync(Connection connection, ReadLog read, ConnectionServices services, CancellationToken cancellationToken)
    {
        if (connection.Subscriptions.Find(read.Log) is not { } subscription) throw new RefusalException(RefusalCode.NoAccess);
        ulong after = subscription.From == 0 ? read.After : Math.Max(read.After, subscription.From - 1);
        long hour = services.Retention.Hour;
        var (entries, head) = await services.Readers.ReadAsync(stores => stores.Logs.Read(read.Log, after, hour), cancellationToken);
        connection.Send(new Entries(read.Request, read.Log, head, entries));
    }

    private static async ValueTask ReadInboxAsync(Connection connection, ReadInbox read, ConnectionServices services, CancellationToken cancellationToken)
    {
        var items = await services.Readers.ReadAsync(stores => stores.Inboxes.Read(connection.Device), cancellationToken);
        connection.Send(new InboxItems(read.Request, items));
    }
}
