using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Holdfast.Protocol;
using Holdfast.Server.Certificates;

namespace Holdfast.Server.Tests.Support;

/// <summary>How a client reaches a server: its address, and its key, which is all that is trusted.</summary>
internal sealed class Endpoint : IDisposable
{
    private readonly byte[] _key;

    public Endpoint(Uri address, ReadOnlyMemory<byte> key)
    {
        (Address, _key) = (address, key.ToArray());
        Http = new HttpClient(Pinned()) { BaseAddress = address };
        Other = this;
    }

    /// <summary>Another node of the same server, where there is one: requests over REST go there.</summary>
    public Endpoint Other { get; set; }

    public Uri Address { get; }

    public ReadOnlySpan<byte> Key => _key;

    /// <summary>Whom a proxy in front would name; null where there is none.</summary>
    public string? ForwardedFor { get; private init; }

    /// <summary>The same server through a proxy that has the request from there.</summary>
    public Endpoint Behind(string address)
    {
        var behind = new Endpoint(Address, _key) { ForwardedFor = address };
        behind.Http.DefaultRequestHeaders.Add("X-Forwarded-For", address);
        return behind;
    }

    public HttpClient Http { get; }

    /// <summary>Trusts the pinned key and nothing else.</summary>
    public SocketsHttpHandler Pinned() => new()
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                certificate is X509Certificate2 known && CryptographicOperations.FixedTimeEquals(ServerCertificate.KeyOf(known), _key),
        },
    };

    public static Endpoint Of(Invite invite) => new(new Uri(invite.Server), invite.ServerKey);

    public void Dispose() => Http.Dispose();
}
