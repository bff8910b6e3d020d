using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.TokenHost.Tpm;

/// <summary>TPMT_PUBLIC of P-256 keys (TPM 2.0 Part 2 §12.2.4): the templates we ask for, and what we read back.</summary>
internal static class TpmPublic
{
    internal const ushort Null = 0x10, Sha256 = 0xb, Ecdsa = 0x18;

    internal const KeyTraits KnownTraits =
        KeyTraits.Extractable | KeyTraits.NeverExtractable | KeyTraits.Sensitive | KeyTraits.AlwaysSensitive | KeyTraits.Local | KeyTraits.Wrap
        | KeyTraits.Unwrap | KeyTraits.Modifiable | KeyTraits.Copyable | KeyTraits.Derive | KeyTraits.Sign | KeyTraits.Decrypt | KeyTraits.Private;

    private const ushort Ecc = 0x23, Aes = 0x6, Cfb = 0x43, P256 = 0x3;
    private const uint FixedTpm = 1 << 1, FixedParent = 1 << 4, MadeInside = 1 << 5, UserWithAuth = 1 << 6, NoDictionaryAttackProtection = 1 << 10;
    private const uint Restricted = 1 << 16, Decrypt = 1 << 17, Sign = 1 << 18;

    /// <summary>A storage key, as everyone makes the storage root key on this curve (TCG EK credential profile's SRK template H-2).</summary>
    internal static byte[] Primary { get; } = Template(
        FixedTpm | FixedParent | MadeInside | UserWithAuth | NoDictionaryAttackProtection | Restricted | Decrypt,
        static writer =>
        {
            writer.WriteUInt16(Aes);
            writer.WriteUInt16(128);
            writer.WriteUInt16(Cfb);
            writer.WriteUInt16(Null);
        });

    /// <summary>A key of ours: it stays in this TPM and under this parent, and wrong token PINs are counted.</summary>
    internal static byte[] Child(KeyPurpose purpose) => Template(
        FixedTpm | FixedParent | MadeInside | UserWithAuth | (purpose == KeyPurpose.Sign ? Sign : Decrypt),
        writer =>
        {
            writer.WriteUInt16(Null);
            writer.WriteUInt16(purpose == KeyPurpose.Sign ? Ecdsa : Null);
            if (purpose == KeyPurpose.Sign) writer.WriteUInt16(Sha256);
        });

    /// <summary>Point and traits of a public area; null for one that is not of a key as <see cref="Child"/> makes.</summary>
    internal static (byte[] Point, KeyTraits Traits)? Parse(ReadOnlySpan<byte> area)
    {
        try
        {
            var reader = new TlsReader(area);
            if (reader.ReadUInt16() != Ecc || reader.ReadUInt16() != Sha256) return null;
            uint attributes = reader.ReadUInt32();
            if (TpmReader.ReadSized(ref reader).Length != 0 || reader.ReadUInt16() != Null) return null;
            if (reader.ReadUInt16() == Ecdsa && reader.ReadUInt16() != Sha256) return null;
            if (reader.ReadUInt16() != P256 || reader.ReadUInt16() != Null) return null;
            byte[] point = new byte[TokenLimits.PointBytes];
            point[0] = 4;
            if (!ReadCoordinate(ref reader, point.AsSpan(1, 32)) || !ReadCoordinate(ref reader, point.AsSpan(33)) || reader.Remaining != 0) return null;
            return (point, Traits(attributes));
        }
        catch (CodecException) { return null; }
    }

    /// <summary>Some TPMs leave leading zeros out.</summary>
    internal static bool ReadCoordinate(ref TlsReader reader, Span<byte> coordinate)
    {
        var bytes = TpmReader.ReadSized(ref reader);
        if (bytes.Length > coordinate.Length) return false;
        coordinate.Clear();
        bytes.CopyTo(coordinate[(coordinate.Length - bytes.Length)..]);
        return true;
    }

    /// <summary>A private part is never readable and attributes never change: that is the TPM's making, and no attribute says otherwise.</summary>
    private static KeyTraits Traits(uint attributes)
    {
        var traits = KeyTraits.Sensitive | KeyTraits.AlwaysSensitive;
        if ((attributes & FixedTpm) != 0 && (attributes & FixedParent) != 0) traits |= KeyTraits.NeverExtractable;
        else traits |= KeyTraits.Extractable | KeyTraits.Copyable;
        if ((attributes & MadeInside) != 0) traits |= KeyTraits.Local;
        if ((attributes & Restricted) != 0) traits |= KeyTraits.Wrap | KeyTraits.Unwrap;
        if ((attributes & Decrypt) != 0) traits |= KeyTraits.Derive;
        if ((attributes & Sign) != 0) traits |= KeyTraits.Sign;
        if ((attributes & NoDictionaryAttackProtection) == 0 && (attributes & UserWithAuth) != 0) traits |= KeyTraits.Private;
        return traits;
    }

    private static byte[] Template(uint attributes, Action<TlsWriter> writeAlgorithms)
    {
        using var writer = new TlsWriter();
        writer.WriteUInt16(Ecc);
        writer.WriteUInt16(Sha256);
        writer.WriteUInt32(attributes);
        writer.WriteUInt16(0);            // no policy
        writeAlgorithms(writer);          // symmetric, scheme
        writer.WriteUInt16(P256);
        writer.WriteUInt16(Null);         // no key derivation function
        writer.WriteUInt32(0);            // unique: two empty coordinates
        return writer.ToArray();
    }
}
