using System.Net;
using System.Security.Cryptography.X509Certificates;
using Holdfast.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Server.Web;

/// <summary>Kestrel: HTTP/1.1 over TLS on one address.</summary>
internal static class Listener
{
    public static void Configure(WebApplicationBuilder builder, ServerOptions options, X509Certificate2 certificate)
    {
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = ProtocolLimits.FrameBytes;
            kestrel.Listen(AddressOf(options.Listen), listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.UseHttps(certificate);
            });
        });
    }

    /// <summary>Where the server listens, with the real port.</summary>
    public static Uri AddressOf(WebApplication web, ServerOptions options)
    {
        var bound = web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(static text => new Uri(text));
        return new UriBuilder(options.Listen) { Port = bound.First().Port }.Uri;
    }

    private static IPEndPoint AddressOf(Uri listen) => listen.Host switch
    {
        "localhost" => new IPEndPoint(IPAddress.Loopback, listen.Port),
        var host when IPAddress.TryParse(host.Trim('[', ']'), out var address) => new IPEndPoint(address, listen.Port),
        _ => throw new StartupException($"The server cannot listen on {listen.Host}: give --listen an IP address, and the name in --public-url."),
    };
}
