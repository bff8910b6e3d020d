using System.Buffers.Binary;

namespace Holdfast.Vault.Pages;

/// <summary>
/// One frame of the write-ahead log, sealed: in the clear, but bound in, the number of its transaction, whether it is the last of
/// it, and what came before; then nonce, ciphertext and tag. So each record can be opened by itself, which tells a torn end from damage.
/// </summary>
internal static class LogRecord
{
    /// <summary>SQLite's frame: its header, and a page.</summary>
    internal const int FrameHeaderBytes = 24, FrameBytes = FrameHeaderBytes + SealedFile.PageBytes;

    /// <summary>The size of a record in bytes.</summary>
    internal const int Bytes = NonceAt + PageCipher.NonceBytes + FrameBytes + PageCipher.TagBytes;

    private const ulong LastBit = 1ul << 63;
    private const int BoundAt = 8, NonceAt = BoundAt + Anchor.HashBytes, CiphertextAt = NonceAt + PageCipher.NonceBytes, TagAt = Bytes - PageCipher.TagBytes;
    private const int AssociatedBytes = NonceAt + sizeof(uint);

    /// <summary>The transaction a record says it is of.</summary>
    internal static ulong NumberIn(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt64BigEndian(record) & ~LastBit;

    /// <summary>Whether it says that it is the last of its transaction.</summary>
    internal static bool IsLast(ReadOnlySpan<byte> record) => (record[0] & 0x80) != 0;

    /// <summary>What the record is bound to: <see cref="Anchor.Over"/> for the last, the anchor's hash for the others.</summary>
    internal static ReadOnlySpan<byte> BoundTo(ReadOnlySpan<byte> record) => record.Slice(BoundAt, Anchor.HashBytes);

    internal static ReadOnlySpan<byte> TagOf(ReadOnlySpan<byte> record) => record.Slice(TagAt, PageCipher.TagBytes);

    /// <summary>The page in a frame (https://www.sqlite.org/fileformat2.html#the_write_ahead_log).</summary>
    internal static uint PageIn(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt32BigEndian(frame);

    /// <summary>Whether a frame is the last of its transaction: then it says how large the database is.</summary>
    internal static bool Commits(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt32BigEndian(frame[4..]) != 0;

    /// <summary>Seals a frame as record number <paramref name="index"/> of its run.</summary>
    internal static void Seal(PageCipher cipher, int index, ulong number, bool isLast, ReadOnlySpan<byte> boundTo, ReadOnlySpan<byte> frame, Span<byte> record)
    {
        BinaryPrimitives.WriteUInt64BigEndian(record, isLast ? number | LastBit : number);
        boundTo.CopyTo(record[BoundAt..]);
        Span<byte> associated = stackalloc byte[AssociatedBytes];
        Associate(record, index, associated);
        cipher.Seal(frame, associated, record.Slice(CiphertextAt, FrameBytes), record.Slice(NonceAt, PageCipher.NonceBytes), record[TagAt..]);
    }

    /// <summary>Whether it is what was sealed at this place of this run.</summary>
    internal static bool TryOpen(PageCipher cipher, int index, ReadOnlySpan<byte> record, Span<byte> frame)
    {
        Span<byte> associated = stackalloc byte[AssociatedBytes];
        Associate(record, index, associated);
        return cipher.TryOpen(record.Slice(CiphertextAt, FrameBytes), associated, record.Slice(NonceAt, PageCipher.NonceBytes), record[TagAt..], frame);
    }

    private static void Associate(ReadOnlySpan<byte> record, int index, Span<byte> associated)
    {
        record[..NonceAt].CopyTo(associated);
        BinaryPrimitives.WriteInt32BigEndian(associated[NonceAt..], index);
    }
}
