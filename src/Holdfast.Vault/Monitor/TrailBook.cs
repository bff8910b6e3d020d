using System.Buffers.Binary;
using Holdfast.Codec;
using Holdfast.Protocol;
using Microsoft.Data.Sqlite;

namespace Holdfast.Vault;

/// <summary>
/// The audit trail: what was asked of an open vault that its owner may want to know of, so that he sees it where another has asked in
/// his name. Events of a kind are counted by the minute. The first of a minute, and every so many after it, are on disk before the
/// answer is; what comes between them is written with the next, or at the end.
/// </summary>
internal sealed class TrailBook(SealedStore store, TimeProvider clock)
{
    /// <summary>So many items are kept, the latest ones.</summary>
    internal const ulong Most = 10_000;

    private const uint WrittenAfter = 100;
    private const ulong MinuteMilliseconds = 60_000;

    private readonly Dictionary<TrailEvent, (ulong Number, TrailItem Item, uint Unwritten)> _minutes = [];

    /// <summary>What there is, the latest first.</summary>
    internal Trail Show()
    {
        WriteAll();
        return new Trail([.. store.ScanAll(RecordKind.Trail).Select(static record => Tls.Decode<TrailItem>(record.Value)).Reverse()]);
    }

    /// <summary>Notes an event. Where the store cannot be written it is noted in memory, and what was asked for goes on.</summary>
    /// <param name="what">What happened.</param>
    /// <param name="count">How often.</param>
    internal void Note(TrailEvent what, uint count = 1)
    {
        if (count == 0) return;
        ulong now = (ulong)clock.GetUtcNow().ToUnixTimeMilliseconds();
        bool isSame = _minutes.TryGetValue(what, out var minute) && now / MinuteMilliseconds == minute.Item.At / MinuteMilliseconds;
        if (isSame) _minutes[what] = minute = (minute.Number, minute.Item with { Count = minute.Item.Count + count }, minute.Unwritten + count);
        else
        {
            WriteAll();
            _minutes[what] = minute = (0, new TrailItem(now, what, count), count);
        }
        if (!isSame || minute.Unwritten >= WrittenAfter) WriteAll();
    }

    /// <summary>Writes what is noted in memory only.</summary>
    internal void WriteAll()
    {
        var unwritten = _minutes.Where(static minute => minute.Value.Unwritten > 0).ToList();
        if (unwritten.Count == 0) return;
        try
        {
            store.Change(() =>
            {
                foreach (var (what, minute) in unwritten) _minutes[what] = (Put(minute.Number, minute.Item), minute.Item, 0);
                return true;
            });
        }
        catch (Exception failure) when (failure is SqliteException or IOException)
        {
            foreach (var (what, minute) in unwritten) _minutes[what] = minute;   // the next event, or the end, tries again
        }
    }

    /// <summary>As a part of a change: notes an event of its own, which is there if the change is.</summary>
    internal static void Put(SealedStore store, TimeProvider clock, TrailEvent what) =>
        new TrailBook(store, clock).Put(0, new TrailItem((ulong)clock.GetUtcNow().ToUnixTimeMilliseconds(), what, 1));

    private ulong Put(ulong number, TrailItem item)
    {
        if (number == 0) number = Last() + 1;
        if (number > Most) store.Delete(RecordKind.Trail, SealedStore.Key([], number - Most));
        store.Put(RecordKind.Trail, SealedStore.Key([], number), Tls.Encode(item));
        return number;
    }

    private ulong Last() => store.Scan(RecordKind.Trail, [], SealedStore.Key([], ulong.MaxValue), limit: 1, descending: true) is [var (key, _)]
        ? BinaryPrimitives.ReadUInt64BigEndian(key)
        : 0;
}
