using System.Buffers.Binary;
using System.Security.Cryptography;
using Holdfast.Cryptography;

namespace Holdfast.Vault.Pages;

/// <summary>
/// The first 4,096 bytes of the main file, written once: format, the file's random identity, a MAC that tells a wrong key from
/// damage, and a hash over all of it, which needs no key.
/// </summary>
internal static class FileHeader
{
    internal const int Bytes = 4096, IdentityBytes = 32;

    private const uint Format = 2;   // 1 was a plain SQLite file of sealed records
    private const int FormatAt = 8, IdentityAt = 12, MacAt = IdentityAt + IdentityBytes, MacEnd = MacAt + 32, HashAt = Bytes - 32;

    private static ReadOnlySpan<byte> Magic => "HOLDFAST"u8;

    private static ReadOnlySpan<byte> PlainDatabase => "SQLite format 3\0"u8;

    /// <summary>Makes a header with a fresh identity.</summary>
    internal static byte[] Create(Secret storeKey, RandomSource random)
    {
        var header = new byte[Bytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(FormatAt), Format);
        random.FillPublic(header.AsSpan(IdentityAt, IdentityBytes));
        Mac(storeKey, header, header.AsSpan(MacAt, 32));
        SHA256.HashData(header.AsSpan(0, HashAt), header.AsSpan(HashAt));
        return header;
    }

    /// <summary>The identity in a header.</summary>
    internal static ReadOnlySpan<byte> IdentityIn(ReadOnlySpan<byte> header) => header.Slice(IdentityAt, IdentityBytes);

    /// <summary>Checks what is read as the header of a file.</summary>
    /// <exception cref="StoreDamage">It has been altered.</exception>
    /// <exception cref="WrongStoreFile">The key or the format is another.</exception>
    internal static void Check(string path, ReadOnlySpan<byte> header, Secret storeKey)
    {
        if (header.StartsWith(PlainDatabase)) throw WrongStoreFile.Earlier();
        Span<byte> expected = stackalloc byte[32];
        if (header.Length == Bytes) SHA256.HashData(header[..HashAt], expected);
        if (header.Length < Bytes || !expected.SequenceEqual(header[HashAt..])) throw new StoreDamage(path, "its header has been altered or cut");
        if (!header.StartsWith(Magic)) throw new StoreDamage(path, "it is not a store");
        uint format = BinaryPrimitives.ReadUInt32BigEndian(header[FormatAt..]);
        if (format != Format) throw format < Format ? WrongStoreFile.Earlier() : WrongStoreFile.Later();
        Mac(storeKey, header, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, header[MacAt..MacEnd])) throw WrongStoreFile.Key(path);
    }

    private static void Mac(Secret storeKey, ReadOnlySpan<byte> header, Span<byte> mac)
    {
        using var keys = new StoreKeys(storeKey, IdentityIn(header));
        using var key = keys.Check();
        HMACSHA256.HashData(key.Reveal(), header[..MacAt], mac);
    }
}

/// <summary>A store that is whole and that we cannot use.</summary>
internal sealed class WrongStoreFile : Exception
{
    private WrongStoreFile(string message) : base(message)
    {
    }

    internal static WrongStoreFile Key(string path) =>
        new($"The profile's key does not open its store ({Path.GetFileName(path)}): the two are of different profiles. Put the right files together.");

    internal static WrongStoreFile Earlier() =>
        new("This profile was made by an earlier version of Holdfast, and its store cannot be read any more. Remove the profile and join again with a new invite.");

    internal static WrongStoreFile Later() => new("This profile was made by a later version of Holdfast. Use that one, or a newer one.");
}
