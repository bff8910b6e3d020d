using System.Collections.Concurrent;
using System.Security.Cryptography;
using Holdfast.Protocol;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Server.Connections;

/// <summary>The bearer tokens of connected devices, <c>Authorization: Bearer HEX</c>. In memory; a token ends with its connection.</summary>
internal sealed class Sessions
{
    private const string Scheme = "Bearer ";

    private readonly ConcurrentDictionary<string, Connection> _byTokenHash = [];

    public void Add(ReadOnlySpan<byte> token, Connection connection) => _byTokenHash[Key(token)] = connection;

    public void Remove(ReadOnlySpan<byte> token) => _byTokenHash.TryRemove(Key(token), out _);

    /// <summary>The connection whose token a request carries.</summary>
    /// <exception cref="RefusalException">It carries none, or the session has ended.</exception>
    public Connection Authorize(HttpContext context)
    {
        string header = context.Request.Headers.Authorization.ToString();
        Span<byte> token = stackalloc byte[ProtocolLimits.NonceBytes];
        bool readable = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && header.Length == Scheme.Length + (2 * token.Length) &&
            Convert.FromHexString(header.AsSpan(Scheme.Length), token, out _, out _) == System.Buffers.OperationStatus.Done;
        return readable && _byTokenHash.TryGetValue(Key(token), out var connection)
            ? connection
            : throw new RefusalException(RefusalCode.NotLoggedIn);
    }

    /// <summary>Looked up by hash, so that timing says nothing about a token.</summary>
    private static string Key(ReadOnlySpan<byte> token) => Convert.ToHexString(SHA256.HashData(token));
}
