using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §7.2: what a client supports. Values we do not know are kept and otherwise ignored.</summary>
/// <param name="Versions">The protocol's versions; <see cref="ProtocolVersion.Mls10"/> must be among them.</param>
/// <param name="CipherSuites">Ids of cipher suites; the one of the leaf's group must be among them.</param>
/// <param name="Extensions">Types of extensions beside those every client has (<see cref="ExtensionType.IsDefault"/>).</param>
/// <param name="Proposals">Types of proposals beside those every client has (<see cref="ProposalType.IsDefault"/>).</param>
/// <param name="Credentials">
/// Types of credentials (<see cref="CredentialType"/>); the leaf's own, and those of all members, must be among them.
/// </param>
public sealed record Capabilities(
    IReadOnlyList<ushort> Versions,
    IReadOnlyList<ushort> CipherSuites,
    IReadOnlyList<ushort> Extensions,
    IReadOnlyList<ushort> Proposals,
    IReadOnlyList<ushort> Credentials) : ITlsStruct<Capabilities>
{
    [ThreadStatic]
    private static Capabilities? _lastDecoded;

    private byte[]? _encoded;

    /// <summary>A copy, in which any list may then be replaced.</summary>
    private Capabilities(Capabilities original)
    {
        (Versions, CipherSuites, Extensions) = (original.Versions, original.CipherSuites, original.Extensions);
        (Proposals, Credentials) = (original.Proposals, original.Credentials);
    }

    /// <summary>MLS 1.0 with these cipher suites, basic credentials, and what every client has; <c>with</c> adds more.</summary>
    public static Capabilities Of(params IEnumerable<CipherSuite> suites) =>
        new([(ushort)ProtocolVersion.Mls10], [.. suites.Select(static suite => suite.Id)], [], [], [CredentialType.Basic]);

    /// <summary>The encoding, which is made once.</summary>
    internal ReadOnlySpan<byte> Encoded => _encoded ??= Tls.Encode(this);

    /// <summary>Whether an extension type is supported: listed, or one of the defaults.</summary>
    public bool SupportsExtension(ushort type) => ExtensionType.IsDefault(type) || Extensions.Contains(type);

    /// <summary>
    /// Whether a proposal type is supported: listed, or one of the defaults; never a value of RFC 9420 §13.5, which stands for nothing.
    /// </summary>
    public bool SupportsProposal(ushort type) => ProposalType.IsDefault(type) || (Proposals.Contains(type) && !Grease.IsGrease(type));

    /// <summary>Whether a credential type is supported; there are no defaults, and a value of RFC 9420 §13.5 stands for nothing.</summary>
    public bool SupportsCredential(ushort type) => Credentials.Contains(type) && !Grease.IsGrease(type);

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        if (_encoded is not null)
        {
            writer.WriteBytes(_encoded);
            return;
        }
        EncodeList(writer, Versions);
        EncodeList(writer, CipherSuites);
        EncodeList(writer, Extensions);
        EncodeList(writer, Proposals);
        EncodeList(writer, Credentials);
    }

    /// <inheritdoc/>
    public static Capabilities Decode(ref TlsReader reader)
    {
        // Members' clients are mostly of one kind: who says the same as the one before is the same object, in memory and in comparisons.
        if (_lastDecoded is { } last && reader.Rest.StartsWith(last.Encoded))
        {
            reader.ReadBytes(last.Encoded.Length);
            return last;
        }
        int start = reader.Position;
        var capabilities = new Capabilities(
            DecodeList(ref reader, MlsLimits.MaxCapabilities),
            DecodeList(ref reader, MlsLimits.MaxCapabilities),
            DecodeList(ref reader, MlsLimits.MaxCapabilities),
            DecodeList(ref reader, MlsLimits.MaxCapabilities),
            DecodeList(ref reader, MlsLimits.MaxCapabilities));
        capabilities._encoded = reader.Since(start).ToArray();
        return _lastDecoded = capabilities;
    }

    /// <summary>Writes a vector of code points of two bytes each.</summary>
    internal static void EncodeList(TlsWriter writer, IReadOnlyList<ushort> values) =>
        writer.WriteVector(values, static (output, value) => output.WriteUInt16(value));

    /// <summary>Reads such a vector.</summary>
    /// <exception cref="CodecException">It is malformed, or has more than <paramref name="limit"/> code points.</exception>
    internal static IReadOnlyList<ushort> DecodeList(ref TlsReader reader, int limit) =>
        reader.ReadVector(static (ref TlsReader input) => input.ReadUInt16(), limit);
}
