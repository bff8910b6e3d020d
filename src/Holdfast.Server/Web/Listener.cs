using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Holdfast.Protocol;
using Holdfast.Server.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Server.Web;

/// <summary>Kestrel: HTTP/1.1 over TLS on one address; without TLS only behind a proxy on the same machine that ends it.</summary>
internal static class Listener
{
    /// <summary>A request line longer than this is none of ours, nor are so many or so long headers.</summary>
    private const int LineBytes = 2048, HeaderBytes = 16 << 10, Headers = 40;

    private static readonly TlsCipherSuite[] Suites =
    [
        TlsCipherSuite.TLS_AES_256_GCM_SHA384, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256, TlsCipherSuite.TLS_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    ];

    /// <summary>A line ends with CR and LF (RFC 9112 §2.2 lets a server take LF alone, which is how proxies come to read something else than we do).</summary>
    private const string NoBareLineFeeds = "Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators";

    /// <summary>Who is slower than this is hung up on: a handshake, the headers, the time between two requests.</summary>
    private static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(10), HeadersTime = TimeSpan.FromSeconds(10), IdleTime = TimeSpan.FromSeconds(75);

    /// <summary>A body comes at this rate at least, but for a moment at its beginning.</summary>
    private static readonly MinDataRate BodyRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));

    public static void Configure(
        WebApplicationBuilder builder, ServerOptions options, X509Certificate2 certificate, Func<ConnectionDelegate, ConnectionDelegate> guard)
    {
        AppContext.SetSwitch(NoBareLineFeeds, true);
        // What comes from a socket goes on where it was received, on a thread of the pool, and what is written is sent by who writes it.
        builder.WebHost.UseKestrelCore().UseSockets(static sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            Limit(kestrel.Limits, options);
            kestrel.Listen(AddressOf(options.Listen, "--listen"), listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(guard);
                if (!options.IsPlain) listen.UseHttps(https => Secure(https, options, certificate));
            });
            if (options.Metrics is { } metrics) MetricsEndpoint.Listen(kestrel, AddressOf(metrics, "--metrics"));
        });
    }

    private static void Limit(KestrelServerLimits limits, ServerOptions options)
    {
        limits.MaxRequestBodySize = ProtocolLimits.FrameBytes;
        limits.MaxRequestLineSize = LineBytes;
        limits.MaxRequestHeadersTotalSize = HeaderBytes;
        limits.MaxRequestHeaderCount = Headers;
        limits.RequestHeadersTimeout = HeadersTime;
        limits.KeepAliveTimeout = IdleTime;
        limits.MinRequestBodyDataRate = BodyRate;
        limits.MinResponseDataRate = BodyRate;
        limits.MaxConcurrentConnections = options.MostConnections;
    }

    /// <summary>TLS 1.3; with 1.2 only what authenticates what it encrypts, and keeps no key that opens it later.</summary>
    private static void Secure(HttpsConnectionAdapterOptions https, ServerOptions options, X509Certificate2 certificate)
    {
        https.ServerCertificate = certificate;
        https.HandshakeTimeout = HandshakeTime;
        https.SslProtocols = options.Tls12 ? SslProtocols.Tls12 | SslProtocols.Tls13 : SslProtocols.Tls13;
        if (OperatingSystem.IsWindows() || !options.Tls12) return;
        https.OnAuthenticate = static (_, tls) =>
        {
            if (!OperatingSystem.IsWindows()) tls.CipherSuitesPolicy = new CipherSuitesPolicy(Suites);
        };
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
