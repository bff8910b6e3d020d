using Holdfast.Client;

namespace Holdfast.Cli.Rendering;

/// <summary>What <c>status</c> says of fetching while locked.</summary>
internal static class DeliveryRows
{
    /// <summary>What it costs.</summary>
    public const string Risk = "Whoever takes its disk could fetch sealed bytes as this device until you turn this off here, and read none of them.";

    public static IEnumerable<string[]> Of(StatusAnswer status)
    {
        if (status.Delivery is not { } delivery) yield break;
        yield return ["while locked", $"this device fetches sealed messages. {Risk}"];
        if (status.State != Opening.Locked) yield break;
        if (delivery.IsDamaged)
        {
            yield return ["warning", "the file vault.delivery is damaged, so nothing is fetched: unlock and lock once to have it made anew"];
            yield break;
        }
        yield return ["server", status.Connected ? "connected, to fetch" : "not connected"];
        yield return ["waiting", delivery.Waiting switch
        {
            0 => "no sealed news",
            1 => "1 conversation has sealed news",
            _ => $"{delivery.Waiting} conversations have sealed news",
        }];
        if (delivery.IsFull) yield return ["warning", "there is no room for more: what comes now stays at the server for as long as that keeps it"];
    }
}
