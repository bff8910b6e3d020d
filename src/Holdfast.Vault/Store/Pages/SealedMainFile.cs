using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Holdfast.Vault.Pages;

/// <summary>
/// The database itself. Each page is sealed by itself, in place: SQLite leaves the last 28 bytes of a page to us, for nonce and
/// tag, so that pages and sectors stay aligned and a torn write harms no neighbour. The page's number is bound in; its version is
/// the one in the page list. Our own header comes before the first page.
/// </summary>
/// <param name="path">For errors.</param>
/// <param name="file">The file, which this object owns.</param>
/// <param name="cipher">Under the pages' key.</param>
/// <param name="list">Which version of each page is the present one.</param>
/// <param name="log">Where page 1 is, too, when it was torn.</param>
internal sealed class SealedMainFile(string path, DiskFile file, PageCipher cipher, PageListFile list, SealedLog log) : SealedFile, IDisposable
{
    private const int BodyBytes = PageBytes - PageCipher.OverheadBytes, NonceAt = BodyBytes, TagAt = BodyBytes + PageCipher.NonceBytes;
    private const int PageSizeAt = 16, ReservedAt = 20;   // in SQLite's header, https://www.sqlite.org/fileformat2.html#the_database_header

    private readonly byte[] _sealed = new byte[PageBytes];
    private readonly byte[] _plain = GC.AllocateArray<byte>(PageBytes, pinned: true);
    private bool _isDirty;

    internal override long Size => (long)list.Pages.Count * PageBytes;

    internal override int Read(Span<byte> target, long offset)
    {
        var (number, within) = Math.DivRem(offset, PageBytes);
        if (within + target.Length > PageBytes) throw Unexpected("read", offset, target.Length);
        uint page = checked((uint)number + 1);
        if (page > list.Pages.Count) return 0;
        if (target.Length == PageBytes)
        {
            ReadPage(page, target);
            return PageBytes;
        }
        ReadPage(page, _plain);
        _plain.AsSpan((int)within, target.Length).CopyTo(target);
        CryptographicOperations.ZeroMemory(_plain);
        return target.Length;
    }

    internal override void Write(ReadOnlySpan<byte> source, long offset)
    {
        var (number, within) = Math.DivRem(offset, PageBytes);
        if (within != 0 || source.Length != PageBytes) throw Unexpected("write", offset, source.Length);
        uint page = checked((uint)number + 1);
        if (page == 1 && !LeavesRoom(source)) throw new InvalidOperationException("the database leaves no room for tags");
        Span<byte> place = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(place, page);
        var tag = _sealed.AsSpan(TagAt);
        cipher.Seal(source[..BodyBytes], place, _sealed.AsSpan(0, BodyBytes), _sealed.AsSpan(NonceAt, PageCipher.NonceBytes), tag);
        list.Note(page, tag);
        _isDirty = true;
        file.Write(_sealed, PlaceOf(page));
    }

    internal override void Truncate(long size)
    {
        if (size % PageBytes != 0) throw Unexpected("cut", size, 0);
        _isDirty = true;
        list.Cut(checked((uint)(size / PageBytes)));
        if (file.Length > FileHeader.Bytes + size) file.Truncate(FileHeader.Bytes + size);
    }

    /// <summary>The pages first, then the list that says which they are: until both are on the disk, the log has them, too.</summary>
    internal override void Sync()
    {
        if (!_isDirty) return;
        file.Sync();
        list.Commit(log.Anchor);
        _isDirty = false;
    }

    public void Dispose()
    {
        file.Dispose();
        cipher.Dispose();
    }

    /// <summary>
    /// SQLite reads page 1 before it looks into the log. Where it was being written when we died, it is still in the log, as it
    /// must be in that case.
    /// </summary>
    private void ReadPage(uint page, Span<byte> target)
    {
        if (list.Pages[page] == 0)
        {
            target.Clear();   // never written: a page that SQLite has taken and given back
            return;
        }
        if (TryRead(page, target) || (page == 1 && log.TryReadPage(page, target))) return;
        bool isOfAnotherTime = TryOpen(page, target);
        target.Clear();
        throw new StoreDamage(path, isOfAnotherTime
            ? $"page {page} is not of the same time as the page list ({Path.GetFileName(path)}{StoreFiles.ListEnding})"
            : $"page {page} has been altered, cut or exchanged");
    }

    private bool TryRead(uint page, Span<byte> target)
    {
        if (file.Read(_sealed, PlaceOf(page)) < PageBytes) return false;
        return PageList.Short(_sealed.AsSpan(TagAt)) == list.Pages[page] && TryOpen(page, target);
    }

    /// <summary>Opens what was read, be it the present version or another.</summary>
    private bool TryOpen(uint page, Span<byte> target)
    {
        Span<byte> place = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(place, page);
        target[BodyBytes..].Clear();
        return cipher.TryOpen(_sealed.AsSpan(0, BodyBytes), place, _sealed.AsSpan(NonceAt, PageCipher.NonceBytes), _sealed.AsSpan(TagAt), target[..BodyBytes]);
    }

    private static bool LeavesRoom(ReadOnlySpan<byte> first) =>
        BinaryPrimitives.ReadUInt16BigEndian(first[PageSizeAt..]) == PageBytes && first[ReservedAt] == PageCipher.OverheadBytes;

    private static long PlaceOf(uint page) => FileHeader.Bytes + ((page - 1L) * PageBytes);
}
