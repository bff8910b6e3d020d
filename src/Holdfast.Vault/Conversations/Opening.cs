using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// The vault's half of receiving: entries in log order, one transaction for the batch, events only after it. What cannot be
/// read is quarantined and shown as such; it never stops what is behind it.
/// </summary>
internal sealed class Opening(OpenVault vault, Sending sending, Changing changing)
{
    internal Opened Open(LogId log, IReadOnlyList<LogEntry> entries, bool spooled = false)
    {
        var run = new OpeningRun(vault, vault.Conversations.Require(log));
        run.Open(entries, untilDoubt: spooled);
        if (spooled && run.HasDoubt) throw new VaultException(VaultError.Refused, "What this device has fetched while it was locked does not open here: the server is asked.");
        run.Save();
        vault.ShowRenames();
        FollowUp(log, run);
        return new Opened(run.Conversation.Position, [.. run.Shown.Select(vault.History.Show)], run.Landed, run.EpochChanged);
    }

    /// <summary>What our own accepted commit, or another's that passed over our wish to leave, asks us to send next.</summary>
    private void FollowUp(LogId log, OpeningRun run)
    {
        if (!vault.Freshness.IsProved || run.Conversation.IsBehind) return;
        if (run.CanSpeak && run.Conversation.Unintroduced.Count > 0)
        {
            var cards = run.Conversation.Unintroduced.Select(vault.Contacts.Find).Select(contact => contact?.Card).OfType<Card>().ToList();
            vault.Conversations.Save(run.Conversation with { Unintroduced = [] });
            sending.SealCards(log, cards);
        }
        if (run.LeaveAgain) changing.Propose(run.Conversation, sending.NewEntry(IntentKind.Leave, [], null), vault.NewMessageId());
    }
}
