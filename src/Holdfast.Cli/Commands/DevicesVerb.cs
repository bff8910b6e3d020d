using System.CommandLine;
using Holdfast.Cli.Rendering;
using Holdfast.Client;

namespace Holdfast.Cli.Commands;

/// <summary><c>holdfast devices</c>.</summary>
internal static class DevicesVerb
{
    public static Command Build() => Verb.Group("devices", "Your devices.", Verb.Make("list", "List your devices: for now an account has one, the one you type on.", ListAsync));

    private static async Task ListAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        await using var link = await invocation.OpenAsync(cancellationToken);
        var devices = await link.AskAllAsync<DeviceAnswer>(new DevicesCommand(), cancellationToken);
        if (invocation.Screen.IsJson) invocation.Screen.WriteAll(devices.Select(AnswerJson.Of));
        else
        {
            invocation.Screen.WriteAll(Columns.Of(devices.Select(device => new[] { device.Id, device.IsSelf ? "this device" : "" })));
            invocation.Screen.Note("An account has one device for now: others cannot be linked yet.");
        }
    }
}
