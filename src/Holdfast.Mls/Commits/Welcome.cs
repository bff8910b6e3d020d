using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §12.4.3.1: what lets new members in.</summary>
/// <param name="CipherSuite">The group's cipher suite.</param>
/// <param name="Secrets">One entry for each new member.</param>
/// <param name="EncryptedGroupInfo">The <see cref="GroupInfo"/>, sealed under a key from the joiner secret.</param>
public sealed record Welcome(
    ushort CipherSuite, IReadOnlyList<EncryptedGroupSecrets> Secrets, ReadOnlyMemory<byte> EncryptedGroupInfo) : ITlsStruct<Welcome>
{
    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteUInt16(CipherSuite);
        writer.WriteVector(Secrets);
        writer.WriteOpaque(EncryptedGroupInfo.Span);
    }

    /// <inheritdoc/>
    public static Welcome Decode(ref TlsReader reader) => new(
        reader.ReadUInt16(),
        reader.ReadVector<EncryptedGroupSecrets>(MlsLimits.MaxLeaves, EncryptedGroupSecrets.LeastSize),
        reader.ReadOpaque().ToArray());
}

/// <summary>RFC 9420 §12.4.3.1: one new member's <see cref="GroupSecrets"/>, sealed to its init key.</summary>
/// <param name="NewMember">The reference of the key package that was used (RFC 9420 §5.2 KeyPackageRef).</param>
/// <param name="Sealed">The sealed secrets.</param>
public sealed record EncryptedGroupSecrets(ReadOnlyMemory<byte> NewMember, HpkeCiphertext Sealed) : ITlsStruct<EncryptedGroupSecrets>
{
    /// <summary>The shortest reference there is, SHA-256's, and a sealed secret.</summary>
    internal const int LeastSize = 32 + HpkeCiphertext.LeastSize;

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteOpaque(NewMember.Span);
        writer.Write(Sealed);
    }

    /// <inheritdoc/>
    public static EncryptedGroupSecrets Decode(ref TlsReader reader) =>
        new(reader.ReadOpaque(MlsLimits.MaxHashSize).ToArray(), HpkeCiphertext.Decode(ref reader));
}
