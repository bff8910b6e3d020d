using Google.Protobuf;
using Google.Protobuf.Collections;
using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls.Interop;

/// <summary>The interface's way of saying things, in the library's.</summary>
internal static class WireForms
{
    internal static ByteString ToWire(this ReadOnlyMemory<byte> bytes) => ByteString.CopyFrom(bytes.Span);

    internal static ByteString ToWire(this byte[]? bytes) => bytes is null ? ByteString.Empty : ByteString.CopyFrom(bytes);

    internal static IReadOnlyList<Extension> ToExtensions(this RepeatedField<Wire.Extension> extensions) =>
        [.. extensions.Select(extension => new Extension(checked((ushort)extension.ExtensionType), extension.ExtensionData.ToByteArray()))];

    /// <summary>The key package in an MLSMessage.</summary>
    internal static KeyPackage ToKeyPackage(this ByteString message) =>
        Tls.Decode<MlsMessage>(message.Span).KeyPackage ?? throw new ArgumentException("the message is not a key package");

    /// <summary>The GroupInfo in an MLSMessage.</summary>
    internal static GroupInfo ToGroupInfo(this ByteString message) =>
        Tls.Decode<MlsMessage>(message.Span).GroupInfo ?? throw new ArgumentException("the message is not a GroupInfo");

    internal static PreSharedKeyProposal ExternalPsk(CipherSuite suite, ByteString id) =>
        new(new ExternalPskId(id.ToByteArray(), Nonce(suite)));

    internal static PreSharedKeyProposal ResumptionPsk(CipherSuite suite, ReadOnlyMemory<byte> groupId, ulong epoch) =>
        new(new ResumptionPskId(ResumptionPskUsage.Application, groupId, epoch, Nonce(suite)));

    internal static ReInitProposal ReInit(ByteString groupId, uint suite, RepeatedField<Wire.Extension> extensions) =>
        new(groupId.ToByteArray(), ProtocolVersion.Mls10, Newcomer.SuiteOf(suite).Id, extensions.ToExtensions());

    /// <summary>A proposal as the runner describes it, for a group of that suite and id.</summary>
    /// <param name="description">What is to be proposed.</param>
    /// <param name="suite">The group's suite.</param>
    /// <param name="groupId">The group's id.</param>
    /// <param name="find">The leaf of an identity.</param>
    internal static Proposal ToProposal(
        this Wire.ProposalDescription description, CipherSuite suite, ReadOnlyMemory<byte> groupId, Func<ByteString, LeafIndex> find) =>
        description.ProposalType.ToStringUtf8() switch
        {
            "add" => new AddProposal(description.KeyPackage.ToKeyPackage()),
            "remove" => new RemoveProposal(find(description.RemovedId)),
            "externalPSK" => ExternalPsk(suite, description.PskId),
            "resumptionPSK" => ResumptionPsk(suite, groupId, description.EpochId),
            "groupContextExtensions" => new GroupContextExtensionsProposal(description.Extensions.ToExtensions()),
            "reinit" => ReInit(description.GroupId, description.CipherSuite, description.Extensions),
            var other => throw new ArgumentException($"proposals of type '{other}' are not known"),
        };

    /// <summary>The leaf of whoever has that identity.</summary>
    /// <exception cref="ArgumentException">Nobody has.</exception>
    internal static LeafIndex LeafOf(IEnumerable<Member> members, ReadOnlySpan<byte> identity)
    {
        foreach (var member in members)
        {
            if (member.Leaf.Credential is BasicCredential basic && basic.Identity.Span.SequenceEqual(identity)) return member.Index;
        }
        throw new ArgumentException("no member has that identity");
    }

    private static byte[] Nonce(CipherSuite suite) => RandomSource.System.PublicBytes(suite.Hkdf.HashSize);
}
