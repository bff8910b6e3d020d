using System.Net;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>
/// The one server of a profile. It is known by its key alone: the SHA-256 of its SubjectPublicKeyInfo came with the invite, and
/// no authority, name or date in a certificate adds to it or takes from it.
/// </summary>
internal sealed class PinnedServer : IDisposable
{
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(10), Ping = TimeSpan.FromSeconds(20);

    private readonly byte[] _key;
    private readonly HttpClient _http;
    private volatile bool _sawOther;

    /// <exception cref="ServerAddressException">The address is not one of https.</exception>
    internal PinnedServer(string address, ReadOnlyMemory<byte> key)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps)
            throw new ServerAddressException();
        (Address, _key) = (uri, key.ToArray());
        _http = new HttpClient(MakeHandler()) { BaseAddress = uri, Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Its address.</summary>
    internal Uri Address { get; }

    /// <summary>The digest of its key.</summary>
    internal ReadOnlyMemory<byte> Key => _key;

    /// <summary>Sends a request and gives the answer once its headers are there; a refusal is thrown.</summary>
    /// <exception cref="RefusedException">The server refused.</exception>
    /// <exception cref="UnreachableException">There is no answer.</exception>
    internal async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try { response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken); }
        catch (Exception failed) when (failed is HttpRequestException or IOException) { throw Unreachable(); }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested) { throw Unreachable(); }   // connecting took too long
        if (response.IsSuccessStatusCode) return response;
        using (response) throw new RefusedException(await Problem.ReadAsync(response, cancellationToken));
    }

    /// <summary>Opens the device's WebSocket.</summary>
    /// <exception cref="UnreachableException">It could not be opened.</exception>
    internal async Task<ClientWebSocket> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = Ping;
        socket.Options.KeepAliveTimeout = Ping;
        try
        {
            var address = new UriBuilder(new Uri(Address, Rest.Connect)) { Scheme = Uri.UriSchemeWss }.Uri;
            await socket.ConnectAsync(address, _http, cancellationToken);
            return socket;
        }
        catch (Exception failed) when (failed is WebSocketException or HttpRequestException or IOException)
        {
            socket.Dispose();
            throw Unreachable();
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private UnreachableException Unreachable()
    {
        bool isOther = _sawOther;
        _sawOther = false;
        return new UnreachableException(Address, isOther);
    }

    private SocketsHttpHandler MakeHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = ConnectTime,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
        SslOptions = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateChainPolicy = new X509ChainPolicy   // no authority counts, and no address in a certificate is looked at
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                DisableCertificateDownloads = true,
                RevocationMode = X509RevocationMode.NoCheck,
            },
            RemoteCertificateValidationCallback = (_, certificate, _, _) => IsPinned(certificate),
        },
    };

    private bool IsPinned(X509Certificate? certificate)
    {
        bool pinned = certificate is X509Certificate2 shown &&
            CryptographicOperations.FixedTimeEquals(SHA256.HashData(shown.PublicKey.ExportSubjectPublicKeyInfo()), _key);
        _sawOther |= !pinned;
        return pinned;
    }
}
