using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §6: how a sender stands to the group.</summary>
public enum SenderType : byte
{
    /// <summary>Reserved, and never sent.</summary>
    Reserved = 0,

    /// <summary>A member, by its leaf.</summary>
    Member = 1,

    /// <summary>One whom the group's external_senders extension names (RFC 9420 §12.1.8.1).</summary>
    External = 2,

    /// <summary>Somebody who proposes to be added.</summary>
    NewMemberProposal = 3,

    /// <summary>Somebody who joins by an external commit (RFC 9420 §12.4.3.2).</summary>
    NewMemberCommit = 4,
}

/// <summary>RFC 9420 §6: who sent a message.</summary>
public readonly record struct Sender : ITlsStruct<Sender>
{
    private readonly uint _index;

    private Sender(SenderType type, uint index) => (Type, _index) = (type, index);

    /// <summary>Somebody who proposes to be added.</summary>
    public static Sender NewMemberProposal => new(SenderType.NewMemberProposal, 0);

    /// <summary>Somebody who joins by an external commit.</summary>
    public static Sender NewMemberCommit => new(SenderType.NewMemberCommit, 0);

    /// <summary>How the sender stands to the group.</summary>
    public SenderType Type { get; }

    /// <summary>The leaf of a sender who is a member.</summary>
    /// <exception cref="InvalidOperationException">The sender is not a member.</exception>
    public LeafIndex Leaf => Type == SenderType.Member
        ? new LeafIndex(_index)
        : throw new InvalidOperationException("only a member has a leaf");

    /// <summary>The place of an external sender in the external_senders extension.</summary>
    /// <exception cref="InvalidOperationException">The sender is not an external one.</exception>
    public uint ExternalIndex => Type == SenderType.External
        ? _index
        : throw new InvalidOperationException("only an external sender has an index");

    /// <summary>The member at that leaf.</summary>
    public static Sender Member(LeafIndex leaf) => new(SenderType.Member, leaf.Value);

    /// <summary>The external sender at that place of the external_senders extension.</summary>
    public static Sender External(uint index) => new(SenderType.External, index);

    /// <summary>How the sender stands to the group, and its place.</summary>
    public override string ToString() => $"{Type} {_index}";

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteUInt8((byte)Type);
        if (Type is SenderType.Member or SenderType.External) writer.WriteUInt32(_index);
    }

    /// <inheritdoc/>
    public static Sender Decode(ref TlsReader reader) => (SenderType)reader.ReadUInt8() switch
    {
        SenderType.Member => Member(new LeafIndex(reader.ReadUInt32())),
        SenderType.External => External(reader.ReadUInt32()),
        SenderType.NewMemberProposal => NewMemberProposal,
        SenderType.NewMemberCommit => NewMemberCommit,
        _ => throw new CodecException("RFC 9420 §6: unknown sender type"),
    };
}

/// <summary>
/// The signature key of a member's leaf or of an external sender; null where there is no such sender. Empty is as good as
/// null, because C# silently makes the one of the other where both branches of an expression are memory.
/// </summary>
public delegate ReadOnlyMemory<byte>? SignatureKeyLookup(Sender sender);
