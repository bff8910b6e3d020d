using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §12.1: one change to the group, for a commit to make.</summary>
public abstract record Proposal : ITlsStruct<Proposal>
{
    private protected Proposal()
    {
    }

    /// <summary>One of <see cref="ProposalType"/>, or of <see cref="CodePoints"/>.</summary>
    public abstract ushort Type { get; }

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteUInt16(Type);
        EncodeBody(writer);
    }

    /// <summary>Reads a proposal. One of an unknown type has no length, so that nothing behind it could be read: it is refused.</summary>
    public static Proposal Decode(ref TlsReader reader) => reader.ReadUInt16() switch
    {
        ProposalType.Add => AddProposal.DecodeBody(ref reader),
        ProposalType.Update => UpdateProposal.DecodeBody(ref reader),
        ProposalType.Remove => RemoveProposal.DecodeBody(ref reader),
        ProposalType.PreSharedKey => PreSharedKeyProposal.DecodeBody(ref reader),
        ProposalType.ReInit => ReInitProposal.DecodeBody(ref reader),
        ProposalType.ExternalInit => ExternalInitProposal.DecodeBody(ref reader),
        ProposalType.GroupContextExtensions => GroupContextExtensionsProposal.DecodeBody(ref reader),
        CodePoints.AppDataUpdate => AppDataUpdateProposal.DecodeBody(ref reader),
        CodePoints.AppEphemeral => AppEphemeralProposal.DecodeBody(ref reader),
        CodePoints.SelfRemove => new SelfRemoveProposal(),
        _ => throw new StructureException(MlsError.Unsupported, "RFC 9420 §13.2: a proposal type that is not supported"),
    };

    internal abstract void EncodeBody(TlsWriter writer);
}

/// <summary>RFC 9420 §12.1.1: adds the client of that key package.</summary>
public sealed record AddProposal(KeyPackage KeyPackage) : Proposal
{
    /// <inheritdoc/>
    public override ushort Type => ProposalType.Add;

    internal static AddProposal DecodeBody(ref TlsReader reader) => new(KeyPackage.Decode(ref reader));

    internal override void EncodeBody(TlsWriter writer) => writer.Write(KeyPackage);
}

/// <summary>RFC 9420 §12.1.2: puts a new leaf in the place of the sender's.</summary>
public sealed record UpdateProposal(LeafNode LeafNode) : Proposal
{
    /// <inheritdoc/>
    public override ushort Type => ProposalType.Update;

    internal static UpdateProposal DecodeBody(ref TlsReader reader) => new(LeafNode.Decode(ref reader));

    internal override void EncodeBody(TlsWriter writer) => writer.Write(LeafNode);
}

/// <summary>RFC 9420 §12.1.3: removes the member at that leaf.</summary>
public sealed record RemoveProposal(LeafIndex Removed) : Proposal
{
    /// <inheritdoc/>
    public override ushort Type => ProposalType.Remove;

    internal static RemoveProposal DecodeBody(ref TlsReader reader) => new(LeafIndex.Decode(ref reader));

    internal override void EncodeBody(TlsWriter writer) => writer.Write(Removed);
}

/// <summary>RFC 9420 §12.1.4: mixes a pre-shared key into the next epoch.</summary>
public sealed record PreSharedKeyProposal(PreSharedKeyId PreSharedKey) : Proposal
{
    /// <inheritdoc/>
    public override ushort Type => ProposalType.PreSharedKey;

    internal static PreSharedKeyProposal DecodeBody(ref TlsReader reader) => new(PreSharedKeyId.Decode(ref reader));

    internal override void EncodeBody(TlsWriter writer) => writer.Write(PreSharedKey);
}

/// <summary>RFC 9420 §12.1.5: closes the group in favour of a new one with these parameters.</summary>
public sealed record ReInitProposal(
    ReadOnlyMemory<byte> GroupId, ProtocolVersion Version, ushort CipherSuite, IReadOnlyList<Extension> Extensions) : Proposal
{
    /// <inheritdoc/>
    public override ushort Type => ProposalType.ReInit;

    internal static ReInitProposal DecodeBody(ref TlsReader reader) => new(
        reader.ReadOpaque(MlsLimits.MaxGroupIdSize).ToArray(),
        (ProtocolVersion)reader.ReadUInt16(),
        reader.ReadUInt16(),
        Extension.DecodeList(ref reader));

    internal override void EncodeBody(TlsWriter writer)
    {
        writer.WriteOpaque(GroupId.Span);
        writer.WriteUInt16((ushort)Version);
        writer.WriteUInt16(CipherSuite);
        writer.WriteVector(Extensions);
    }
}

/// <summary>RFC 9420 §12.1.6: lets its sender, who is no member yet, choose the next init secret.</summary>
public sealed record ExternalInitProposal(ReadOnlyMemory<byte> KemOutput) : Proposal
{
    /// <inheritdoc/>
    public override ushort Type => ProposalType.ExternalInit;

    internal static ExternalInitProposal DecodeBody(ref TlsReader reader) =>
        new(reader.ReadOpaque(MlsLimits.MaxKeySize).ToArray());

    internal override void EncodeBody(TlsWriter writer) => writer.WriteOpaque(KemOutput.Span);
}

/// <summary>RFC 9420 §12.1.7: replaces all extensions of the group context.</summary>
public sealed record GroupContextExtensionsProposal(IReadOnlyList<Extension> Extensions) : Proposal
{
    /// <inheritdoc/>
    public override ushort Type => ProposalType.GroupContextExtensions;

    internal static GroupContextExtensionsProposal DecodeBody(ref TlsReader reader) => new(Extension.DecodeList(ref reader));

    internal override void EncodeBody(TlsWriter writer) => writer.WriteVector(Extensions);
}
