using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §11.1: what every member of a group must support.</summary>
public sealed record RequiredCapabilities(
    IReadOnlyList<ushort> Extensions, IReadOnlyList<ushort> Proposals, IReadOnlyList<ushort> Credentials)
    : ITlsStruct<RequiredCapabilities>
{
    /// <summary>The requirements that stand in a group context's extensions, or null where there are none.</summary>
    public static RequiredCapabilities? In(IReadOnlyList<Extension> contextExtensions)
    {
        var extension = Extension.Find(contextExtensions, ExtensionType.RequiredCapabilities);
        return extension is null ? null : Tls.Decode<RequiredCapabilities>(extension.Data.Span);
    }

    /// <summary>Whether a client with these capabilities may be a member.</summary>
    public bool AreMetBy(Capabilities capabilities) =>
        Extensions.All(capabilities.SupportsExtension)
        && Proposals.All(capabilities.SupportsProposal)
        && Credentials.All(capabilities.SupportsCredential);

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        Capabilities.EncodeList(writer, Extensions);
        Capabilities.EncodeList(writer, Proposals);
        Capabilities.EncodeList(writer, Credentials);
    }

    /// <inheritdoc/>
    public static RequiredCapabilities Decode(ref TlsReader reader) => new(
        Capabilities.DecodeList(ref reader, MlsLimits.MaxCapabilities),
        Capabilities.DecodeList(ref reader, MlsLimits.MaxCapabilities),
        Capabilities.DecodeList(ref reader, MlsLimits.MaxCapabilities));
}
