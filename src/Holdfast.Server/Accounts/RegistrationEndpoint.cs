using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Limits;
using Holdfast.Server.Metrics;
using Holdfast.Server.Storage;
using Holdfast.Server.Web;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Server.Accounts;

/// <summary>POST /v1/accounts: an invite becomes an account, once. Repeating it after a lost reply gets the same account.</summary>
internal sealed class RegistrationEndpoint(Writer writer, TimeProvider clock, AddressLimits addresses, ServerMetrics metrics)
{
    private static readonly Ed25519 Scheme = new();

    public async Task HandleAsync(HttpContext context)
    {
        var visitor = addresses.VisitorOf(context);
        visitor.Take(Limited.WrongInvites);
        var registration = await Body.ReadAsync<Registration>(context);
        byte[] text = SignedTexts.Registration(
            registration.InviteToken.Span, registration.IdentityKey.Span, registration.Device, registration.LoginKey.Span);
        if (!Scheme.Verify(registration.IdentityKey.Span, text, registration.Signature.Span)) throw new RefusalException(RefusalCode.BadLogin);
        bool used = false;
        var pin = await writer.RunAsync(stores => Register(stores, registration, out used), context.RequestAborted);
        visitor.GiveBack(Limited.WrongInvites);
        if (used) metrics.InvitesUsed.Add();
        await Body.WriteAsync(context, new Registered(pin));
    }

    /// <summary>All in one transaction: the invite is used up if and only if the account is there.</summary>
    private Pin Register(Stores stores, Registration registration, out bool used)
    {
        used = false;
        stores.Serialize();
        if (stores.Accounts.FindPin(registration.IdentityKey.Span) is { } known)
            return stores.Accounts.IsDeviceOf(known, registration.Device, registration.LoginKey.Span)
                ? known
                : throw new RefusalException(RefusalCode.BadInvite);
        if (stores.Accounts.Exists(registration.Device)) throw new RefusalException(RefusalCode.Malformed);
        if (!stores.Invites.Use(InviteSecret.TokenHash(registration.InviteToken.Span), clock.Day())) throw new RefusalException(RefusalCode.BadInvite);
        used = true;
        var pin = stores.Accounts.AddAccount(registration.IdentityKey.Span);
        stores.Accounts.AddDevice(pin, registration.Device, registration.LoginKey.Span);
        return pin;
    }
}
