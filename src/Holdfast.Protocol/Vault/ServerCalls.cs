using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>Answered by <see cref="RegistrationReady"/>; repeating it gives the same.</summary>
/// <param name="Invite">The invite's line.</param>
public sealed record BeginRegistration(string Invite) : VaultCall
{
    internal const byte Tag = 4;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteText(Invite);
    }

    internal static BeginRegistration DecodeBody(ref TlsReader reader) => new(reader.ReadText(ProtocolLimits.TextBytes));
}

/// <summary>What to send to the server.</summary>
/// <param name="Registration">The request.</param>
public sealed record RegistrationReady(Registration Registration) : VaultReply
{
    internal const byte Tag = 4;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Registration.Encode(writer);
    }

    internal static RegistrationReady DecodeBody(ref TlsReader reader) => new(Protocol.Registration.Decode(ref reader));
}

/// <summary>The account is there: keeps its PIN, and owes an introduction to whoever invited. Repeating it changes nothing.</summary>
/// <param name="Pin">The account's PIN.</param>
public sealed record CompleteRegistration(Pin Pin) : VaultCall
{
    internal const byte Tag = 5;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Pin.Encode(writer);
    }

    internal static CompleteRegistration DecodeBody(ref TlsReader reader) => new(Protocol.Pin.Decode(ref reader));
}

/// <summary>Answered by <see cref="KeyPackagesMade"/>.</summary>
/// <param name="Count">How many one-time key packages.</param>
public sealed record MakeKeyPackages(ushort Count) : VaultCall
{
    internal const byte Tag = 6;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteUInt16(Count);
    }

    internal static MakeKeyPackages DecodeBody(ref TlsReader reader) => new(reader.ReadUInt16());
}

/// <summary>What to upload.</summary>
/// <param name="Upload">The key packages, with a last-resort one where a new one is due.</param>
public sealed record KeyPackagesMade(KeyPackageUpload Upload) : VaultReply
{
    internal const byte Tag = 5;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Upload.Encode(writer);
    }

    internal static KeyPackagesMade DecodeBody(ref TlsReader reader) => new(KeyPackageUpload.Decode(ref reader));
}

/// <summary>
/// Steps the login counter and signs: answered by <see cref="LoginSigned"/>. A locked vault signs a delivery login, where its owner has it so.
/// </summary>
/// <param name="ServerKey">The server key of the connection.</param>
/// <param name="Nonce">The greeting's nonce.</param>
public sealed record SignLogin(ReadOnlyMemory<byte> ServerKey, ReadOnlyMemory<byte> Nonce) : VaultCall
{
    internal const byte Tag = 7;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteBytes(ServerKey.Span);
        writer.WriteBytes(Nonce.Span);
    }

    internal static SignLogin DecodeBody(ref TlsReader reader) => new(Wire.ReadDigest(ref reader), Wire.ReadNonce(ref reader));
}

/// <summary>What to send as the first frame.</summary>
/// <param name="Login">The frame: a <see cref="Protocol.Login"/>, or of a locked vault a <see cref="DeliveryLogin"/>.</param>
public sealed record LoginSigned(ClientFrame Login) : VaultReply
{
    internal const byte Tag = 6;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Login.Encode(writer);
    }

    internal static LoginSigned DecodeBody(ref TlsReader reader) => new(
        ClientFrame.Decode(ref reader) is var login and (Protocol.Login or DeliveryLogin) ? login : throw new CodecException("a frame that is no login"));
}

/// <summary>What the server has said of the login that was signed last. Before one was accepted in this process nothing is sealed.</summary>
/// <param name="Outcome">Whether this profile is the latest; where it is a copy, it refuses to send from now on.</param>
public sealed record ReportLogin(LoginOutcome Outcome) : VaultCall
{
    internal const byte Tag = 8;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteUInt8((byte)Outcome);
    }

    internal static ReportLogin DecodeBody(ref TlsReader reader) => new(Wire.ReadEnum<LoginOutcome>(ref reader));
}

/// <summary>Answered by <see cref="SubscriptionsSigned"/>; a locked vault gives the grants it has, where its owner has it so.</summary>
/// <param name="ServerKey">The server key of the connection.</param>
/// <param name="Nonce">The greeting's nonce.</param>
/// <param name="Logs">Which logs; all active conversations when empty.</param>
public sealed record SignSubscriptions(
    ReadOnlyMemory<byte> ServerKey, ReadOnlyMemory<byte> Nonce, IReadOnlyList<LogId> Logs) : VaultCall
{
    internal const byte Tag = 9;

    /// <summary>Whether to sign with the keys of epochs that are over, the latest first: a server that was restored may know no later one.</summary>
    public bool Earlier { get; init; }

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteBytes(ServerKey.Span);
        writer.WriteBytes(Nonce.Span);
        writer.WriteVector(Logs);
        writer.WritePresence(Earlier);
    }

    internal static SignSubscriptions DecodeBody(ref TlsReader reader) =>
        new(Wire.ReadDigest(ref reader), Wire.ReadNonce(ref reader), reader.ReadVector<LogId>()) { Earlier = reader.ReadPresence() };
}

/// <summary>What opens the logs.</summary>
/// <param name="Proofs">One per log.</param>
public sealed record SubscriptionsSigned(IReadOnlyList<SubscriptionProof> Proofs) : VaultReply
{
    internal const byte Tag = 7;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteVector(Proofs);
    }

    internal static SubscriptionsSigned DecodeBody(ref TlsReader reader) => new(reader.ReadVector<SubscriptionProof>());
}
