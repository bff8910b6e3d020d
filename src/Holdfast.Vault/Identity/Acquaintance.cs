using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>Making acquaintance: invites of ours, and introductions to others.</summary>
internal sealed class Acquaintance(OpenVault vault)
{
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
}
