using System.Collections.Concurrent;
using System.Security.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Limits;
using Holdfast.Server.Storage;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Server.Connections;

/// <summary>Who asks for something over REST.</summary>
internal readonly record struct Caller(DeviceId Device, Allowance Allowance);

/// <summary>
/// The bearer tokens of connected devices, <c>Authorization: Bearer HEX</c>. In memory; a token ends with its connection. Where there are other nodes,
/// the hash of a device's latest is beside its login counter: a request may come to any of them.
/// </summary>
internal sealed class Sessions(Allowances allowances, Readers readers, bool isShared)
{
    private const string Scheme = "Bearer ";

    private readonly ConcurrentDictionary<string, Connection> _byTokenHash = [];

    public void Add(ReadOnlySpan<byte> token, Connection connection) => _byTokenHash[Key(token)] = connection;

    public void Remove(ReadOnlySpan<byte> token) => _byTokenHash.TryRemove(Key(token), out _);

    /// <summary>What is kept of a token where other nodes have to know it.</summary>
    public static byte[] HashOf(ReadOnlySpan<byte> token) => SHA256.HashData(token);

    /// <summary>Whose token a request carries: a device's that is connected here, or to another node.</summary>
    /// <exception cref="RefusalException">It carries none, or the session has ended.</exception>
    public async ValueTask<Caller> AuthorizeAsync(HttpContext context)
    {
        byte[] hash = HashOfToken(context);
        if (_byTokenHash.TryGetValue(Convert.ToHexString(hash), out var connection)) return new Caller(connection.Device, connection.Allowance);
        var known = isShared ? await readers.ReadAsync(stores => stores.Accounts.OfSession(hash), context.RequestAborted) : null;
        return known is { } caller
            ? new Caller(caller.Device, allowances.Of(caller.Device, caller.Account))
            : throw new RefusalException(RefusalCode.NotLoggedIn);
    }

    private static byte[] HashOfToken(HttpContext context)
    {
        string header = context.Request.Headers.Authorization.ToString();
        Span<byte> token = stackalloc byte[ProtocolLimits.NonceBytes];
        bool readable = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && header.Length == Scheme.Length + (2 * token.Length) &&
            Convert.FromHexString(header.AsSpan(Scheme.Length), token, out _, out _) == System.Buffers.OperationStatus.Done;
        return readable ? HashOf(token) : throw new RefusalException(RefusalCode.NotLoggedIn);
    }

    /// <summary>Looked up by hash, so that timing says nothing about a token.</summary>
    private static string Key(ReadOnlySpan<byte> token) => Convert.ToHexString(HashOf(token));
}
