using Holdfast.Protocol;
using Holdfast.Server.Connections;
using Holdfast.Server.Limits;
using Holdfast.Server.Metrics;
using Holdfast.Server.Storage;
using Holdfast.Server.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Holdfast.Server.KeyPackages;

/// <summary>A device uploads its key packages; whoever knows its account's PIN claims one for each device.</summary>
internal sealed class KeyPackageEndpoints(Writer writer, Sessions sessions, Retention retention, ServerMetrics metrics)
{
    /// <summary>POST /v1/key-packages.</summary>
    public async Task UploadAsync(HttpContext context)
    {
        var device = (await sessions.AuthorizeAsync(context)).Device;
        var upload = await Body.ReadAsync<KeyPackageUpload>(context);
        if (upload.OneTime.Any(static package => package.IsEmpty)) throw new RefusalException(RefusalCode.Malformed);
        await writer.RunAsync(stores => Store(stores, device, upload, retention.LastKeyPackageDay), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>
    /// POST /v1/accounts/{pin}/key-packages. Whoever asks for many PINs that nobody has is refused before it is looked whether somebody has the next one.
    /// </summary>
    public async Task ClaimAsync(HttpContext context)
    {
        var allowance = (await sessions.AuthorizeAsync(context)).Allowance;
        allowance.Take(Limited.Claims);
        if (!Pin.TryParse((string?)context.GetRouteValue("pin") ?? "", out var pin, out _)) throw new RefusalException(RefusalCode.Malformed);
        allowance.Take(Limited.UnknownPins);
        var claimed = await writer.RunAsync(stores => Claim(stores, pin), context.RequestAborted);
        allowance.GiveBack(Limited.UnknownPins);
        metrics.KeyPackagesClaimed.Add(claimed.Count);
        await Body.WriteAsync(context, new ClaimedKeyPackages(claimed));
    }

    private static bool Store(Stores stores, DeviceId device, KeyPackageUpload upload, long lastDay)
    {
        if (stores.KeyPackages.Count(device) + upload.OneTime.Count > ProtocolLimits.KeyPackagesPerDevice)
            throw new RefusalException(RefusalCode.TooLarge);
        foreach (var package in upload.OneTime) stores.KeyPackages.AddOneTime(device, package.Span, lastDay);
        if (!upload.LastResort.IsEmpty) stores.KeyPackages.SetLastResort(device, upload.LastResort.Span);
        return true;
    }

    /// <summary>The writer does one claim after the other, so no one-time key package is handed out twice.</summary>
    private static List<ReadOnlyMemory<byte>> Claim(Stores stores, Pin pin)
    {
        var devices = stores.Accounts.DevicesOf(pin);
        if (devices.Count == 0) throw new RefusalException(RefusalCode.UnknownPin);
        var claimed = new List<ReadOnlyMemory<byte>>();
        foreach (var device in devices)
            if (stores.KeyPackages.Claim(device) is { } package) claimed.Add(package);
        return claimed;
    }
}
