namespace Holdfast.Server.Tests.Support;

/// <summary>People who come to a server that runs as a process of its own, invited by its operator.</summary>
internal static class ServerProcessInvites
{
    public static async Task<Device> JoinAsync(ServerProcess server, string place)
    {
        var (code, output, errors) = await ServerProcess.RunAsync(["invite", .. Place.Arguments(place)]);
        Assert.Equal((0, ""), (code, errors));
        return await Device.JoinAsync(server.Endpoint, output.Trim());
    }
}
