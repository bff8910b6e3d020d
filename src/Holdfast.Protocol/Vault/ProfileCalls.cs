using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>Answered by <see cref="Status"/> in every state.</summary>
public sealed record GetStatus() : VaultCall
{
    internal const byte Tag = 1;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
    }

    internal static GetStatus DecodeBody() => new();
}

/// <summary>How the vault stands.</summary>
/// <param name="State">Whether it is open.</param>
/// <param name="Cloned">Whether this profile is known to be a copy.</param>
/// <param name="Pin">The account, once unlocked and registered.</param>
/// <param name="Name">The display name, once unlocked.</param>
/// <param name="Server">The server's address, once unlocked and invited; see <see cref="Delivers"/>.</param>
/// <param name="ServerKey">The server key, likewise; else empty.</param>
/// <param name="IdentityKey">The user identity's public key, once unlocked.</param>
/// <param name="Inviter">Whom to introduce ourselves to, until that is done.</param>
/// <param name="Device">This device; zero while locked.</param>
/// <param name="LastResortDue">Whether the server should get a new last-resort key package: ask for key packages and upload them.</param>
public sealed record Status(
    VaultState State, bool Cloned, Pin? Pin, string? Name, string? Server, ReadOnlyMemory<byte> ServerKey,
    ReadOnlyMemory<byte> IdentityKey, Pin? Inviter, DeviceId Device, bool LastResortDue) : VaultReply
{
    internal const byte Tag = 3;

    /// <summary>What protects the vault's process: known to the process, whatever the state.</summary>
    public Protections Protections { get; init; }

    /// <summary>The token that guards the profile, be it open or not; null where the passcode alone opens it.</summary>
    public GuardingToken? Token { get; init; }

    /// <summary>After how many minutes without a command the profile is to be locked, once unlocked; 0 for never.</summary>
    public ushort AutoLock { get; init; }

    /// <summary>
    /// Whether the device goes on fetching while it is locked. Where it is locked and does, server and server key are told, too; if they are
    /// not, the file by which it would is damaged.
    /// </summary>
    public bool Delivers { get; init; }

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteUInt8((byte)State);
        writer.WritePresence(Cloned);
        Wire.WriteOptionalPin(writer, Pin);
        writer.WriteOptionalText(Name);
        writer.WriteOptionalText(Server);
        writer.WriteOpaque(ServerKey.Span);
        writer.WriteOpaque(IdentityKey.Span);
        Wire.WriteOptionalPin(writer, Inviter);
        Device.Encode(writer);
        writer.WritePresence(LastResortDue);
        writer.WriteUInt32((uint)Protections);
        writer.WriteOptional(Token);
        writer.WriteUInt16(AutoLock);
        writer.WritePresence(Delivers);
    }

    internal static Status DecodeBody(ref TlsReader reader) => new(
        Wire.ReadEnum<VaultState>(ref reader), reader.ReadPresence(), Wire.ReadOptionalPin(ref reader),
        reader.ReadOptionalText(ProtocolLimits.NameBytes), reader.ReadOptionalText(ProtocolLimits.NameBytes),
        reader.ReadOpaque(ProtocolLimits.PublicKeyBytes).ToArray(), reader.ReadOpaque(ProtocolLimits.PublicKeyBytes).ToArray(),
        Wire.ReadOptionalPin(ref reader), DeviceId.Decode(ref reader), reader.ReadPresence())
    {
        Protections = (Protections)reader.ReadUInt32(), Token = reader.ReadOptional<GuardingToken>(), AutoLock = reader.ReadUInt16(),
        Delivers = reader.ReadPresence(),
    };
}

/// <summary>Makes the store and the keys of a new profile, and leaves it unlocked.</summary>
/// <param name="Passcode">What will unlock it. Where it was decoded the garbage collector makes no copies of it; wiping it is the receiver's.</param>
/// <param name="Name">The display name.</param>
public sealed record CreateProfile(ReadOnlyMemory<byte> Passcode, string Name) : VaultCall
{
    internal const byte Tag = 2;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteOpaque(Passcode.Span);
        writer.WriteText(Name);
    }

    internal static CreateProfile DecodeBody(ref TlsReader reader) => new(
        Wire.ReadSecret(ref reader, ProtocolLimits.PasscodeBytes), reader.ReadText(ProtocolLimits.NameBytes));
}

/// <summary>Opens the store.</summary>
/// <param name="Passcode">The passcode; where it was decoded, as in <see cref="CreateProfile"/>.</param>
public sealed record Unlock(ReadOnlyMemory<byte> Passcode) : VaultCall
{
    internal const byte Tag = 3;

    /// <summary>The token PIN, where a token guards the profile; wiping it is the receiver's.</summary>
    public ReadOnlyMemory<byte> TokenPin { get; init; }

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteOpaque(Passcode.Span);
        writer.WriteOpaque(TokenPin.Span);
    }

    internal static Unlock DecodeBody(ref TlsReader reader) => new(Wire.ReadSecret(ref reader, ProtocolLimits.PasscodeBytes))
    {
        TokenPin = Wire.ReadSecret(ref reader, TokenLimits.TokenPinBytes),
    };
}

/// <summary>Wipes the keys from memory and ends the vault.</summary>
/// <param name="Wipe">Whether the key of the store, and then its files, are destroyed before. Nothing brings them back.</param>
public sealed record EndVault(bool Wipe) : VaultCall
{
    internal const byte Tag = 32;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WritePresence(Wipe);
    }

    internal static EndVault DecodeBody(ref TlsReader reader) => new(reader.ReadPresence());
}

/// <summary>Changes how the profile is opened, which takes the passcode, be it open or not.</summary>
/// <param name="Passcode">The passcode so far; where it was decoded, as in <see cref="CreateProfile"/>.</param>
/// <param name="Change">What is to change.</param>
/// <param name="Replacement">The new passcode; the new duress passcode or the new token's token PIN, empty for none of these; likewise.</param>
/// <param name="Figure">After how many wrong passcodes in a row the profile is wiped, 255 at most, or minutes without a command it locks itself; 0 for never. Or 1 for yes and 0 for no.</param>
public sealed record ChangeAccess(
    ReadOnlyMemory<byte> Passcode, AccessChange Change, ReadOnlyMemory<byte> Replacement, ushort Figure) : VaultCall
{
    internal const byte Tag = 34;

    /// <summary>The token PIN so far, where a token guards the profile; likewise.</summary>
    public ReadOnlyMemory<byte> TokenPin { get; init; }

    /// <summary>The label of the new token; empty for the only one there is.</summary>
    public string Label { get; init; } = "";

    /// <summary>The id of a key that is on the new token already, to take that one; empty for one that it makes.</summary>
    public ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>What finds the token again, for <see cref="GuardingToken.Way"/>.</summary>
    public ReadOnlyMemory<byte> Way { get; init; }

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteOpaque(Passcode.Span);
        writer.WriteUInt8((byte)Change);
        writer.WriteOpaque(Replacement.Span);
        writer.WriteUInt16(Figure);
        writer.WriteOpaque(TokenPin.Span);
        writer.WriteText(Label);
        writer.WriteOpaque(Key.Span);
        writer.WriteOpaque(Way.Span);
    }

    internal static ChangeAccess DecodeBody(ref TlsReader reader) => new(
        Wire.ReadSecret(ref reader, ProtocolLimits.PasscodeBytes), Wire.ReadEnum<AccessChange>(ref reader),
        Wire.ReadSecret(ref reader, ProtocolLimits.PasscodeBytes), reader.ReadUInt16())
    {
        TokenPin = Wire.ReadSecret(ref reader, TokenLimits.TokenPinBytes), Label = reader.ReadText(TokenLimits.LabelBytes),
        Key = reader.ReadOpaque(TokenLimits.KeyHandleBytes).ToArray(), Way = reader.ReadOpaque(TokenLimits.WayBytes).ToArray(),
    };
}
