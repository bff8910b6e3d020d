using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Holdfast.Mls.Interop;

/// <summary><c>serve --port N</c>: answers the working group's MLSClient service on loopback until the process is ended.</summary>
internal static class ServeCommand
{
    /// <summary>Serves; prints <c>listening on 127.0.0.1:PORT</c> once a runner can connect.</summary>
    /// <param name="port">The TCP port, or 0 for any that is free.</param>
    /// <returns>0 once it was ended; 1 where the port is somebody else's.</returns>
    internal static async Task<int> RunAsync(ushort port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);   // a start that fails is said below, in one line
        builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, port, static listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc(static grpc =>
        {
            grpc.MaxReceiveMessageSize = grpc.MaxSendMessageSize = null;   // a large group's tree; the library has its own limits
            grpc.Interceptors.Add<OneAtATime>();
        });
        builder.Services.AddSingleton<OneAtATime>().AddSingleton<ClientStates>().AddSingleton<MlsClientService>();
        await using var app = builder.Build();
        app.MapGrpcService<MlsClientService>();
        try
        {
            await app.StartAsync();
        }
        catch (IOException taken) when (taken.InnerException is AddressInUseException)
        {
            Console.Error.WriteLine($"port {port} is in use; --port 0 takes one that is free");
            return 1;
        }
        var addresses = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>();
        Console.WriteLine($"listening on {new Uri(addresses.Addresses.Single()).Authority}");
        await app.WaitForShutdownAsync();
        return 0;
    }
}
