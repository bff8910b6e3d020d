using System.Buffers.Binary;
using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>
/// What a locked device has fetched and nobody has opened: sealed bytes and their places, in one file of bounded size. A record is a length, its
/// bytes and their SHA-256. What is not whole, because the power went or something damaged it, ends the file: it is fetched again. The digest is
/// no proof of who wrote it: any program of this user can, and whoever opens it takes that into account.
/// </summary>
internal static class SpoolFile
{
    /// <summary>No more bytes than this are kept.</summary>
    internal const long MostBytes = 64 << 20;

    private const int LengthBytes = 4, DigestBytes = SHA256.HashSizeInBytes;
    private const int MostRecordBytes = ProtocolLimits.InboxItemBytes + 64;
    private const byte Entry = 1, Item = 2;

    private static ReadOnlySpan<byte> Magic => "HFS1"u8;

    /// <summary>Everything that is whole, up to the first that is not.</summary>
    /// <param name="path">The file; none is an empty one.</param>
    /// <returns>What was read, and whether that was all of the file.</returns>
    internal static (IReadOnlyList<Spooled> Records, bool IsWhole) Read(string path)
    {
        var records = new List<Spooled>();
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
            Span<byte> magic = stackalloc byte[Magic.Length];
            if (file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) < magic.Length || !magic.SequenceEqual(Magic)) return (records, false);
            long end = file.Position;
            while (end < Math.Min(file.Length, MostBytes) && ReadRecord(file) is { } record)
            {
                records.Add(record);
                end = file.Position;
            }
            return (records, end == file.Length);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException) { return (records, true); }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException) { return (records, false); }
    }

    /// <summary>Puts a file with these records in the place of what there was, on disk when this returns.</summary>
    internal static void Replace(string path, IEnumerable<Spooled> records)
    {
        string fresh = path + ".new";
        using (var file = Open(fresh, FileMode.Create))
        {
            file.Write(Magic);
            foreach (var record in records) file.Write(Encode(record));
            file.Flush(flushToDisk: true);
        }
        File.Move(fresh, path, overwrite: true);
        Folder.Flush(Path.GetDirectoryName(path)!);
    }

    /// <summary>Opens a file for appending to it.</summary>
    internal static FileStream OpenToAppend(string path) => Open(path, FileMode.Append);

    /// <summary>A record's bytes.</summary>
    internal static byte[] Encode(Spooled record)
    {
        using var body = new TlsWriter();
        body.WriteUInt8(record.Entry is null ? Item : Entry);
        if (record.Entry is not null) record.Log.Encode(body);
        record.Entry?.Encode(body);
        record.Item?.Encode(body);
        byte[] bytes = new byte[LengthBytes + body.Written.Length + DigestBytes];
        BinaryPrimitives.WriteInt32BigEndian(bytes, body.Written.Length);
        body.Written.CopyTo(bytes.AsSpan(LengthBytes));
        SHA256.HashData(body.Written, bytes.AsSpan(LengthBytes + body.Written.Length));
        return bytes;
    }

    private static Spooled? ReadRecord(FileStream file)
    {
        Span<byte> header = stackalloc byte[LengthBytes];
        if (file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length) return null;
        int length = BinaryPrimitives.ReadInt32BigEndian(header);
        if (length is < 1 or > MostRecordBytes || file.Length - file.Position < length + DigestBytes) return null;
        byte[] bytes = new byte[length + DigestBytes];
        file.ReadExactly(bytes);
        var body = bytes.AsSpan(0, length);
        return SHA256.HashData(body).AsSpan().SequenceEqual(bytes.AsSpan(length)) ? Decode(body) : null;
    }

    private static Spooled? Decode(ReadOnlySpan<byte> body)
    {
        var reader = new TlsReader(body);
        try
        {
            var record = reader.ReadUInt8() switch
            {
                Entry => new Spooled(LogId.Decode(ref reader), LogEntry.Decode(ref reader), null),
                Item => new Spooled(default, null, InboxItem.Decode(ref reader)),
                _ => throw new CodecException("unknown kind of record"),
            };
            reader.ExpectEnd();
            return record;
        }
        catch (CodecException) { return null; }
    }

    private static FileStream Open(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }
}

/// <summary>Something that was fetched: an entry of a log, or an inbox item.</summary>
/// <param name="Log">Whose entry.</param>
/// <param name="Entry">The entry, or null.</param>
/// <param name="Item">The inbox item, or null.</param>
internal sealed record Spooled(LogId Log, LogEntry? Entry, InboxItem? Item);
