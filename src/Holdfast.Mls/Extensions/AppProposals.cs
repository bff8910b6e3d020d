using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>
/// draft-ietf-mls-extensions SelfRemove: removes the member who sends it. It is sent as a PublicMessage, and commits only refer to it.
/// </summary>
public sealed record SelfRemoveProposal : Proposal
{
    /// <inheritdoc/>
    public override ushort Type => CodePoints.SelfRemove;

    internal override void EncodeBody(TlsWriter writer)
    {
    }
}

/// <summary>draft-ietf-mls-extensions AppEphemeral: data of a component that everybody who processes the commit gets.</summary>
public sealed record AppEphemeralProposal(ushort Component, ReadOnlyMemory<byte> Data) : Proposal
{
    /// <inheritdoc/>
    public override ushort Type => CodePoints.AppEphemeral;

    internal static AppEphemeralProposal DecodeBody(ref TlsReader reader) => new(reader.ReadUInt16(), reader.ReadOpaque().ToArray());

    internal override void EncodeBody(TlsWriter writer)
    {
        writer.WriteUInt16(Component);
        writer.WriteOpaque(Data.Span);
    }
}

/// <summary>draft-ietf-mls-extensions AppDataUpdate: changes or removes what a component keeps in the group context.</summary>
public sealed record AppDataUpdateProposal : Proposal
{
    private AppDataUpdateProposal(ushort component, bool removes, ReadOnlyMemory<byte> update) =>
        (Component, Removes, Update) = (component, removes, update);

    /// <inheritdoc/>
    public override ushort Type => CodePoints.AppDataUpdate;

    /// <summary>Whose data.</summary>
    public ushort Component { get; }

    /// <summary>Whether the component's entry goes.</summary>
    public bool Removes { get; }

    /// <summary>What the application merges; empty where the entry goes.</summary>
    public ReadOnlyMemory<byte> Update { get; }

    /// <summary>An update, which <see cref="ComponentPolicy.Merge"/> makes new data of.</summary>
    public static AppDataUpdateProposal OfUpdate(ushort component, ReadOnlyMemory<byte> update) => new(component, false, update);

    /// <summary>The end of the component's data.</summary>
    public static AppDataUpdateProposal OfRemoval(ushort component) => new(component, true, default);

    internal static AppDataUpdateProposal DecodeBody(ref TlsReader reader)
    {
        ushort component = reader.ReadUInt16();
        return reader.ReadUInt8() switch
        {
            CodePoints.UpdateOperation => OfUpdate(component, reader.ReadOpaque().ToArray()),
            CodePoints.RemoveOperation => OfRemoval(component),
            _ => throw new CodecException("mls-extensions: an unknown AppDataUpdateOperation"),
        };
    }

    internal override void EncodeBody(TlsWriter writer)
    {
        writer.WriteUInt16(Component);
        writer.WriteUInt8(Removes ? CodePoints.RemoveOperation : CodePoints.UpdateOperation);
        if (!Removes) writer.WriteOpaque(Update.Span);
    }
}
