using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// What should be done without anyone asking: a fresh key of ours within a day of joining and then weekly, which is what heals a
/// stolen state; what others have proposed; members who were stranded and ask to be added again.
/// </summary>
internal sealed class Upkeep(OpenVault vault, Sending sending, Changing changing)
{
    internal static readonly TimeSpan FirstRenewal = TimeSpan.FromDays(1), Renewal = TimeSpan.FromDays(7);

    /// <summary>Within which time a member carries out what another asks for, and mends what a bad commit has broken.</summary>
    internal static readonly TimeSpan Haste = TimeSpan.FromSeconds(5), Soon = TimeSpan.FromHours(1);

    /// <summary>After which time who is stranded asks once more to be added.</summary>
    internal static readonly TimeSpan AskAgain = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    internal Due List()
    {
        var due = new List<DueWork>();
        ulong next = vault.Now + (ulong)LongestWait.TotalMilliseconds;
        if (vault.Profile.Cloned || vault.Profile.Pin is null) return new Due(due, (uint)LongestWait.TotalSeconds);
        foreach (var conversation in vault.Conversations.All())
        {
            if (!conversation.AsksToRejoin && conversation is not { State: ConversationState.Active, Joining: null }) continue;
            if (conversation.CommitDueAt > vault.Now) next = Math.Min(next, conversation.CommitDueAt);
            else if (conversation.AsksToRejoin) due.Add(new DueWork(DueKind.AskToRejoin, conversation.Log, default));
            else if (!IsChanging(conversation.Log)) due.Add(new DueWork(DueKind.Commit, conversation.Log, default));
        }
        foreach (var (key, request) in Requests())
        {
            if (request.DueAt > vault.Now) next = Math.Min(next, request.DueAt);
            else if (!IsChanging(request.Log)) due.Add(new DueWork(DueKind.Readmit, request.Log, MessageId.Of(key)));
        }
        return new Due(due, (uint)Math.Max(1, (next - vault.Now) / 1000));
    }

    /// <summary>Does what is due; null where it has been done or went to the deliveries.</summary>
    internal OutboxEntry? Perform(DueWork work)
    {
        if (vault.Conversations.Find(work.Log) is not { } conversation) return null;
        switch (work.Kind)
        {
            case DueKind.AskToRejoin when conversation.AsksToRejoin:
                AskToRejoin(conversation);
                return null;
            case DueKind.Commit when conversation is { State: ConversationState.Active, Joining: null, IsBehind: false } && !IsChanging(work.Log):
                bool proposed = vault.Groups.Load(work.Log).PendingProposals.Count > 0;
                return changing.Begin(conversation, proposed ? IntentKind.CarryOut : IntentKind.Renew, [], "");
            case DueKind.Readmit:
                return Readmit(conversation, work.Request);
            default:
                return null;
        }
    }

    /// <summary>
    /// Keeps a stranded device's request until it is due; several members will, and the first commit serves all. A device has one,
    /// its newest, and asking again does not put it off.
    /// </summary>
    /// <param name="item">The request.</param>
    /// <param name="seated">The leaf of its device, which the request is spent with.</param>
    internal void Keep(RejoinItem item, LeafNode seated)
    {
        byte[] key = SHA256.HashData([.. item.Log.ToBytes(), .. seated.SignatureKey.Span])[..Id128.Size];   // it is the id by which Client asks for it
        ulong due = vault.Store.Get(RecordKind.RejoinRequest, key) is { } kept ? Tls.Decode<RejoinRequest>(kept).DueAt : vault.Now + vault.Jitter(Haste);
        vault.Store.Put(RecordKind.RejoinRequest, key, Tls.Encode(new RejoinRequest(item.Log, seated.EncryptionKey, item.KeyPackage, due)));
    }

    private OutboxEntry? Readmit(Conversation conversation, MessageId id)
    {
        if (IsChanging(conversation.Log)) return null;   // it stays due until our own commit has landed
        if (vault.Store.Get(RecordKind.RejoinRequest, id.ToBytes()) is not { } bytes) return null;
        vault.Store.Delete(RecordKind.RejoinRequest, id.ToBytes());
        var request = Tls.Decode<RejoinRequest>(bytes);
        if (conversation is not { State: ConversationState.Active, IsBehind: false }) return null;
        try { return changing.Commit(conversation, sending.NewEntry(IntentKind.Readmit, [request.KeyPackage, request.Leaf], null), vault.NewMessageId()); }
        catch (VaultException refused) when (refused.Error == VaultError.Refused) { return null; }   // what it asks for is possible no longer
    }

    private void AskToRejoin(Conversation conversation)
    {
        var (leaf, sponsors) = conversation.Place ?? RejoinPlace.Of(vault.Groups.Load(conversation.Log));
        using var bundle = vault.KeyPackages.Make();
        vault.KeyPackages.Save(bundle);
        byte[] package = Tls.Encode(bundle.KeyPackage);
        byte[] signed = RejoinItem.ToBeSigned(conversation.Log, leaf.Span, conversation.Position, package);
        var item = new RejoinItem(conversation.Log, leaf, conversation.Position, package, vault.Profile.Leaf.Sign(signed));
        vault.Outbox.SaveDeliveries(new OutboxDeliveries(
            vault.NewMessageId(), [.. sponsors.Select(sponsor => InboxSeal.Seal(item, sponsor, vault.Random))]));
        vault.Conversations.Save(conversation with { CommitDueAt = vault.Now + vault.Jitter(AskAgain, least: 0.5) });
    }

    private bool IsChanging(LogId log) => vault.Outbox.Of(log).Any(entry => entry.Post.Kind == PostKind.Commit);

    private IEnumerable<(byte[] Key, RejoinRequest Request)> Requests() =>
        vault.Store.ScanAll(RecordKind.RejoinRequest).Select(record => (record.Key, Tls.Decode<RejoinRequest>(record.Value)));
}

/// <summary>A stranded member's request as we keep it.</summary>
internal sealed record RejoinRequest(LogId Log, ReadOnlyMemory<byte> Leaf, ReadOnlyMemory<byte> KeyPackage, ulong DueAt) : ITlsStruct<RejoinRequest>
{
    /// <inheritdoc/>
    public static RejoinRequest Decode(ref TlsReader reader) =>
        new(LogId.Decode(ref reader), reader.ReadOpaque(ProtocolLimits.EncryptionKeyBytes).ToArray(), reader.ReadOpaque(ProtocolLimits.KeyPackageBytes).ToArray(), reader.ReadUInt64());

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        Log.Encode(writer);
        writer.WriteOpaque(Leaf.Span);
        writer.WriteOpaque(KeyPackage.Span);
        writer.WriteUInt64(DueAt);
    }
}
