using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>One line of history as it is stored. Names are looked up when it is read, so that a name learned late still shows.</summary>
internal sealed record HistoryRecord : ITlsStruct<HistoryRecord>
{
    private const byte Format = 2;

    internal required LogId Log { get; init; }

    internal ulong Position { get; init; }

    internal required MessageId Id { get; init; }

    internal required Pin From { get; init; }

    internal required DeviceId Device { get; init; }

    internal ulong SentAt { get; init; }

    internal required HistoryKind Kind { get; init; }

    internal HistoryStatus Status { get; init; }

    internal string Text { get; init; } = "";

    /// <summary>What of it is found by its words: what somebody wrote, or the name of a file.</summary>
    internal string Words => Kind is HistoryKind.Text or HistoryKind.Attachment ? Text : "";

    internal AttachmentInfo? Attachment { get; init; }

    internal AttachmentPointer? Pointer { get; init; }

    internal IReadOnlyList<Pin> Added { get; init; } = [];

    internal IReadOnlyList<Pin> Removed { get; init; } = [];

    /// <summary>Whose device was put in anew, by a fresh key package.</summary>
    internal IReadOnlyList<Pin> Returned { get; init; } = [];

    /// <summary>Who stayed and has another device in it now.</summary>
    internal IReadOnlyList<Pin> DevicesAdded { get; init; } = [];

    /// <summary>Who stayed and has a device in it no longer.</summary>
    internal IReadOnlyList<Pin> DevicesRemoved { get; init; } = [];

    /// <summary>Where this is how we came in ourselves: who was in it then.</summary>
    internal IReadOnlyList<Pin> Present { get; init; } = [];

    /// <summary>Why a message of ours was not sent.</summary>
    internal string? Reason { get; init; }

    /// <summary>Where a person's card shows another name than before: the name before; the text is the one now.</summary>
    internal string? NameBefore { get; init; }

    /// <inheritdoc/>
    public static HistoryRecord Decode(ref TlsReader reader)
    {
        if (reader.ReadUInt8() != Format) throw new CodecException("history of another version");
        return new HistoryRecord
        {
            Log = LogId.Decode(ref reader),
            Position = reader.ReadUInt64(),
            Id = MessageId.Decode(ref reader),
            From = Pin.Decode(ref reader),
            Device = DeviceId.Decode(ref reader),
            SentAt = reader.ReadUInt64(),
            Kind = (HistoryKind)reader.ReadUInt8(),
            Status = (HistoryStatus)reader.ReadUInt8(),
            Text = reader.ReadText(ProtocolLimits.TextBytes),
            Attachment = reader.ReadOptional<AttachmentInfo>(),
            Pointer = reader.ReadOptional<AttachmentPointer>(),
            Added = reader.ReadVector<Pin>(),
            Removed = reader.ReadVector<Pin>(),
            Returned = reader.ReadVector<Pin>(),
            DevicesAdded = reader.ReadVector<Pin>(),
            DevicesRemoved = reader.ReadVector<Pin>(),
            Present = reader.ReadVector<Pin>(),
            Reason = reader.ReadOptionalText(ProtocolLimits.ReasonBytes),
            NameBefore = reader.ReadOptionalText(ProtocolLimits.NameBytes),
        };
    }

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Format);
        Log.Encode(writer);
        writer.WriteUInt64(Position);
        Id.Encode(writer);
        From.Encode(writer);
        Device.Encode(writer);
        writer.WriteUInt64(SentAt);
        writer.WriteUInt8((byte)Kind);
        writer.WriteUInt8((byte)Status);
        writer.WriteText(Text);
        writer.WriteOptional(Attachment);
        writer.WriteOptional(Pointer);
        writer.WriteVector(Added);
        writer.WriteVector(Removed);
        writer.WriteVector(Returned);
        writer.WriteVector(DevicesAdded);
        writer.WriteVector(DevicesRemoved);
        writer.WriteVector(Present);
        writer.WriteOptionalText(Reason);
        writer.WriteOptionalText(NameBefore);
    }
}
