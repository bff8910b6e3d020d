namespace Holdfast.TokenHost.Pkcs11;

/// <summary>
/// The numbers of PKCS#11 2.40 (and their names there) that we use. CK_ULONG is a C <c>unsigned long</c>: as long as a pointer everywhere but
/// on Windows, where modules are not loaded.
/// </summary>
internal static class Ck
{
    internal const nuint FlagPinInitialized = 0x8;
    internal const nuint FlagPinCountLow = 0x10000, FlagPinFinalTry = 0x20000, FlagPinLocked = 0x40000;
    internal const nuint SessionSerial = 0x4, SessionReadWrite = 0x2;
    internal const nuint User = 1;

    internal const nuint ClassPublicKey = 2, ClassPrivateKey = 3, ClassSecretKey = 4;
    internal const nuint KeyTypeEc = 3, KeyTypeGenericSecret = 0x10;
    internal const nuint MechanismEcKeyPairGen = 0x1040, MechanismEcdsa = 0x1041, MechanismEcdh1Derive = 0x1050;
    internal const nuint KdfNull = 1;

    internal const nuint Class = 0x0, Token = 0x1, Private = 0x2, Label = 0x3, Value = 0x11, KeyType = 0x100, Id = 0x102, Sensitive = 0x103;
    internal const nuint Decrypt = 0x105, Wrap = 0x106, Unwrap = 0x107, Sign = 0x108, Verify = 0x10a, Derive = 0x10c, ValueLength = 0x161;
    internal const nuint Extractable = 0x162, Local = 0x163, NeverExtractable = 0x164, AlwaysSensitive = 0x165;
    internal const nuint Modifiable = 0x170, Copyable = 0x171, EcParameters = 0x180, EcPoint = 0x181;

    internal const nuint Ok = 0, BufferTooSmall = 0x150, AlreadyInitialized = 0x191;
    internal const nuint AttributeTypeInvalid = 0x12, AttributeValueInvalid = 0x13, TemplateInconsistent = 0xd1;

    /// <summary>The curve P-256 as EC parameters: its object identifier, 1.2.840.10045.3.1.7, in DER.</summary>
    internal static ReadOnlySpan<byte> P256 => [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
}
