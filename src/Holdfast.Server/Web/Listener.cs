using System.Net;
using System.Security.Cryptography.X509Certificates;
using Holdfast.Protocol;
using Holdfast.Server.Metrics;
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
        // What comes from a socket goes on where it was received, on a thread of the pool, and what is written is sent by who writes it.
        builder.WebHost.UseKestrelCore().UseSockets(static sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = ProtocolLimits.FrameBytes;
            kestrel.Listen(AddressOf(options.Listen, "--listen"), listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.UseHttps(certificate);
            });
            if (options.Metrics is { } metrics) MetricsEndpoint.Listen(kestrel, AddressOf(metrics, "--metrics"));
        });
    }

    /// <summary>Where the server listens, with the real port.</summary>
    public static Uri AddressOf(WebApplication web, ServerOptions options) => new UriBuilder(options.Listen) { Port = BoundOf(web).First().Port }.Uri;

    /// <summary>Where the totals are read, with the real port; null where nowhere.</summary>
    public static Uri? MetricsAddressOf(WebApplication web, ServerOptions options) =>
        options.Metrics is null ? null : new UriBuilder(options.Metrics) { Port = BoundOf(web).Last().Port }.Uri;

    private static IEnumerable<Uri> BoundOf(WebApplication web) =>
        web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(static text => new Uri(text));

    private static IPEndPoint AddressOf(Uri listen, string option) => listen.Host switch
    {
        "localhost" => new IPEndPoint(IPAddress.Loopback, listen.Port),
        var host when IPAddress.TryParse(host.Trim('[', ']'), out var address) => new IPEndPoint(address, listen.Port),
        _ => throw new StartupException($"The server cannot listen on {listen.Host}: give {option} an IP address; a name goes in --public-url."),
    };
}
