using System.Net;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Server.Limits;

/// <summary>
/// Where a request comes from: the peer, or, where that is a trusted proxy, whom it names in X-Forwarded-For or Forwarded (RFC 7239). A
/// header counts from its end, and only as far as trusted proxies have written it: what stands before can be anybody's.
/// </summary>
internal sealed class Origin(IReadOnlyList<IPNetwork> trustedProxies)
{
    private const string ForwardedFor = "X-Forwarded-For";
    private const string Forwarded = "Forwarded";

    /// <summary>Whether somebody is a proxy that is believed.</summary>
    public bool IsTrusted(IPAddress address)
    {
        var plain = Plain(address);
        return trustedProxies.Any(network => network.Contains(plain));
    }

    /// <summary>
    /// The address. Behind a proxy that names nobody, or where both headers stand (a proxy writes one and passes the other on as it came), it is
    /// the proxy's own: who tries that shares one measure with all who do.
    /// </summary>
    public IPAddress Of(IPAddress peer, IHeaderDictionary headers)
    {
        if (!IsTrusted(peer)) return Plain(peer);
        string[] hops = (headers.ContainsKey(ForwardedFor), headers.ContainsKey(Forwarded)) switch
        {
            (true, false) => headers[ForwardedFor].ToString().Split(','),
            (false, true) => [.. headers[Forwarded].ToString().Split(',').Select(For)],
            _ => [],
        };
        foreach (string hop in hops.Reverse())
        {
            if (!IPEndPoint.TryParse(hop.Trim(), out var named)) break;
            if (!IsTrusted(named.Address)) return Plain(named.Address);
        }
        return Plain(peer);
    }

    /// <summary>What an element of Forwarded has behind <c>for=</c>.</summary>
    private static string For(string element) => element.Split(';').Select(static pair => pair.Trim())
        .FirstOrDefault(static pair => pair.StartsWith("for=", StringComparison.OrdinalIgnoreCase))?[4..].Trim('"') ?? "";

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
