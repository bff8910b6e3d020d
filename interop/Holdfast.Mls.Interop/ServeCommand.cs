using System.Net;
using Microsoft.AspNetCore.Builder;
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
    internal static async Task<int> RunAsync(ushort port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, static listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc(static grpc =>
        {
            grpc.MaxReceiveMessageSize = grpc.MaxSendMessageSize = null;   // a large group's tree; the library has its own limits
            grpc.Interceptors.Add<OneAtATime>();
        });
        builder.Services.AddSingleton<OneAtATime>().AddSingleton<ClientStates>().AddSingleton<MlsClientService>();
        await using var app = builder.Build();
        app.MapGrpcService<MlsClientService>();
        await app.StartAsync();
        var addresses = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>();
        Console.WriteLine($"listening on {new Uri(addresses.Addresses.Single()).Authority}");
        await app.WaitForShutdownAsync();
        return 0;
    }
}
