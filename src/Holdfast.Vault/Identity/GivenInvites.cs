using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// By what we recognise whoever uses an invite of ours. Each is good for one person and until it expires: then it is deleted, and
/// who comes too late asks like anyone.
/// </summary>
internal sealed class GivenInvites(SealedStore store)
{
    private const byte Format = 1;
    private const ulong DayMilliseconds = 24 * 60 * 60 * 1000;

    /// <summary>Remembers an invite: the key, which stays the caller's to wipe, under its token.</summary>
    internal void Keep(ReadOnlySpan<byte> token, ReadOnlySpan<byte> key, ulong now, ushort days)
    {
        using var writer = new TlsWriter();
        writer.WriteUInt8(Format);
        writer.WriteUInt64(now + ((days + 1ul) * DayMilliseconds));   // the server counts whole days, and rounds up
        writer.WriteOpaque(key);
        store.Put(RecordKind.GivenInvite, Key(token), writer.Written);
    }

    /// <summary>Whether an introduction is by who used an invite of ours; that one is used up then.</summary>
    internal bool TryUse(IntroductionItem item, ulong now)
    {
        byte[] place = Key(item.InviteToken.Span);
        if (store.Get(RecordKind.GivenInvite, place) is not { } record) return false;
        var (until, key) = Read(record);
        bool isGenuine = until > now && CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(key, Tls.Encode(item.Card)), item.Tag.Span);
        if (isGenuine) store.Delete(RecordKind.GivenInvite, place);
        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(record);
        return isGenuine;
    }

    /// <summary>Forgets what has expired.</summary>
    internal void DropExpired(ulong now)
    {
        foreach (var (place, record) in store.ScanAll(RecordKind.GivenInvite))
        {
            var (until, key) = Read(record);
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(record);
            if (until <= now) store.Delete(RecordKind.GivenInvite, place);
        }
    }

    private static (ulong Until, byte[] Key) Read(ReadOnlySpan<byte> record)
    {
        var reader = new TlsReader(record);
        if (reader.ReadUInt8() != Format) throw new CodecException("an invite of another version");
        return (reader.ReadUInt64(), reader.ReadOpaque(ProtocolLimits.DigestBytes).ToArray());
    }

    private static byte[] Key(ReadOnlySpan<byte> token) => token.ToArray();
}
