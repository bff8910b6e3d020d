using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>What the vault has kept of what was asked of it, so that its owner sees what others did in his name.</summary>
/// <param name="Items">The latest first.</param>
public sealed record Trail(IReadOnlyList<TrailItem> Items) : VaultReply
{
    internal const byte Tag = 20;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteVector(Items);
    }

    internal static Trail DecodeBody(ref TlsReader reader) => new(reader.ReadVector<TrailItem>());
}

/// <summary>One kind of event in one minute.</summary>
/// <param name="At">When the first of them was, in milliseconds since 1970.</param>
/// <param name="Event">What happened.</param>
/// <param name="Count">How often, or how many messages.</param>
public sealed record TrailItem(ulong At, TrailEvent Event, uint Count) : ITlsStruct<TrailItem>
{
    /// <inheritdoc/>
    public static TrailItem Decode(ref TlsReader reader) => new(reader.ReadUInt64(), Wire.ReadEnum<TrailEvent>(ref reader), reader.ReadUInt32());

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteUInt64(At);
        writer.WriteUInt8((byte)Event);
        writer.WriteUInt32(Count);
    }
}

/// <summary>What a vault keeps in its trail. The numbers are stored: add, never reuse.</summary>
public enum TrailEvent : byte
{
    /// <summary>The profile was opened.</summary>
    Opened = 1,

    /// <summary>Passcodes were wrong; they are counted when the right one comes.</summary>
    WrongPasscodes = 2,

    /// <summary>How the profile is opened was changed.</summary>
    AccessChanged = 3,

    /// <summary>Old messages were read back.</summary>
    HistoryRead = 4,

    /// <summary>More of them were asked for than are given in a minute.</summary>
    QuotaReached = 5,

    /// <summary>An invite was made.</summary>
    InviteMade = 6,

    /// <summary>A call could not be read, or came where it may not: no program of ours makes such calls.</summary>
    StrangeCall = 7,

    /// <summary>The server said that this profile is a copy.</summary>
    Cloned = 8,

    /// <summary>The owner went on with a profile that was a copy, in the place of the other.</summary>
    Recovered = 9,
}
