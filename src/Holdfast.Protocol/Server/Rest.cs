using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>Paths and header names of the REST part. Bodies are the structures below, as <see cref="ContentType"/>.</summary>
public static class Rest
{
    /// <summary>The media type of every body that is not a blob or a problem.</summary>
    public const string ContentType = "application/vnd.holdfast.v1";

    /// <summary>GET: 200 while the server can store.</summary>
    public const string Health = "/health";

    /// <summary>GET: 200 while the process answers.</summary>
    public const string HealthLive = "/health/live";

    /// <summary>GET: 200 while the server takes requests and can store; 503 while it is ending or cannot.</summary>
    public const string HealthReady = "/health/ready";

    /// <summary>GET: what the REST part is, as an OpenAPI document.</summary>
    public const string OpenApi = "/v1/openapi.json";

    /// <summary>GET: the device's WebSocket.</summary>
    public const string Connect = "/v1/connect";

    /// <summary>POST <see cref="Registration"/>, answered by <see cref="Registered"/>. Needs no session.</summary>
    public const string Accounts = "/v1/accounts";

    /// <summary>POST <see cref="KeyPackageUpload"/>.</summary>
    public const string KeyPackages = "/v1/key-packages";

    /// <summary>POST <see cref="InviteUpload"/>.</summary>
    public const string Invites = "/v1/invites";

    /// <summary>POST <see cref="BlobCreation"/> to make, PATCH with <see cref="UploadOffset"/> to append, HEAD, GET (ranges), DELETE.</summary>
    public const string Blobs = "/v1/blobs/";

    /// <summary>How many bytes of a blob the server has.</summary>
    public const string UploadOffset = "Upload-Offset";

    /// <summary>How many bytes a blob will have.</summary>
    public const string UploadLength = "Upload-Length";

    /// <summary>The token that lets its holder delete a blob, in hexadecimal.</summary>
    public const string DeleteToken = "Delete-Token";

    /// <summary>POST with an empty body: one key package for each device of an account, answered by <see cref="ClaimedKeyPackages"/>.</summary>
    public static string Claim(Pin pin) => $"/v1/accounts/{pin}/key-packages";
}

/// <summary>Asks for an account. Repeating it with the same identity key gets the same account.</summary>
/// <param name="InviteToken">What the invite's secret gives to the server.</param>
/// <param name="IdentityKey">The user identity's public key.</param>
/// <param name="Device">The first device.</param>
/// <param name="LoginKey">That device's public login key.</param>
/// <param name="Signature">By the identity key over <see cref="SignedTexts.Registration"/>.</param>
public sealed record Registration(
    ReadOnlyMemory<byte> InviteToken, ReadOnlyMemory<byte> IdentityKey, DeviceId Device, ReadOnlyMemory<byte> LoginKey,
    ReadOnlyMemory<byte> Signature) : ITlsStruct<Registration>
{
    /// <inheritdoc/>
    public static Registration Decode(ref TlsReader reader)
    {
        FormatVersion.Read(ref reader);
        return new(
            reader.ReadBytes(InviteSecret.TokenBytes).ToArray(), Wire.ReadPublicKey(ref reader), DeviceId.Decode(ref reader),
            Wire.ReadPublicKey(ref reader), Wire.ReadSignature(ref reader));
    }

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        FormatVersion.Write(writer);
        writer.WriteBytes(InviteToken.Span);
        writer.WriteBytes(IdentityKey.Span);
        Device.Encode(writer);
        writer.WriteBytes(LoginKey.Span);
        writer.WriteBytes(Signature.Span);
    }
}

/// <summary>The account is there.</summary>
/// <param name="Pin">Its PIN.</param>
public sealed record Registered(Pin Pin) : ITlsStruct<Registered>
{
    /// <inheritdoc/>
    public static Registered Decode(ref TlsReader reader)
    {
        FormatVersion.Read(ref reader);
        return new(Pin.Decode(ref reader));
    }

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        FormatVersion.Write(writer);
        Pin.Encode(writer);
    }
}

/// <summary>Adds to a device's key packages; a last-resort one replaces the one before.</summary>
/// <param name="OneTime">Each is handed out once.</param>
/// <param name="LastResort">Empty, or the one handed out when the others are used up.</param>
public sealed record KeyPackageUpload(IReadOnlyList<ReadOnlyMemory<byte>> OneTime, ReadOnlyMemory<byte> LastResort) : ITlsStruct<KeyPackageUpload>
{
    /// <inheritdoc/>
    public static KeyPackageUpload Decode(ref TlsReader reader)
    {
        FormatVersion.Read(ref reader);
        return new(ClaimedKeyPackages.ReadPackages(ref reader), reader.ReadOpaque(ProtocolLimits.KeyPackageBytes).ToArray());
    }

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        FormatVersion.Write(writer);
        ClaimedKeyPackages.WritePackages(writer, OneTime);
        writer.WriteOpaque(LastResort.Span);
    }
}

/// <summary>One key package for each device of an account.</summary>
/// <param name="Packages">The key packages, as their vaults made them.</param>
public sealed record ClaimedKeyPackages(IReadOnlyList<ReadOnlyMemory<byte>> Packages) : ITlsStruct<ClaimedKeyPackages>
{
    /// <inheritdoc/>
    public static ClaimedKeyPackages Decode(ref TlsReader reader)
    {
        FormatVersion.Read(ref reader);
        return new(ReadPackages(ref reader));
    }

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        FormatVersion.Write(writer);
        WritePackages(writer, Packages);
    }

    internal static IReadOnlyList<ReadOnlyMemory<byte>> ReadPackages(ref TlsReader reader) => reader.ReadVector<ReadOnlyMemory<byte>>(
        static (ref TlsReader item) => ReadPackage(ref item), ProtocolLimits.KeyPackagesPerDevice);

    /// <summary>Many empty packages would cost far more memory than the bytes that announce them.</summary>
    private static byte[] ReadPackage(ref TlsReader reader)
    {
        var package = reader.ReadOpaque(ProtocolLimits.KeyPackageBytes);
        return package.Length >= ProtocolLimits.KeyPackageBytesAtLeast ? package.ToArray() : throw new CodecException("too short for a key package");
    }

    internal static void WritePackages(TlsWriter writer, IReadOnlyList<ReadOnlyMemory<byte>> packages) =>
        writer.WriteVector(packages, static (target, package) => target.WriteOpaque(package.Span));
}

/// <summary>Registers an invite; the server keeps only the hash of its token, and not who made it.</summary>
/// <param name="TokenHash">SHA-256 of the invite's token.</param>
/// <param name="Days">After how many days it expires, 1 to <see cref="ProtocolLimits.InviteDays"/>.</param>
/// <param name="Uses">How many accounts it is good for, 1 to <see cref="ProtocolLimits.InviteUses"/>.</param>
public sealed record InviteUpload(ReadOnlyMemory<byte> TokenHash, ushort Days, ushort Uses) : ITlsStruct<InviteUpload>
{
    /// <inheritdoc/>
    public static InviteUpload Decode(ref TlsReader reader)
    {
        FormatVersion.Read(ref reader);
        var upload = new InviteUpload(Wire.ReadDigest(ref reader), reader.ReadUInt16(), reader.ReadUInt16());
        if (upload.Days is < 1 or > ProtocolLimits.InviteDays) throw new CodecException($"an invite lasts 1 to {ProtocolLimits.InviteDays} days");
        if (upload.Uses is < 1 or > ProtocolLimits.InviteUses) throw new CodecException($"an invite is good for 1 to {ProtocolLimits.InviteUses} accounts");
        return upload;
    }

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        FormatVersion.Write(writer);
        writer.WriteBytes(TokenHash.Span);
        writer.WriteUInt16(Days);
        writer.WriteUInt16(Uses);
    }
}

/// <summary>Makes an empty blob, to be filled by appending.</summary>
/// <param name="Size">How many bytes it will have.</param>
/// <param name="DeleteTokenHash">SHA-256 of the token that lets its holder delete it.</param>
/// <param name="Expiry">How long the server may keep it.</param>
public sealed record BlobCreation(ulong Size, ReadOnlyMemory<byte> DeleteTokenHash, ExpiryBucket Expiry) : ITlsStruct<BlobCreation>
{
    /// <inheritdoc/>
    public static BlobCreation Decode(ref TlsReader reader)
    {
        FormatVersion.Read(ref reader);
        var creation = new BlobCreation(reader.ReadUInt64(), Wire.ReadDigest(ref reader), Wire.ReadExpiry(ref reader));
        if (creation.Size > ProtocolLimits.BlobBytes) throw new CodecException("the blob is too large");
        return creation;
    }

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        FormatVersion.Write(writer);
        writer.WriteUInt64(Size);
        writer.WriteBytes(DeleteTokenHash.Span);
        writer.WriteUInt8((byte)Expiry);
    }
}
