using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// Messages that follow each other, which are nearly all there is, go through the group together: their signatures are verified on all cores
/// (<see cref="Group.HandleBatch"/>), and they are stored in one part. All of them are read before any of them is stored, so that where one is
/// anything but a message that everyone would simply show, nothing has happened yet and they are taken one by one.
/// </summary>
internal sealed partial class OpeningRun
{
    private const int FewestTogether = 2;

    /// <summary>
    /// Takes entries in the order of the log; what becomes of each is what <see cref="Open(LogEntry)"/> makes of it. Once a row of messages had
    /// something else in it, what is left is taken one by one: whoever puts it there shall not have everything opened twice over and over.
    /// </summary>
    /// <param name="entries">The entries.</param>
    /// <param name="untilDoubt">Whether there is no need to go on once there is a doubt.</param>
    internal void Open(IReadOnlyList<LogEntry> entries, bool untilDoubt)
    {
        bool together = true;
        for (int next = 0; next < entries.Count && !(untilDoubt && HasDoubt);)
        {
            var row = together ? RowOfMessages(entries, next) : [];
            together &= row.Count < FewestTogether || TryTogether(row);
            if (together && row.Count >= FewestTogether) next += row.Count;
            else Open(entries[next++]);
        }
    }

    /// <summary>The entries from there on that say they are messages, and are neither known already nor our own.</summary>
    private List<LogEntry> RowOfMessages(IReadOnlyList<LogEntry> entries, int first)
    {
        var row = new List<LogEntry>();
        if (_group is null || Conversation.State == ConversationState.Stranded || Conversation.Joining is not null) return row;
        ulong position = Conversation.Position;
        foreach (var entry in entries.Skip(first))
        {
            if (entry.Kind != PostKind.Application || entry.Position <= position || (_hasOwn && _vault.Outbox.Find(entry.Id) is not null)) break;
            row.Add(entry);
            position = entry.Position;
        }
        return row;
    }

    private bool TryTogether(List<LogEntry> row)
    {
        if (Read(row) is not var (lines, next)) return false;
        bool hasGap = row[^1].Position > Conversation.Position + (ulong)row.Count;
        bool done = TryStep(() =>
        {
            Replace(next);
            foreach (var line in lines) Show(line);
            Conversation = Conversation with { Position = row[^1].Position, HasGap = Conversation.HasGap || hasGap };
        });
        HasDoubt |= done && hasGap;
        return done;
    }

    /// <summary>What they say, and the group behind them; null where one of them is to be taken by itself.</summary>
    private (List<HistoryRecord> Lines, Group Next)? Read(List<LogEntry> row)
    {
        var outcomes = _group!.HandleBatch([.. row.Select(static entry => entry.Bytes)]);
        var next = outcomes.Select(NextOf).LastOrDefault(static group => group is not null);
        bool done = false;
        try
        {
            var (lines, ids) = (new List<HistoryRecord>(row.Count), new HashSet<MessageId>());
            foreach (var (entry, outcome) in row.Zip(outcomes))
            {
                if (!ids.Add(entry.Id) || outcome is not Handled.ApplicationReceived received || TryRead(entry, received) is not { } line) return null;
                lines.Add(line);
            }
            done = true;
            return (lines, next!);
        }
        catch (Exception unforeseen) when (!OpenVault.IsOfTheStore(unforeseen))
        {
            return null;   // whoever it is of stands alone when they are taken one by one
        }
        finally
        {
            if (!done) next?.Dispose();
        }
    }

    /// <summary>The line that a message becomes; null where it does something else.</summary>
    private HistoryRecord? TryRead(LogEntry entry, Handled.ApplicationReceived received)
    {
        if (!_rules.Fits(entry, PostKind.Application, received.AuthenticatedData)) return null;
        var sender = DeviceCredential.Verify(received.SenderLeaf)!;
        if (!_vault.Contacts.Accepts(sender.Pin, sender.IdentityKey.Span)) return null;
        var content = Envelope.Unpad(received.Plaintext);
        return Contents.AreCards(content) ? null : Line(entry, Contents.Read(_vault, content)!, sender, received.Sender);
    }
}
