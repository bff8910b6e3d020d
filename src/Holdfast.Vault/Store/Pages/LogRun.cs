using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Holdfast.Vault.Pages;

/// <summary>A run of the write-ahead log as it was found: how far it is whole, and where that leads.</summary>
/// <param name="path">For errors.</param>
/// <param name="file">The log.</param>
/// <param name="cipher">Under the run's key.</param>
/// <param name="header">How it begins.</param>
internal sealed class LogRun(string path, DiskFile file, PageCipher cipher, LogHeader header)
{
    private const int Batch = 64;

    private readonly byte[] _records = new byte[Batch * LogRecord.Bytes];
    private readonly byte[] _frame = GC.AllocateArray<byte>(LogRecord.FrameBytes, pinned: true);
    private int _batchStart = -1, _batchCount;

    /// <summary>The tags of the records of whole transactions, one after the other.</summary>
    internal List<byte> Tags { get; } = [];

    /// <summary>How many records belong to whole transactions.</summary>
    internal int Count => Tags.Count / PageCipher.TagBytes;

    /// <summary>The last record that holds page 1, or -1.</summary>
    internal int FirstPage { get; private set; } = -1;

    /// <summary>Behind the last whole transaction.</summary>
    internal Anchor Anchor { get; private set; } = header.Base;

    /// <summary>
    /// Follows the run from transaction to transaction. What comes behind the last whole one was being written when we died, or
    /// is left from an earlier run; but a later transaction cannot be there, for it was begun only when this one was on the disk.
    /// </summary>
    /// <param name="passed">An anchor that must lie on the way, where the way is as long.</param>
    /// <exception cref="StoreDamage">A transaction behind which there are others is damaged, or the way misses the anchor.</exception>
    internal void Follow(Anchor passed)
    {
        try
        {
            CheckPassed(passed);
            while (TryFollowOne()) CheckPassed(passed);
            CheckNothingLater();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(_frame);
        }
    }

    private void CheckPassed(Anchor passed)
    {
        if (Anchor.Number == passed.Number && Anchor != passed)
            throw new StoreDamage(path, "the write-ahead log is not the one that this database went on from");
    }

    private bool TryFollowOne()
    {
        var tags = new List<byte>();
        int firstPage = FirstPage;
        Span<byte> bound = stackalloc byte[Anchor.HashBytes];
        for (int index = Count; ; index++)
        {
            var record = Record(index);
            if (record.IsEmpty || LogRecord.NumberIn(record) != Anchor.Number + 1) return false;
            bool isLast = LogRecord.IsLast(record);
            if (isLast) Anchor.Over(CollectionsMarshal.AsSpan(tags), bound);
            else Anchor.Hash.Span.CopyTo(bound);
            if (!LogRecord.BoundTo(record).SequenceEqual(bound) || !LogRecord.TryOpen(cipher, index, record, _frame)) return false;
            if (isLast) Anchor = Anchor.Next(bound, LogRecord.TagOf(record));
            tags.AddRange(LogRecord.TagOf(record));
            if (LogRecord.PageIn(_frame) == 1) firstPage = index;
            if (!isLast) continue;
            Tags.AddRange(tags);
            FirstPage = firstPage;
            return true;
        }
    }

    private void CheckNothingLater()
    {
        ulong next = Anchor.Number + 1;
        for (int index = Count; Record(index) is { IsEmpty: false } record; index++)
        {
            if (LogRecord.NumberIn(record) > next && LogRecord.TryOpen(cipher, index, record, _frame))
                throw new StoreDamage(path, "a transaction in the write-ahead log has been altered");
        }
    }

    /// <summary>A record, read with its neighbours; empty where the file ends.</summary>
    private ReadOnlySpan<byte> Record(int index)
    {
        if (_batchStart < 0 || index < _batchStart || index >= _batchStart + Batch)
        {
            _batchStart = index;
            _batchCount = file.Read(_records, LogHeader.End + ((long)index * LogRecord.Bytes)) / LogRecord.Bytes;
        }
        return index - _batchStart < _batchCount ? _records.AsSpan((index - _batchStart) * LogRecord.Bytes, LogRecord.Bytes) : [];
    }
}
