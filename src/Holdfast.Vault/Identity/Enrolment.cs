using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>Joining a server, proving to it which device this is, and making acquaintance.</summary>
internal sealed class Enrolment(OpenVault vault)
{
    internal RegistrationReady Begin(string link)
    {
        if (vault.Profile.Pin is not null) throw new VaultException(VaultError.WrongState, "This profile has joined already. To meet someone, use add.");
        if (!Invite.TryParse(link, out var invite, out var problem)) throw new VaultException(VaultError.Refused, problem!);
        if (invite!.Inviter is { } card && vault.Contacts.Take(card, ContactState.Known) is null)
            throw new VaultException(VaultError.Refused, "The invite's card does not verify: ask for a new invite.");
        vault.Profile.Invite = invite;
        vault.Profile.Save(vault.Store);
        byte[] token = InviteSecret.Token(invite.Secret.Span);
        byte[] signed = SignedTexts.Registration(token, vault.Profile.Identity.PublicKey.Span, vault.Profile.Device, vault.Profile.LoginKey.PublicKey.Span);
        return new RegistrationReady(new Registration(
            token, vault.Profile.Identity.PublicKey, vault.Profile.Device, vault.Profile.LoginKey.PublicKey, vault.Profile.Identity.Sign(signed)));
    }

    internal void Complete(Pin pin)
    {
        if (vault.Profile.Pin is { } already && already != pin) throw new VaultException(VaultError.WrongState, "This profile has another PIN already.");
        if (vault.Profile.Pin is null) vault.Profile.OwesIntroduction = vault.Profile.Invite?.Inviter is not null;
        vault.Profile.Pin = pin;
        vault.Profile.Save(vault.Store);
        vault.Contacts.Take(vault.Profile.OwnCard());   // so that our own name is looked up like anyone's
    }

    internal KeyPackagesMade MakeKeyPackages(int count)
    {
        vault.RequireNotCloned();
        if (count > ProtocolLimits.KeyPackagesPerDevice) throw new VaultException(VaultError.Refused, "Too many key packages at once.");
        var oneTime = new List<ReadOnlyMemory<byte>>();
        for (int i = 0; i < count; i++) oneTime.Add(MakeOne(lastResort: false));
        byte[] lastResort = [];
        if (vault.KeyPackages.IsLastResortDue) (lastResort, vault.Profile.LastResortAt) = (MakeOne(lastResort: true), vault.Now);
        vault.Profile.Save(vault.Store);
        return new KeyPackagesMade(new KeyPackageUpload(oneTime, lastResort));
    }

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
        if (outcome == LoginOutcome.Accepted) vault.Freshness.Accept();
        else if (!vault.Profile.Cloned) TrailBook.Put(vault.Store, vault.Clock, TrailEvent.Cloned);   // once, or the trail could be filled with it
        vault.Profile.Cloned |= outcome == LoginOutcome.Cloned;
        vault.Profile.Save(vault.Store);
    }

    internal SubscriptionsSigned SignSubscriptions(ReadOnlySpan<byte> serverKey, ReadOnlySpan<byte> nonce, IReadOnlyList<LogId> logs)
    {
        RequireOurServer(serverKey);
        var proofs = new List<SubscriptionProof>();
        foreach (var conversation in logs.Count == 0 ? vault.Conversations.All() : logs.Select(vault.Conversations.Find).OfType<Conversation>())
        {
            if (conversation.State is not (ConversationState.Active or ConversationState.Leaving)) continue;
            using var key = AccessKey.Of(vault.Groups.Load(conversation.Log));
            byte[] signed = SignedTexts.Subscription(serverKey, nonce, conversation.Log);
            proofs.Add(new SubscriptionProof(conversation.Log, key.PublicKey, key.Sign(signed), conversation.Position));
        }
        return new SubscriptionsSigned(proofs);
    }

    internal InviteMade MakeInvite(string server, ReadOnlyMemory<byte> serverKey, ushort days)
    {
        if (days is 0 or > ProtocolLimits.InviteDays) throw new VaultException(VaultError.Refused, $"An invite lasts 1 to {ProtocolLimits.InviteDays} days.");
        vault.RequireNotCloned();
        byte[] secret = new byte[InviteSecret.SecretBytes];
        vault.Random.FillSecret(secret);
        byte[] token = InviteSecret.Token(secret), key = InviteSecret.IntroductionKey(secret);
        vault.GivenInvites.Keep(token, key, vault.Now, days);
        CryptographicOperations.ZeroMemory(key);
        return new InviteMade(new Invite(server, serverKey, secret, vault.Profile.OwnCard()).ToLink(), InviteSecret.TokenHash(token));
    }

    /// <summary>Introduces us to someone: by the invite we know them by, or by their PIN alone, and then they must answer.</summary>
    internal void AddContact(Invitee person, string? link)
    {
        vault.RequireNotCloned();
        if (person.Pin == vault.Profile.RequirePin()) throw new VaultException(VaultError.Refused, "That is your own PIN.");
        var invite = InviteOf(person.Pin, link);
        var before = vault.Contacts.Find(person.Pin);
        var deliveries = new List<Delivery>();
        foreach (var (package, credential) in TheirKeyPackage.VerifyAll(vault, person))
        {
            vault.Contacts.Meet(credential.Pin, credential.IdentityKey);
            deliveries.Add(InboxSeal.Seal(Introduce(invite), package.LeafNode, vault.Random));
        }
        var met = vault.Contacts.Find(person.Pin)!;
        bool isSame = before is not null && before.IdentityKey.Span.SequenceEqual(met.IdentityKey.Span);
        bool mutual = invite is not null || (isSame && before!.State is ContactState.Known or ContactState.Asks);
        vault.Contacts.Save(met with { State = mutual ? ContactState.Known : ContactState.Asked });
        vault.Outbox.SaveDeliveries(new OutboxDeliveries(vault.NewMessageId(), deliveries));
        vault.ShowRenames();
        vault.Profile.OwesIntroduction &= vault.Profile.Invite?.Inviter?.Pin != person.Pin;
        vault.Profile.Save(vault.Store);
    }

    private Invite? InviteOf(Pin pin, string? link)
    {
        if (link is null) return vault.Profile.OwesIntroduction && vault.Profile.Invite?.Inviter?.Pin == pin ? vault.Profile.Invite : null;
        if (!Invite.TryParse(link, out var invite, out var problem)) throw new VaultException(VaultError.Refused, problem!);
        if (invite!.Inviter is not { } card || card.Pin != pin || vault.Take(card) is null)
            throw new VaultException(VaultError.Refused, "The invite does not introduce anyone: ask the person for one of theirs, or for their PIN.");
        return invite;
    }

    private IntroductionItem Introduce(Invite? invite)
    {
        var card = vault.Profile.OwnCard();
        if (invite is null) return new IntroductionItem(card, ReadOnlyMemory<byte>.Empty, ReadOnlyMemory<byte>.Empty);
        byte[] key = InviteSecret.IntroductionKey(invite.Secret.Span), tag = HMACSHA256.HashData(key, Tls.Encode(card));
        CryptographicOperations.ZeroMemory(key);
        return new IntroductionItem(card, InviteSecret.Token(invite.Secret.Span), tag);
    }

    private byte[] MakeOne(bool lastResort)
    {
        using KeyPackageBundle bundle = vault.KeyPackages.Make(lastResort);
        vault.KeyPackages.Save(bundle);
        return Tls.Encode(bundle.KeyPackage);
    }

    private void RequireOurServer(ReadOnlySpan<byte> serverKey)
    {
        if (vault.Profile.Invite is { } invite && !serverKey.SequenceEqual(invite.ServerKey.Span))
            throw new VaultException(VaultError.Refused, "This is not the server that the invite named: its key is another.");
    }
}
