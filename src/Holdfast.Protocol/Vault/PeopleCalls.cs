using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>Answered by <see cref="InviteMade"/>.</summary>
/// <param name="Server">The server's address.</param>
/// <param name="ServerKey">The server key.</param>
/// <param name="Days">How long it lasts; it is good for one person.</param>
public sealed record MakeInvite(string Server, ReadOnlyMemory<byte> ServerKey, ushort Days) : VaultCall
{
    internal const byte Tag = 10;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteText(Server);
        writer.WriteBytes(ServerKey.Span);
        writer.WriteUInt16(Days);
    }

    internal static MakeInvite DecodeBody(ref TlsReader reader) => new(
        reader.ReadText(ProtocolLimits.NameBytes), Wire.ReadDigest(ref reader), reader.ReadUInt16());
}

/// <summary>An invite that the server must still be told of.</summary>
/// <param name="Link">The line to hand over.</param>
/// <param name="TokenHash">What the server keeps.</param>
public sealed record InviteMade(string Link, ReadOnlyMemory<byte> TokenHash) : VaultReply
{
    internal const byte Tag = 8;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteText(Link);
        writer.WriteBytes(TokenHash.Span);
    }

    internal static InviteMade DecodeBody(ref TlsReader reader) => new(
        reader.ReadText(ProtocolLimits.TextBytes), Wire.ReadDigest(ref reader));
}

/// <summary>All contacts.</summary>
/// <param name="Items">In order of name.</param>
public sealed record Contacts(IReadOnlyList<ContactInfo> Items) : VaultReply
{
    internal const byte Tag = 10;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteVector(Items);
    }

    internal static Contacts DecodeBody(ref TlsReader reader) => new(reader.ReadVector<ContactInfo>());
}

/// <summary>Makes acquaintance; what goes to their inbox is in the outbox then.</summary>
/// <param name="Person">Who, with key packages.</param>
/// <param name="Invite">The invite we know them by, if any.</param>
public sealed record AddContact(Invitee Person, string? Invite) : VaultCall
{
    internal const byte Tag = 15;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Person.Encode(writer);
        writer.WriteOptionalText(Invite);
    }

    internal static AddContact DecodeBody(ref TlsReader reader) => new(
        Invitee.Decode(ref reader), reader.ReadOptionalText(ProtocolLimits.TextBytes));
}
