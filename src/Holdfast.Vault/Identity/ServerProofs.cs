using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>Proves to the server which device this is, and to which conversations it has access: signatures over the server's own nonce.</summary>
internal sealed class ServerProofs(OpenVault vault)
{
    /// <summary>
    /// Steps the counter, durably, before it signs: two copies of a profile cannot both be ahead. Nothing is sealed until the server has
    /// said which of them this is.
    /// </summary>
    internal LoginSigned SignLogin(ReadOnlySpan<byte> serverKey, ReadOnlySpan<byte> nonce)
    {
        vault.RequireNotCloned();
        vault.Profile.RequirePin();
        RequireOurServer(serverKey);
        vault.KeyPackages.DropExpired();   // once for each connection is often enough
        vault.GivenInvites.DropExpired(vault.Now);
        ulong counter = ++vault.Profile.LoginCounter;
        vault.Profile.IsClosed = false;   // a state that says otherwise has an older counter than any that was sealed from
        vault.Freshness.Ask();
        vault.Profile.Save(vault.Store);
        using var delivery = vault.Settings.DeliveryKey();
        var deliveryKey = delivery?.PublicKey ?? ReadOnlyMemory<byte>.Empty;
        byte[] signed = SignedTexts.Login(serverKey, nonce, vault.Profile.Device, counter, deliveryKey.Span);
        return new LoginSigned(new Login(vault.Profile.Device, counter, vault.Profile.LoginKey.Sign(signed)) { DeliveryKey = deliveryKey });
    }

    internal void ReportLogin(LoginOutcome outcome)
    {
        if (outcome == LoginOutcome.Cloned && vault.Freshness.IsJustRecovered) return;   // it speaks of a login from before
        if (outcome == LoginOutcome.Accepted) vault.Freshness.Accept();
        else if (!vault.Profile.Cloned) TrailBook.Put(vault.Store, vault.Clock, TrailEvent.Cloned);   // once, or the trail could be filled with it
        vault.Profile.Cloned |= outcome == LoginOutcome.Cloned;
        vault.Profile.Save(vault.Store);
    }

    internal SubscriptionsSigned SignSubscriptions(ReadOnlySpan<byte> serverKey, ReadOnlySpan<byte> nonce, IReadOnlyList<LogId> logs, bool earlier = false)
    {
        RequireOurServer(serverKey);
        var proofs = new List<SubscriptionProof>();
        foreach (var conversation in logs.Count == 0 ? vault.Conversations.All() : logs.Select(vault.Conversations.Find).OfType<Conversation>())
        {
            if (conversation.State is not (ConversationState.Active or ConversationState.Leaving)) continue;
            byte[] signed = SignedTexts.Subscription(serverKey, nonce, conversation.Log);
            foreach (var each in earlier ? vault.EarlierKeys.Of(conversation.Log) : [AccessKey.Of(vault.Groups.Load(conversation.Log))])
            {
                using var key = each;
                proofs.Add(new SubscriptionProof(conversation.Log, key.PublicKey, key.Sign(signed), conversation.Position));
            }
        }
        return new SubscriptionsSigned(proofs);
    }

    private void RequireOurServer(ReadOnlySpan<byte> serverKey)
    {
        if (vault.Profile.Invite is { } invite && !serverKey.SequenceEqual(invite.ServerKey.Span))
            throw new VaultException(VaultError.Refused, "This is not the server that the invite named: its key is another.");
    }
}
