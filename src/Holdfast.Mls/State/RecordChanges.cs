using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>Gathers what differs between two states of a group, and keeps the digest of all records in step with it.</summary>
internal sealed class RecordChanges(StateDigest digest)
{
    internal StateRecords Records { get; } = new();

    internal byte[] Digest => digest.ToBytes();

    /// <summary>Another part stands under this key now, or none, or there was none.</summary>
    internal void Change(in RecordKey key, IStateRecord? older, IStateRecord? newer)
    {
        if (ReferenceEquals(older, newer)) return;
        if (older is not null && key.IsDigested)
        {
            digest.Remove(Records.Put(key, older));
            Records.TakeBack();
        }
        if (newer is null)
        {
            Records.Delete(key);
            return;
        }
        var record = Records.Put(key, newer);
        if (key.IsDigested) digest.Add(record);
    }
}

/// <summary>docs/STATE.md StateRoot.</summary>
internal sealed class StateRoot(byte[] digest) : IStateRecord
{
    /// <summary>The format that is written; all up to it are read.</summary>
    internal const byte Version = 1;

    internal ReadOnlySpan<byte> Digest => digest;

    public void EncodeRecord(TlsWriter writer)
    {
        writer.WriteUInt8(Version);
        writer.WriteBytes(digest);
    }

    /// <exception cref="CodecException">The format is a newer one, or damaged.</exception>
    internal static StateRoot Decode(ReadOnlySpan<byte> value)
    {
        var reader = new TlsReader(value);
        byte version = reader.ReadUInt8();
        if (version > Version)
        {
            throw new CodecException(
                $"group state: stored in format {version} by a newer version; this one reads formats up to {Version}");
        }
        if (version == 0) throw new CodecException("group state: there is no format 0");
        var root = new StateRoot(reader.ReadBytes(StateDigest.Size).ToArray());
        reader.ExpectEnd();
        return root;
    }
}
