using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Storage;

namespace Holdfast.Server.Invites;

/// <summary>Invites the operator gives out: nobody's card is in them.</summary>
internal static class OwnerInvites
{
    /// <summary>For how many days an invite is good if nobody says otherwise.</summary>
    public const int DefaultDays = 7;

    /// <summary>The owner's invite, at the very first start; null at any later one. Within a transaction.</summary>
    public static string? First(Stores stores, RandomSource random, TimeProvider clock)
    {
        if (stores.Settings.Get(Settings.OwnerInvited) is not null) return null;
        stores.Settings.Set(Settings.OwnerInvited, [1]);
        return Add(stores, random, clock, DefaultDays);
    }

    /// <summary>A new invite, good for one account. Within a transaction.</summary>
    /// <exception cref="StartupException">The server has never run.</exception>
    public static string Add(Stores stores, RandomSource random, TimeProvider clock, int days)
    {
        string? address = stores.Settings.Text(Settings.PublicUrl) ?? stores.Settings.Text(Settings.ListenUrl);
        byte[]? serverKey = stores.Settings.Get(Settings.ServerKey);
        if (address is null || serverKey is null) throw new StartupException("The server has not run yet: start it once, then ask for invites.");
        var secret = new byte[InviteSecret.SecretBytes];
        random.FillSecret(secret);
        stores.Invites.Add(InviteSecret.TokenHash(InviteSecret.Token(secret)), 1, clock.Day() + days);
        return new Invite(address, serverKey, secret, null).ToLink();
    }
}
