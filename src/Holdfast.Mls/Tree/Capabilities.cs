using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §7.2: what a client supports. Values we do not know are kept and otherwise ignored.</summary>
public sealed record Capabilities(
    IReadOnlyList<ushort> Versions,
    IReadOnlyList<ushort> CipherSuites,
    IReadOnlyList<ushort> Extensions,
    IReadOnlyList<ushort> Proposals,
    IReadOnlyList<ushort> Credentials) : ITlsStruct<Capabilities>
{
    /// <summary>Whether an extension type is supported: listed, or one of the defaults.</summary>
    public bool SupportsExtension(ushort type) => ExtensionType.IsDefault(type) || Extensions.Contains(type);

    /// <summary>Whether a proposal type is supported: listed, or one of the defaults; never a value of RFC 9420 §13.5, which stands for nothing.</summary>
    public bool SupportsProposal(ushort type) => ProposalType.IsDefault(type) || (Proposals.Contains(type) && !Grease.IsGrease(type));

    /// <summary>Whether a credential type is supported; there are no defaults, and a value of RFC 9420 §13.5 stands for nothing.</summary>
    public bool SupportsCredential(ushort type) => Credentials.Contains(type) && !Grease.IsGrease(type);

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        EncodeList(writer, Versions);
        EncodeList(writer, CipherSuites);
        EncodeList(writer, Extensions);
        EncodeList(writer, Proposals);
        EncodeList(writer, Credentials);
    }

    /// <inheritdoc/>
    public static Capabilities Decode(ref TlsReader reader) => new(
        DecodeList(ref reader), DecodeList(ref reader), DecodeList(ref reader), DecodeList(ref reader), DecodeList(ref reader));

    internal static void EncodeList(TlsWriter writer, IReadOnlyList<ushort> values) =>
        writer.WriteVector(values, static (output, value) => output.WriteUInt16(value));

    internal static IReadOnlyList<ushort> DecodeList(ref TlsReader reader) =>
        reader.ReadVector(static (ref TlsReader input) => input.ReadUInt16(), MlsLimits.MaxCapabilities);
}
