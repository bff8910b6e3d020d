using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §8.4: which pre-shared key, with the nonce that makes each use different.</summary>
/// <param name="Nonce">Fresh random bytes of the hash's size.</param>
public abstract record PreSharedKeyId(ReadOnlyMemory<byte> Nonce) : ITlsStruct<PreSharedKeyId>
{
    /// <summary>RFC 9420 §8.4: names an external key for one use, with a fresh nonce.</summary>
    /// <param name="suite">The group's cipher suite.</param>
    /// <param name="id">What the application calls the key.</param>
    /// <param name="random">Where the nonce comes from.</param>
    public static ExternalPskId External(CipherSuite suite, ReadOnlyMemory<byte> id, RandomSource random) =>
        new(id, random.PublicBytes(suite.Hkdf.HashSize));

    /// <summary>RFC 9420 §8.4, §8.6: names the resumption key of an epoch of this or another group, to prove that we were there.</summary>
    /// <param name="suite">The cipher suite of the group that the key is mixed into.</param>
    /// <param name="groupId">The group that the key is of.</param>
    /// <param name="epoch">The epoch that the key is of.</param>
    /// <param name="random">Where the nonce comes from.</param>
    public static ResumptionPskId Resumption(CipherSuite suite, ReadOnlyMemory<byte> groupId, ulong epoch, RandomSource random) =>
        new(ResumptionPskUsage.Application, groupId, epoch, random.PublicBytes(suite.Hkdf.HashSize));

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        EncodeName(writer);
        writer.WriteOpaque(Nonce.Span);
    }

    /// <inheritdoc/>
    public static PreSharedKeyId Decode(ref TlsReader reader) => reader.ReadUInt8() switch
    {
        ExternalPskId.Tag => new ExternalPskId(
            reader.ReadOpaque(MlsLimits.MaxIdentitySize).ToArray(),
            reader.ReadOpaque(MlsLimits.MaxHashSize).ToArray()),
        ResumptionPskId.Tag => new ResumptionPskId(
            ResumptionPskId.DecodeUsage(ref reader),
            reader.ReadOpaque(MlsLimits.MaxGroupIdSize).ToArray(),
            reader.ReadUInt64(),
            reader.ReadOpaque(MlsLimits.MaxHashSize).ToArray()),
        ApplicationPskId.Tag => ApplicationPskId.DecodeBody(ref reader),
        _ => throw new CodecException("RFC 9420 §8.4: an unknown PSKType"),
    };

    private protected abstract void EncodeName(TlsWriter writer);
}

/// <summary>RFC 9420 §8.4: a key that the application agreed on elsewhere.</summary>
public sealed record ExternalPskId(ReadOnlyMemory<byte> Id, ReadOnlyMemory<byte> Nonce) : PreSharedKeyId(Nonce)
{
    internal const byte Tag = 1;

    private protected override void EncodeName(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteOpaque(Id.Span);
    }
}

/// <summary>RFC 9420 §8.4, §8.6: the resumption secret of an epoch that its members remember.</summary>
public sealed record ResumptionPskId(
    ResumptionPskUsage Usage, ReadOnlyMemory<byte> GroupId, ulong Epoch, ReadOnlyMemory<byte> Nonce) : PreSharedKeyId(Nonce)
{
    internal const byte Tag = 2;

    internal static ResumptionPskUsage DecodeUsage(ref TlsReader reader)
    {
        var usage = (ResumptionPskUsage)reader.ReadUInt8();
        return usage is >= ResumptionPskUsage.Application and <= ResumptionPskUsage.Branch
            ? usage
            : throw new CodecException("RFC 9420 §8.4: an unknown ResumptionPSKUsage");
    }

    private protected override void EncodeName(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteUInt8((byte)Usage);
        writer.WriteOpaque(GroupId.Span);
        writer.WriteUInt64(Epoch);
    }
}

/// <summary>RFC 9420 §8.4: what a resumption key is used for.</summary>
public enum ResumptionPskUsage : byte
{
    /// <summary>To prove membership of an earlier epoch.</summary>
    Application = 1,

    /// <summary>To tie a reinitialised group to the old one (RFC 9420 §11.2).</summary>
    Reinit = 2,

    /// <summary>To tie a subgroup to the group it came from (RFC 9420 §11.3).</summary>
    Branch = 3,
}
