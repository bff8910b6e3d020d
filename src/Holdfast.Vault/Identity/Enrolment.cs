using Holdfast.Codec;
using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>Joining a server: what registers the account, and the key packages by which others reach it.</summary>
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

    private byte[] MakeOne(bool lastResort)
    {
        using KeyPackageBundle bundle = vault.KeyPackages.Make(lastResort);
        vault.KeyPackages.Save(bundle);
        return Tls.Encode(bundle.KeyPackage);
    }
}
