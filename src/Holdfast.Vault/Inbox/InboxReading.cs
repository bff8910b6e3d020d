using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>Opens what came to the inbox: Welcomes, introductions, requests to be added again.</summary>
internal sealed class InboxReading(OpenVault vault, Upkeep upkeep)
{
    /// <summary>How much may wait in the inbox: far less than the server gives at once, so that what waits never hides the rest.</summary>
    private const int MostWaitingBytes = ProtocolLimits.InboxItemBytes / 2;

    internal InboxOpened Open(IReadOnlyList<InboxItem> items)
    {
        var (finished, joined, met) = (new List<InboxItemId>(), new List<LogId>(), new List<Pin>());
        int waiting = 0;
        foreach (var item in items)
        {
            bool done = InboxSeal.Open(item.Bytes.Span, vault.Profile) switch
            {
                WelcomeItem welcome => TryJoin(welcome, joined),
                IntroductionItem introduction => Meet(introduction, met),
                RejoinItem rejoin => KeepRequest(rejoin),
                _ => true,   // not sealed to us, or malformed: nothing will ever come of it
            };
            if (done || (waiting > 0 && waiting + item.Bytes.Length > MostWaitingBytes)) finished.Add(item.Id);
            else waiting += item.Bytes.Length;
        }
        return new InboxOpened(finished, joined, met);
    }

    /// <summary>Follows a Welcome; false where it must wait until we have read that we are no longer in the conversation.</summary>
    private bool TryJoin(WelcomeItem item, List<LogId> joined)
    {
        var known = vault.Conversations.Find(item.Log);
        if (item.Position > long.MaxValue) return true;
        try
        {
            if (Tls.Decode<MlsMessage>(item.Welcome.Span).Welcome is not { } welcome || vault.KeyPackages.Find(welcome) is not { } bundle) return true;
            using (bundle)
            {
                if (known?.State is ConversationState.Active or ConversationState.Leaving) return false;
                if (Group.Join(item.Welcome.Span, bundle, vault.Profile.Leaf, null, vault.Policy) is not JoinOutcome.Joined outcome) return true;
                if (!outcome.Group.GroupId.Span.SequenceEqual(item.Log.ToBytes())) return true;
                Enter(item, outcome.Group, known);
                vault.KeyPackages.Used(bundle);
            }
            joined.Add(item.Log);
        }
        catch (CodecException)
        {
            // Not a Welcome to a conversation of ours: finished with.
        }
        return true;
    }

    private void Enter(WelcomeItem item, Group group, Conversation? known)
    {
        string? title = LeafTraits.TitleOf(group);
        var people = new List<Pin>();
        foreach (var credential in group.Members.Select(member => DeviceCredential.Verify(member.Leaf)!))
        {
            if (credential.Pin != vault.Profile.Pin && !people.Contains(credential.Pin)) people.Add(credential.Pin);
        }
        if (title is null && people.Count != 1) throw new CodecException("a conversation of two with other than two people");
        foreach (var credential in group.Members.Select(member => DeviceCredential.Verify(member.Leaf)!)) vault.Contacts.Meet(credential.Pin, credential.IdentityKey);
        foreach (var card in item.Cards) vault.Contacts.TakeOfMet(card);
        if (known is not null) vault.Groups.Delete(item.Log);
        vault.Groups.SaveEpoch(item.Log, group);
        vault.Conversations.Save(new Conversation
        {
            Log = item.Log,
            Title = title,
            Peer = title is null ? people[0] : null,
            Position = item.Position,   // what we have passed over since, while we were not in it, was for us from the commit on
            JoinedBy = item.Commit,
            CommitDueAt = vault.Now + vault.Jitter(Upkeep.FirstRenewal),
        });
    }

    private bool Meet(IntroductionItem item, List<Pin> met)
    {
        var known = vault.Contacts.Find(item.Card.Pin);
        var before = known?.State;
        bool invited = IsInvited(item);
        var state = invited || before is ContactState.Known or ContactState.Asked ? ContactState.Known : ContactState.Asks;
        if (item.Card.Pin != vault.Profile.Pin && vault.Contacts.Take(item.Card, state, isMet: invited || known is { IsMet: true }) is not null && before != state) met.Add(item.Card.Pin);
        return true;
    }

    private bool IsInvited(IntroductionItem item) =>
        vault.Store.Get(RecordKind.GivenInvite, vault.Store.Blind(RecordKind.GivenInvite, item.InviteToken.Span)) is { } key
        && CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(key, Tls.Encode(item.Card)), item.Tag.Span);

    /// <summary>Only a device that is in the conversation may ask to be added again.</summary>
    private bool KeepRequest(RejoinItem item)
    {
        if (vault.Conversations.Find(item.Log)?.State != ConversationState.Active) return true;
        try
        {
            var package = Tls.Decode<KeyPackage>(item.KeyPackage.Span);
            var member = vault.Groups.Load(item.Log).Members.FirstOrDefault(m => m.Leaf.SignatureKey.Span.SequenceEqual(package.LeafNode.SignatureKey.Span));
            if (member is null || !member.Leaf.EncryptionKey.Span.SequenceEqual(item.Leaf.Span) || DeviceCredential.Verify(member.Leaf) is not { } credential) return true;
            TheirKeyPackage.Verify(vault, item.KeyPackage.Span, credential.Pin);
            byte[] signed = RejoinItem.ToBeSigned(item.Log, item.Leaf.Span, item.KeyPackage.Span);
            if (CipherSuite.Mandatory.Signature.Verify(member.Leaf.SignatureKey.Span, signed, item.Signature.Span)) upkeep.Keep(item);
        }
        catch (Exception refused) when (refused is CodecException or VaultException)
        {
            // A request that proves nothing is finished with.
        }
        return true;
    }
}
