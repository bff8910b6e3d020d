using System.Buffers.Binary;
using Holdfast.Cryptography;
using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// The access keys of epochs that are over. They open nothing and sign nothing but access to the log. A server that was restored from a backup knows
/// no later ones: who still has one shows it, and tells the server the present one.
/// </summary>
internal sealed class EarlierKeys(SealedStore store)
{
    /// <summary>How many are kept of each conversation: so many changes may have come after the backup.</summary>
    internal const int Most = 200;

    /// <summary>For how long: no server keeps anything longer that is not told to.</summary>
    internal static readonly TimeSpan Kept = TimeSpan.FromDays(35);

    /// <summary>An epoch is over.</summary>
    internal void Keep(LogId log, Group over, ulong now)
    {
        using var seed = AccessKey.SeedOf(over);
        store.PutSecret(RecordKind.EarlierKey, Place(log, now, over.Epoch), seed.Reveal());
        var places = Places(log);
        for (int i = 0; i < places.Count && (places.Count - i > Most || TimeOf(places[i]) + (ulong)Kept.TotalMilliseconds < now); i++)
            store.Delete(RecordKind.EarlierKey, places[i]);
    }

    /// <summary>Those of a conversation, the latest first.</summary>
    internal IEnumerable<SignatureKey> Of(LogId log)
    {
        foreach (byte[] place in Enumerable.Reverse(Places(log)))
        {
            using var seed = store.GetSecret(RecordKind.EarlierKey, place);
            if (seed is not null) yield return AccessKey.Of(seed);
        }
    }

    private List<byte[]> Places(LogId log) => [.. store.ScanAll(RecordKind.EarlierKey, log.ToBytes()).Select(static record => record.Key)];

    /// <summary>In order of time, and of epochs within one moment.</summary>
    private static byte[] Place(LogId log, ulong now, ulong epoch)
    {
        byte[] place = new byte[Id128.Size + (2 * sizeof(ulong))];
        log.ToBytes().CopyTo(place, 0);
        BinaryPrimitives.WriteUInt64BigEndian(place.AsSpan(Id128.Size), now);
        BinaryPrimitives.WriteUInt64BigEndian(place.AsSpan(Id128.Size + sizeof(ulong)), epoch);
        return place;
    }

    private static ulong TimeOf(byte[] place) => BinaryPrimitives.ReadUInt64BigEndian(place.AsSpan(Id128.Size));
}
