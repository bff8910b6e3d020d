using System.Buffers.Binary;
using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>docs/STATE.md: what a record holds. The numbers are stored: add, never reuse.</summary>
internal enum RecordType : byte
{
    /// <summary>The format's version, and the digest of all records but the tree's.</summary>
    Root = 0,

    /// <summary>The group context and what the key schedule keeps of this epoch.</summary>
    Head = 1,

    /// <summary>One node of the ratchet tree that is not blank.</summary>
    TreeNode = 2,

    /// <summary>The private key of one node of the tree.</summary>
    PrivateKey = 3,

    /// <summary>The secret of one node of a secret tree below which nothing has been used.</summary>
    SecretNode = 4,

    /// <summary>Where one ratchet of one member stands.</summary>
    Ratchet = 5,

    /// <summary>The key of one message that was passed over.</summary>
    SkippedKey = 6,

    /// <summary>What is kept of an epoch that has ended.</summary>
    PastEpoch = 7,

    /// <summary>The resumption key of an epoch that has ended.</summary>
    ResumptionPsk = 8,

    /// <summary>A proposal that waits for a commit.</summary>
    Proposal = 9,

    /// <summary>What is left of this epoch's exporter tree; missing where nothing is.</summary>
    Exporter = 10,
}

/// <summary>docs/STATE.md RecordKey: names a record among those of one group. It is public, and sorts as its bytes do.</summary>
internal readonly record struct RecordKey(
    RecordType Type,
    ulong Epoch = 0,
    uint Index = 0,
    RatchetType Ratchet = RatchetType.Handshake,
    uint Generation = 0) : IComparable<RecordKey>
{
    /// <summary>The longest key, in bytes.</summary>
    internal const int MaxSize = 18;

    /// <summary>RFC 9420 §7.8: the tree's records are vouched for by the tree hash in the head, all others by the root's digest.</summary>
    internal bool IsDigested => Type is not (RecordType.Root or RecordType.TreeNode);

    private bool HasEpoch => Type is >= RecordType.SecretNode and <= RecordType.ResumptionPsk;

    private bool HasIndex => Type is RecordType.TreeNode or RecordType.PrivateKey or RecordType.SecretNode or RecordType.Ratchet
        or RecordType.SkippedKey or RecordType.Proposal;

    private bool HasRatchet => Type is RecordType.Ratchet or RecordType.SkippedKey;

    private bool HasGeneration => Type == RecordType.SkippedKey;

    /// <summary>Writes the key and says how long it is.</summary>
    internal int Write(Span<byte> target)
    {
        int length = 1;
        target[0] = (byte)Type;
        if (HasEpoch) BinaryPrimitives.WriteUInt64BigEndian(target[Advance(ref length, 8)..], Epoch);
        if (HasIndex) BinaryPrimitives.WriteUInt32BigEndian(target[Advance(ref length, 4)..], Index);
        if (HasRatchet) target[Advance(ref length, 1)] = (byte)Ratchet;
        if (HasGeneration) BinaryPrimitives.WriteUInt32BigEndian(target[Advance(ref length, 4)..], Generation);
        return length;
    }

    /// <summary>Reads a key.</summary>
    /// <exception cref="CodecException">It is none of this format.</exception>
    internal static RecordKey Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        var shape = new RecordKey((RecordType)reader.ReadUInt8());
        if (shape.Type > RecordType.Exporter) throw new CodecException("group state: a record that this format does not have");
        var key = new RecordKey(
            shape.Type,
            shape.HasEpoch ? reader.ReadUInt64() : 0,
            shape.HasIndex ? reader.ReadUInt32() : 0,
            shape.HasRatchet ? (RatchetType)reader.ReadUInt8() : default,
            shape.HasGeneration ? reader.ReadUInt32() : 0);
        reader.ExpectEnd();
        if (key.Ratchet > RatchetType.Application) throw new CodecException("group state: a ratchet that no member has");
        return key;
    }

    public int CompareTo(RecordKey other)
    {
        int order = Type.CompareTo(other.Type);
        if (order == 0) order = Epoch.CompareTo(other.Epoch);
        if (order == 0) order = Index.CompareTo(other.Index);
        if (order == 0) order = Ratchet.CompareTo(other.Ratchet);
        return order != 0 ? order : Generation.CompareTo(other.Generation);
    }

    private static int Advance(ref int length, int size) => (length += size) - size;
}
