using System.Buffers.Binary;
using Holdfast.Cryptography;

namespace Holdfast.Vault.Pages;

/// <summary>
/// The page list on the disk: a record for each time that the main file was synced, with the pages written until then and the
/// anchor they make up. Records are chained; a long file is written anew and takes the old one's place.
/// </summary>
/// <remarks>A record that was being written when we died is noticed and dropped: the write-ahead log still has its pages then.</remarks>
internal sealed class PageListFile : IDisposable
{
    /// <summary>So many pages may be sealed under one file's key.</summary>
    internal const ulong MostSeals = 1 << 30;

    private const int FixedBytes = 8 + Anchor.HashBytes + 8 + 4, EntryBytes = 12, LengthBytes = 4;
    private const int LeastToRewrite = 1024;

    private readonly Disk _disk;
    private readonly string _path;
    private readonly PageCipher _cipher;
    private readonly List<uint> _changed = [];
    private readonly byte[] _associated = new byte[8 + PageCipher.TagBytes];   // the record's number and the tag before it
    private DiskFile _file;
    private long _length, _entries;

    private PageListFile(Disk disk, string path, PageCipher cipher, DiskFile file) => (_disk, _path, _cipher, _file) = (disk, path, cipher, file);

    /// <summary>The list itself.</summary>
    internal PageList Pages { get; } = new();

    /// <summary>Up to where the main file goes.</summary>
    internal Anchor Anchor { get; private set; } = Anchor.Start;

    /// <summary>How many pages have been sealed for the main file since it was made.</summary>
    internal ulong Seals { get; private set; }

    /// <summary>Whether the file ends with something that is no record.</summary>
    internal bool HasTornEnd { get; private set; }

    private static ReadOnlySpan<byte> Magic => "HOLDPAGE"u8;

    private ulong NextRecord
    {
        get => BinaryPrimitives.ReadUInt64BigEndian(_associated);
        set => BinaryPrimitives.WriteUInt64BigEndian(_associated, value);
    }

    internal static PageListFile Create(Disk disk, string path, StoreKeys keys, RandomSource random)
    {
        var list = new PageListFile(disk, path, new PageCipher(keys.List(), random), disk.Create(path));
        list._file.Write(Magic, 0);
        list._file.Sync();
        list._length = Magic.Length;
        return list;
    }

    /// <exception cref="StoreDamage">It is missing, or not a page list.</exception>
    internal static PageListFile Open(Disk disk, string path, StoreKeys keys, RandomSource random)
    {
        if (!disk.Exists(path)) throw new StoreDamage(path, "a file is missing");
        disk.Delete(Unfinished(path));
        var list = new PageListFile(disk, path, new PageCipher(keys.List(), random), disk.Open(path));
        try { list.Read(); }
        catch
        {
            list.Dispose();
            throw;
        }
        return list;
    }

    /// <summary>Notes a page that is about to be written.</summary>
    /// <exception cref="IOException">The key has sealed as much as a key may.</exception>
    internal void Note(uint page, ReadOnlySpan<byte> tag)
    {
        if (Seals >= MostSeals) throw new IOException("The store has been rewritten as often as one key allows. Join again with a new invite to get a new one.");
        Pages.Set(page, PageList.Short(tag));
        Seals++;
        _changed.Add(page);
    }

    /// <summary>The main file ends behind this page.</summary>
    internal void Cut(uint count)
    {
        Pages.SetCount(count);
        _changed.RemoveAll(page => page > count);
    }

    /// <summary>Says durably what has been written to the main file, which must be on the disk.</summary>
    internal void Commit(Anchor anchor)
    {
        Anchor = anchor;
        if (HasTornEnd) _file.Truncate(_length);
        HasTornEnd = true;   // until this record is whole
        if (_entries + _changed.Count > LeastToRewrite + (4L * Pages.Count)) Rewrite();
        else Append(_file, _changed, _changed.Count);
        _file.Sync();
        _changed.Clear();
        HasTornEnd = false;
    }

    /// <summary>The list lacks what the log says was in it.</summary>
    internal StoreDamage Torn() => new(_path, "its page list has been altered, cut or exchanged");

    public void Dispose()
    {
        _file.Dispose();
        _cipher.Dispose();
    }

    private static string Unfinished(string path) => path + ".new";

    /// <summary>A file with one record, which begins a chain of its own, takes the place of one that has grown long.</summary>
    private void Rewrite()
    {
        string unfinished = Unfinished(_path);
        var before = (_length, _entries, Chain: _associated.ToArray());
        var rewritten = _disk.Create(unfinished);
        try
        {
            rewritten.Write(Magic, 0);
            (_length, _entries) = (Magic.Length, 0);
            _associated.AsSpan().Clear();
            Append(rewritten, Present(), (int)Pages.Count);
            rewritten.Sync();
            _disk.Replace(_path, unfinished);
        }
        catch
        {
            (_length, _entries) = (before._length, before._entries);
            before.Chain.CopyTo(_associated, 0);
            rewritten.Dispose();
            throw;
        }
        _file.Dispose();
        _file = rewritten;
        _disk.SyncNames(_path);
    }

    private IEnumerable<uint> Present()
    {
        for (uint page = 1; page <= Pages.Count; page++) yield return page;
    }

    private void Append(DiskFile file, IEnumerable<uint> pages, int count)
    {
        var plain = new byte[FixedBytes + (count * EntryBytes)];
        BinaryPrimitives.WriteUInt64BigEndian(plain, Anchor.Number);
        Anchor.Hash.Span.CopyTo(plain.AsSpan(8));
        BinaryPrimitives.WriteUInt64BigEndian(plain.AsSpan(8 + Anchor.HashBytes), Seals);
        BinaryPrimitives.WriteUInt32BigEndian(plain.AsSpan(FixedBytes - 4), Pages.Count);
        int at = FixedBytes;
        foreach (uint page in pages)
        {
            BinaryPrimitives.WriteUInt32BigEndian(plain.AsSpan(at), page);
            BinaryPrimitives.WriteUInt64BigEndian(plain.AsSpan(at + 4), Pages[page]);
            at += EntryBytes;
        }
        var record = new byte[LengthBytes + PageCipher.OverheadBytes + plain.Length];
        BinaryPrimitives.WriteInt32BigEndian(record, plain.Length);
        var tag = record.AsSpan(^PageCipher.TagBytes..);
        _cipher.Seal(plain, _associated, record.AsSpan(LengthBytes + PageCipher.NonceBytes, plain.Length), record.AsSpan(LengthBytes, PageCipher.NonceBytes), tag);
        file.Write(record, _length);
        Follow(tag, record.Length, count);
    }

    private void Follow(ReadOnlySpan<byte> tag, int bytes, int entries)
    {
        NextRecord++;
        tag.CopyTo(_associated.AsSpan(8));
        _length += bytes;
        _entries += entries;
    }

    private void Read()
    {
        long length = _file.Length;
        if (length > int.MaxValue) throw new StoreDamage(_path, "its page list is too long");
        var bytes = new byte[length];
        int got = _file.Read(bytes, 0);
        var rest = bytes.AsSpan(0, got);
        if (!rest.StartsWith(Magic)) throw new StoreDamage(_path, "its page list has been altered or cut");
        _length = Magic.Length;
        while ((int)_length < rest.Length && TryTake(rest[(int)_length..]))
        {
        }
        HasTornEnd = _length < rest.Length;
    }

    private bool TryTake(ReadOnlySpan<byte> rest)
    {
        const int Overhead = LengthBytes + PageCipher.OverheadBytes;
        if (rest.Length < Overhead + FixedBytes) return false;
        int size = BinaryPrimitives.ReadInt32BigEndian(rest);
        if (size < FixedBytes || size > rest.Length - Overhead || (size - FixedBytes) % EntryBytes != 0) return false;
        var plain = new byte[size];
        var tag = rest.Slice(LengthBytes + PageCipher.NonceBytes + size, PageCipher.TagBytes);
        if (!_cipher.TryOpen(rest.Slice(LengthBytes + PageCipher.NonceBytes, size), _associated, rest.Slice(LengthBytes, PageCipher.NonceBytes), tag, plain))
            return false;
        Anchor = new Anchor(BinaryPrimitives.ReadUInt64BigEndian(plain), plain[8..(8 + Anchor.HashBytes)]);
        Seals = BinaryPrimitives.ReadUInt64BigEndian(plain.AsSpan(8 + Anchor.HashBytes));
        Pages.SetCount(BinaryPrimitives.ReadUInt32BigEndian(plain.AsSpan(FixedBytes - 4)));
        for (var entries = plain.AsSpan(FixedBytes); !entries.IsEmpty; entries = entries[EntryBytes..])
            Pages.Set(BinaryPrimitives.ReadUInt32BigEndian(entries), BinaryPrimitives.ReadUInt64BigEndian(entries[4..]));
        Follow(tag, size + Overhead, (size - FixedBytes) / EntryBytes);
        return true;
    }
}
