using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>Why a token host did not do what it was asked.</summary>
public enum TokenError : byte
{
    /// <summary>The module, or the device, is not there or is not one.</summary>
    Unreachable = 1,

    /// <summary>The token is not there, or was taken out.</summary>
    NoToken = 2,

    /// <summary>The token PIN is wrong; the token may have counted the try.</summary>
    TokenPinWrong = 3,

    /// <summary>The token takes no more tries, not even the right token PIN.</summary>
    TokenPinLocked = 4,

    /// <summary>There is no such key on the token, or it is another token's.</summary>
    NoKey = 5,

    /// <summary>The token cannot do this.</summary>
    Unsupported = 6,

    /// <summary>The token refused the point: it is not on the curve.</summary>
    BadPoint = 7,

    /// <summary>The device or its module failed; the code says how.</summary>
    DeviceFailed = 8,

    /// <summary>The question made no sense, or not at this time.</summary>
    BadCall = 9,
}

/// <summary>What a key is for: one thing only.</summary>
public enum KeyPurpose : byte
{
    /// <summary>ECDH.</summary>
    Agree = 1,

    /// <summary>ECDSA.</summary>
    Sign = 2,
}

/// <summary>How many more wrong token PINs a token says that it takes.</summary>
public enum TokenPinState : byte
{
    /// <summary>As many as it ever does, or it does not say.</summary>
    Usual = 0,

    /// <summary>Fewer than at first: somebody was wrong.</summary>
    Low = 1,

    /// <summary>One.</summary>
    FinalTry = 2,

    /// <summary>None.</summary>
    Locked = 3,
}

/// <summary>What a token says of a private key, in PKCS#11's words (§4.9); a TPM's attributes are said in the same words.</summary>
[Flags]
public enum KeyTraits : uint
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>CKA_EXTRACTABLE: it may leave, wrapped.</summary>
    Extractable = 1 << 0,

    /// <summary>CKA_NEVER_EXTRACTABLE.</summary>
    NeverExtractable = 1 << 1,

    /// <summary>CKA_SENSITIVE: it cannot be read.</summary>
    Sensitive = 1 << 2,

    /// <summary>CKA_ALWAYS_SENSITIVE.</summary>
    AlwaysSensitive = 1 << 3,

    /// <summary>CKA_LOCAL: it was made on the token.</summary>
    Local = 1 << 4,

    /// <summary>CKA_WRAP: it exports other keys.</summary>
    Wrap = 1 << 5,

    /// <summary>CKA_UNWRAP: it imports other keys.</summary>
    Unwrap = 1 << 6,

    /// <summary>CKA_MODIFIABLE: what is said here can be changed.</summary>
    Modifiable = 1 << 7,

    /// <summary>CKA_COPYABLE: a copy of it, with other attributes, can be made.</summary>
    Copyable = 1 << 8,

    /// <summary>CKA_DERIVE: it does ECDH.</summary>
    Derive = 1 << 9,

    /// <summary>CKA_SIGN.</summary>
    Sign = 1 << 10,

    /// <summary>CKA_DECRYPT.</summary>
    Decrypt = 1 << 11,

    /// <summary>CKA_PRIVATE: it is used with the token PIN only.</summary>
    Private = 1 << 12,
}

/// <summary>What stands between a token host and the rest of the machine.</summary>
[Flags]
public enum HostWalls : ushort
{
    /// <summary>Nothing: this platform has none of them.</summary>
    None = 0,

    /// <summary>It, and what it starts, gains no privilege by starting a program.</summary>
    NoNewPrivileges = 1 << 0,

    /// <summary>No dump of it is written, and nobody of the same user attaches to it.</summary>
    NoDumps = 1 << 1,

    /// <summary>Landlock: it reads the system's folders and its own, and writes its own alone.</summary>
    Files = 1 << 2,

    /// <summary>Landlock: no TCP.</summary>
    Network = 1 << 3,

    /// <summary>It inherited nothing but its pipe.</summary>
    Descriptors = 1 << 4,
}

/// <summary>A token as its host found it. Label and model are what the token says of itself.</summary>
/// <param name="Id">A digest of label, maker, model and serial number; of a TPM, of what it says of itself.</param>
/// <param name="Label">Its label.</param>
/// <param name="Model">Its model.</param>
/// <param name="PinState">How it stands with its token PIN.</param>
/// <param name="CanGenerate">Whether it can make keys when asked; of a card whose keys its issuer makes, not.</param>
public sealed record TokenInfo(ReadOnlyMemory<byte> Id, string Label, string Model, TokenPinState PinState, bool CanGenerate) : ITlsStruct<TokenInfo>
{
    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteBytes(Id.Span);
        writer.WriteText(Label);
        writer.WriteText(Model);
        writer.WriteUInt8((byte)PinState);
        writer.WritePresence(CanGenerate);
    }

    /// <summary>How it stands, not what it is called.</summary>
    public override string ToString() => $"{nameof(TokenInfo)} {{ {PinState} }}";

    /// <inheritdoc/>
    public static TokenInfo Decode(ref TlsReader reader) => new(
        reader.ReadBytes(TokenLimits.TokenIdBytes).ToArray(), reader.ReadText(TokenLimits.LabelBytes), reader.ReadText(TokenLimits.LabelBytes),
        Wire.ReadEnum<TokenPinState>(ref reader), reader.ReadPresence());
}

/// <summary>A P-256 key of a token.</summary>
/// <param name="Handle">What finds it again; nothing secret, though a TPM's has the key in it, sealed to that TPM.</param>
/// <param name="Point">The public point as the token says it, uncompressed.</param>
/// <param name="Known">The traits that the token speaks of.</param>
/// <param name="Traits">Those of them that it says the key has.</param>
public sealed record TokenKey(ReadOnlyMemory<byte> Handle, ReadOnlyMemory<byte> Point, KeyTraits Known, KeyTraits Traits) : ITlsStruct<TokenKey>
{
    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteOpaque(Handle.Span);
        writer.WriteBytes(Point.Span);
        writer.WriteUInt32((uint)Known);
        writer.WriteUInt32((uint)Traits);
    }

    /// <inheritdoc/>
    public static TokenKey Decode(ref TlsReader reader) => new(
        reader.ReadOpaque(TokenLimits.KeyHandleBytes).ToArray(), reader.ReadBytes(TokenLimits.PointBytes).ToArray(),
        (KeyTraits)reader.ReadUInt32(), (KeyTraits)reader.ReadUInt32());
}
