using Holdfast.Protocol;
using Holdfast.Server.Connections;
using Holdfast.Server.Limits;
using Holdfast.Server.Storage;
using Holdfast.Server.Web;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Server.Invites;

/// <summary>POST /v1/invites: a member registers an invite.</summary>
internal sealed class InviteEndpoint(Writer writer, Sessions sessions, TimeProvider clock)
{
    public async Task HandleAsync(HttpContext context)
    {
        (await sessions.AuthorizeAsync(context)).Allowance.Take(Limited.Invites);
        var upload = await Body.ReadAsync<InviteUpload>(context);
        long lastDay = clock.Day() + upload.Days;
        await writer.RunAsync(
            stores =>
            {
                stores.Invites.Add(upload.TokenHash.Span, upload.Uses, lastDay);
                return true;
            },
            context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
