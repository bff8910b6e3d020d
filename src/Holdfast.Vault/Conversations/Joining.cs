using Holdfast.Codec;
using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>A Welcome that we have followed and whose commit the log has not shown yet.</summary>
/// <param name="Commit">The post that carries the commit.</param>
/// <param name="Adder">Who signed the Welcome.</param>
/// <param name="Device">From which device.</param>
/// <param name="IsReturn">Whether we were in this conversation before.</param>
internal sealed record Joining(MessageId Commit, Pin Adder, DeviceId Device, bool IsReturn) : ITlsStruct<Joining>
{
    /// <inheritdoc/>
    public static Joining Decode(ref TlsReader reader) =>
        new(MessageId.Decode(ref reader), Pin.Decode(ref reader), DeviceId.Decode(ref reader), reader.ReadPresence());

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        Commit.Encode(writer);
        Adder.Encode(writer);
        Device.Encode(writer);
        writer.WritePresence(IsReturn);
    }

    /// <summary>
    /// Whether an entry fits, from outside, as the commit that led a conversation's group to its epoch. We cannot open it, for it was
    /// made in the epoch before; what it says in the clear has to be: a commit of this group, from that epoch, under this id.
    /// </summary>
    internal static bool LeadsTo(Group group, LogId log, LogEntry entry) =>
        entry.Kind == PostKind.Commit && Outside(log, entry) is { ContentType: ContentType.Commit } commit
            && group.Epoch > 0 && commit.Epoch == group.Epoch - 1 && AuthenticatedData.Names(commit.AuthenticatedData, entry.Id);

    /// <summary>Whether an entry says that it is of an epoch that we have not come to. Nothing shows that this is true.</summary>
    internal static bool IsLater(Group group, LogId log, LogEntry entry) => Outside(log, entry) is { } message && message.Epoch > group.Epoch;

    private static PrivateMessage? Outside(LogId log, LogEntry entry)
    {
        try
        {
            return Tls.Decode<MlsMessage>(entry.Bytes.Span).PrivateMessage is { } message && message.GroupId.Span.SequenceEqual(log.ToBytes()) ? message : null;
        }
        catch (CodecException)
        {
            return null;
        }
    }
}
