using System.Buffers.Binary;
using Holdfast.Cryptography;

namespace Holdfast.Vault.Pages;

/// <summary>
/// How a run of the write-ahead log begins: a salt, from which its key follows, and, sealed, SQLite's own header and the anchor
/// that the run starts from. It stands in the file twice, written and synced one after the other, so that neither a torn write
/// nor a flipped bit can take a whole run away.
/// </summary>
internal sealed record LogHeader(byte[] Salt, byte[] Sqlite, Anchor Base)
{
    /// <summary>SQLite's header in bytes.</summary>
    internal const int SqliteBytes = 32;

    /// <summary>Where the two are, and where the frames begin.</summary>
    internal const int FirstAt = 0, SecondAt = 4096, End = 8192;

    /// <summary>The size of one in bytes.</summary>
    internal const int Bytes = SealedAt + PageCipher.OverheadBytes + PlainBytes;

    private const int SaltBytes = 32, SealedAt = 8 + SaltBytes, PlainBytes = SqliteBytes + 8 + Anchor.HashBytes;

    private static ReadOnlySpan<byte> Magic => "HOLDLOG2"u8;

    /// <summary>A header with a fresh salt.</summary>
    internal static LogHeader Create(ReadOnlySpan<byte> sqlite, Anchor anchor, RandomSource random) => new(random.PublicBytes(SaltBytes), sqlite.ToArray(), anchor);

    internal byte[] Seal(PageCipher cipher)
    {
        var header = new byte[Bytes];
        Magic.CopyTo(header);
        Salt.CopyTo(header, Magic.Length);
        Span<byte> plain = stackalloc byte[PlainBytes];
        Sqlite.CopyTo(plain);
        BinaryPrimitives.WriteUInt64BigEndian(plain[SqliteBytes..], Base.Number);
        Base.Hash.Span.CopyTo(plain[(SqliteBytes + 8)..]);
        var body = header.AsSpan(SealedAt);
        cipher.Seal(plain, header.AsSpan(0, SealedAt), body.Slice(PageCipher.NonceBytes, PlainBytes), body[..PageCipher.NonceBytes], body[^PageCipher.TagBytes..]);
        return header;
    }

    /// <summary>The header at one of its places, or null where there is none that we wrote.</summary>
    internal static LogHeader? Read(DiskFile file, long at, PageCipher cipher)
    {
        var header = new byte[Bytes];
        if (file.Read(header, at) < Bytes || !header.AsSpan().StartsWith(Magic)) return null;
        var plain = new byte[PlainBytes];
        var body = header.AsSpan(SealedAt);
        if (!cipher.TryOpen(body.Slice(PageCipher.NonceBytes, PlainBytes), header.AsSpan(0, SealedAt), body[..PageCipher.NonceBytes], body[^PageCipher.TagBytes..], plain))
            return null;
        return new LogHeader(
            header[Magic.Length..SealedAt], plain[..SqliteBytes], new Anchor(BinaryPrimitives.ReadUInt64BigEndian(plain.AsSpan(SqliteBytes)), plain[(SqliteBytes + 8)..]));
    }
}
