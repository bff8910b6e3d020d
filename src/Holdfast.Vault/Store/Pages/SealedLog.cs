using System.Security.Cryptography;
using Holdfast.Cryptography;

namespace Holdfast.Vault.Pages;

/// <summary>
/// SQLite's write-ahead log. Each frame is one sealed record (<see cref="LogRecord"/>), so that appending never rewrites what was
/// committed; what a transaction writes is gathered and goes to the disk at once. A run, from one reset to the next, has a key of its own.
/// </summary>
internal sealed class SealedLog : SealedFile, IDisposable
{
    private const int BatchRecords = 64;

    private readonly Disk _disk;
    private readonly string _path;
    private readonly StoreKeys _keys;
    private readonly RandomSource _random;
    private readonly PageCipher _headerCipher;
    private readonly byte[] _batch = new byte[BatchRecords * LogRecord.Bytes];
    private readonly byte[] _record = new byte[LogRecord.Bytes];
    private readonly byte[] _frame = GC.AllocateArray<byte>(LogRecord.FrameBytes, pinned: true);   // the frame being put together, or read
    private readonly byte[] _last = GC.AllocateArray<byte>(LogRecord.FrameBytes, pinned: true);    // the last frame of the transaction, kept until the others are final
    private byte[] _tags = new byte[1024 * PageCipher.TagBytes];
    private DiskFile? _file;
    private PageCipher? _runCipher;
    private LogHeader? _header;
    private int _count, _committed, _batchStart, _batchCount;
    private int _headerOf = -1, _lastIndex = -1, _firstPage = -1;
    private bool _isDirty, _isBroken;

    private SealedLog(Disk disk, string path, StoreKeys keys, RandomSource random, Anchor anchor)
    {
        (_disk, _path, _keys, _random, Anchor) = (disk, path, keys, random, anchor);
        _headerCipher = new PageCipher(keys.LogHeader(), random);
    }

    /// <summary>Behind the last committed transaction.</summary>
    internal Anchor Anchor { get; private set; }

    /// <summary>Whether there is anything in it.</summary>
    internal bool HasFrames => _count > 0;

    internal override long Size => _header is null ? 0 : LogHeader.SqliteBytes + ((long)_count * LogRecord.FrameBytes);

    /// <summary>Finds what a log has that goes on from the main file.</summary>
    /// <exception cref="StoreDamage">It has been altered, or is of another time than the page list.</exception>
    internal static SealedLog Open(Disk disk, string path, StoreKeys keys, RandomSource random, PageListFile list)
    {
        var log = new SealedLog(disk, path, keys, random, list.Anchor);
        try
        {
            if (disk.Exists(path)) log.Recover(list);
            if (list.HasTornEnd && log.Anchor.Number <= list.Anchor.Number) throw list.Torn();
            return log;
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    internal override int Read(Span<byte> target, long offset)
    {
        if (_header is null) return 0;
        FinishHeader();
        if (offset + target.Length <= LogHeader.SqliteBytes)
        {
            _header.Sqlite.AsSpan((int)offset, target.Length).CopyTo(target);
            return target.Length;
        }
        var (index, within) = Math.DivRem(offset - LogHeader.SqliteBytes, LogRecord.FrameBytes);
        if (within + target.Length > LogRecord.FrameBytes) throw Unexpected("read", offset, target.Length);
        if (index >= _count) return 0;
        if (index == _lastIndex)
        {
            _last.AsSpan((int)within, target.Length).CopyTo(target);
            return target.Length;
        }
        OpenFrame((int)index);
        _frame.AsSpan((int)within, target.Length).CopyTo(target);
        CryptographicOperations.ZeroMemory(_frame);
        return target.Length;
    }

    /// <summary>The newest version of page 1 that was found when the log was opened.</summary>
    internal bool TryReadPage(uint page, Span<byte> target)
    {
        if (page != 1 || _firstPage < 0) return false;
        OpenFrame(_firstPage);
        _frame.AsSpan(LogRecord.FrameHeaderBytes).CopyTo(target);
        CryptographicOperations.ZeroMemory(_frame);
        return true;
    }

    internal override void Write(ReadOnlySpan<byte> source, long offset)
    {
        if (_isBroken) throw new IOException("the disk has refused to keep what was written; the store must be opened anew");
        _firstPage = -1;
        if (offset == 0 && source.Length == LogHeader.SqliteBytes)
        {
            Begin(source);
            return;
        }
        var (index, within) = Math.DivRem(offset - LogHeader.SqliteBytes, LogRecord.FrameBytes);
        if (_header is null || offset < 0 || index > _count || index < _committed) throw Unexpected("write", offset, source.Length);
        if (within == 0 && source.Length == LogRecord.FrameHeaderBytes) TakeHeader(source, (int)index);
        else if (within == LogRecord.FrameHeaderBytes && source.Length == PageBytes) TakePage(source, (int)index);
        else throw Unexpected("write", offset, source.Length);
    }

    internal override void Truncate(long size)
    {
        if (_file is null) return;
        FinishHeader();
        int count = size < LogHeader.SqliteBytes ? 0 : checked((int)((size - LogHeader.SqliteBytes) / LogRecord.FrameBytes));
        if (count >= _count) return;
        Flush();
        _count = count;
        _committed = Math.Min(_committed, count);
        if (size < LogHeader.SqliteBytes) _header = null;
        _file.Truncate(_header is null ? 0 : LogHeader.End + ((long)count * LogRecord.Bytes));
        _isDirty = true;
    }

    internal override void Sync()
    {
        if (_file is null) return;
        FinishHeader();
        FinishTransaction();
        Flush();
        if (_isDirty) SyncFile();
    }

    /// <summary>SQLite is through with the log: all of it is in the main file.</summary>
    internal void Delete()
    {
        (_header, _count, _committed, _lastIndex, _headerOf, _batchCount) = (null, 0, 0, -1, -1, 0);
        _file?.Dispose();
        _file = null;
        _disk.Delete(_path);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_frame);
        CryptographicOperations.ZeroMemory(_last);
        _file?.Dispose();
        _runCipher?.Dispose();
        _headerCipher.Dispose();
    }

    /// <summary>
    /// The first header is the newest where it is whole; where it was being written, the second is of the run before, which is whole then.
    /// Before both are there, nothing is behind them.
    /// </summary>
    private void Recover(PageListFile list)
    {
        _file = _disk.Open(_path);
        _header = LogHeader.Read(_file, LogHeader.FirstAt, _headerCipher) ?? LogHeader.Read(_file, LogHeader.SecondAt, _headerCipher);
        if (_header is null)
        {
            if (_file.Length > LogHeader.End) throw new StoreDamage(_path, "the write-ahead log has been altered, or is of another store");
            return;
        }
        if (_header.Base.Number > list.Anchor.Number) throw list.Torn();
        _runCipher = new PageCipher(_keys.LogRun(_header.Salt), _random);
        var run = new LogRun(_path, _file, _runCipher, _header);
        run.Follow(list.Anchor);
        if (run.Anchor.Number < list.Anchor.Number) throw new StoreDamage(_path, "the write-ahead log is older than the database");
        (_count, _committed, _firstPage, Anchor) = (run.Count, run.Count, run.FirstPage, run.Anchor);
        _tags = [.. run.Tags, .. new byte[1024 * PageCipher.TagBytes]];
    }

    /// <summary>Begins a new run, under a new key. Nothing of the run before is needed any more.</summary>
    private void Begin(ReadOnlySpan<byte> sqlite)
    {
        (_count, _committed, _lastIndex, _headerOf, _batchCount) = (0, 0, -1, -1, 0);
        bool isNew = _file is null;
        _file ??= _disk.Create(_path);
        var header = LogHeader.Create(sqlite, Anchor, _random);
        byte[] bytes = header.Seal(_headerCipher);
        foreach (long at in (long[])[LogHeader.FirstAt, LogHeader.SecondAt])
        {
            _file.Write(bytes, at);
            if (at == LogHeader.SecondAt && _file.Length < LogHeader.End) _file.Truncate(LogHeader.End);
            SyncFile();
        }
        if (isNew) _disk.SyncNames(_path);
        _runCipher?.Dispose();
        _runCipher = new PageCipher(_keys.LogRun(header.Salt), _random);
        _header = header;
    }

    private void TakeHeader(ReadOnlySpan<byte> source, int index)
    {
        FinishHeader();
        if (index > _lastIndex) FinishTransaction();
        source.CopyTo(_frame);
        _headerOf = index;
    }

    private void TakePage(ReadOnlySpan<byte> source, int index)
    {
        if (index <= _lastIndex) _lastIndex = -1;   // that transaction was given up, and this is another one
        if (_headerOf != index)
        {
            FinishHeader();
            if (index >= _count) throw Unexpected("write a page at frame", index, source.Length);
            OpenFrame(index);   // a page once more, under the header it has
        }
        source.CopyTo(_frame.AsSpan(LogRecord.FrameHeaderBytes));
        _headerOf = -1;
        Take(index);
    }

    /// <summary>SQLite has written the header of a frame alone, whose page stays.</summary>
    private void FinishHeader()
    {
        if (_headerOf < 0) return;
        int index = _headerOf;
        _headerOf = -1;
        if (index >= _count) return;   // its page was never written
        Span<byte> header = stackalloc byte[LogRecord.FrameHeaderBytes];
        _frame.AsSpan(0, header.Length).CopyTo(header);
        if (index == _lastIndex)
        {
            header.CopyTo(_last);
            return;
        }
        OpenFrame(index);
        header.CopyTo(_frame);
        Take(index);
    }

    /// <summary>A frame is complete: it is sealed, unless it ends its transaction, for then frames before it may still change.</summary>
    private void Take(int index)
    {
        if (LogRecord.Commits(_frame))
        {
            _frame.CopyTo(_last, 0);
            _lastIndex = index;
        }
        else
        {
            SealFrame(index, _frame, isLast: false, Anchor.Hash.Span);
        }
        CryptographicOperations.ZeroMemory(_frame);
        _count = Math.Max(_count, index + 1);
    }

    /// <summary>Seals the last frame of a transaction; it is committed when this is on the disk.</summary>
    private void FinishTransaction()
    {
        if (_lastIndex < 0) return;
        int last = _lastIndex;
        _lastIndex = -1;   // also where the disk is full: SQLite gives the transaction up then
        Span<byte> bound = stackalloc byte[Anchor.HashBytes];
        Anchor.Over(TagsBefore(last), bound);
        SealFrame(last, _last, isLast: true, bound);
        CryptographicOperations.ZeroMemory(_last);
        Flush();
        Anchor = Anchor.Next(bound, Tag(last));
        _committed = last + 1;
    }

    private ReadOnlySpan<byte> TagsBefore(int last) => _tags.AsSpan(_committed * PageCipher.TagBytes, (last - _committed) * PageCipher.TagBytes);

    private Span<byte> Tag(int index) => _tags.AsSpan(index * PageCipher.TagBytes, PageCipher.TagBytes);

    private void SealFrame(int index, ReadOnlySpan<byte> frame, bool isLast, ReadOnlySpan<byte> boundTo)
    {
        if (_batchCount == BatchRecords || (_batchCount > 0 && index != _batchStart + _batchCount)) Flush();
        if (_batchCount == 0) _batchStart = index;
        var record = _batch.AsSpan(_batchCount * LogRecord.Bytes, LogRecord.Bytes);
        LogRecord.Seal(_runCipher!, index, Anchor.Number + 1, isLast, boundTo, frame, record);
        _batchCount++;
        if ((index + 1) * PageCipher.TagBytes > _tags.Length) Array.Resize(ref _tags, _tags.Length * 2);
        LogRecord.TagOf(record).CopyTo(Tag(index));
    }

    private void Flush()
    {
        if (_batchCount == 0) return;
        int count = _batchCount;
        (_batchCount, _isDirty) = (0, true);
        _file!.Write(_batch.AsSpan(0, count * LogRecord.Bytes), LogHeader.End + ((long)_batchStart * LogRecord.Bytes));
    }

    /// <summary>Puts a frame into <see cref="_frame"/>.</summary>
    private void OpenFrame(int index)
    {
        Flush();
        bool isOurs = _file!.Read(_record, LogHeader.End + ((long)index * LogRecord.Bytes)) == LogRecord.Bytes
            && CryptographicOperations.FixedTimeEquals(LogRecord.TagOf(_record), Tag(index)) && LogRecord.TryOpen(_runCipher!, index, _record, _frame);
        if (!isOurs) throw new StoreDamage(_path, "a page in the write-ahead log has been altered or cut");
    }

    /// <summary>What a disk has once failed to keep may be gone from its cache, and a second attempt would succeed without it.</summary>
    private void SyncFile()
    {
        try { _file!.Sync(); }
        catch
        {
            _isBroken = true;
            throw;
        }
        _isDirty = false;
    }
}
