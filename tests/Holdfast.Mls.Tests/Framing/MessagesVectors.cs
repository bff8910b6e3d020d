using System.Text.Json;
using Holdfast.Codec;
using Xunit;

namespace Holdfast.Mls.Tests;

public sealed class MessagesVectors
{
    private const string File = "messages";

    private delegate T Decoder<out T>(ref TlsReader reader);

    public static IEnumerable<TheoryDataRow<int>> Cases => VectorCases.Of(File);

    [Theory, MemberData(nameof(Cases))]
    public void EveryStructureReadsBackAsWritten(int index)
    {
        var vector = VectorCases.Get(File, index);
        Assert.NotNull(Check<MlsMessage>(vector, "mls_welcome").Welcome);
        Assert.NotNull(Check<MlsMessage>(vector, "mls_group_info").GroupInfo);
        Assert.NotNull(Check<MlsMessage>(vector, "mls_key_package").KeyPackage);
        Check<GroupSecrets>(vector, "group_secrets");
        Check<Commit>(vector, "commit");
        Assert.IsType<ApplicationContent>(Check<MlsMessage>(vector, "public_message_application").PublicMessage!.Content.Content);
        Assert.IsType<ProposalContent>(Check<MlsMessage>(vector, "public_message_proposal").PublicMessage!.Content.Content);
        Assert.IsType<CommitContent>(Check<MlsMessage>(vector, "public_message_commit").PublicMessage!.Content.Content);
        Assert.NotNull(Check<MlsMessage>(vector, "private_message").PrivateMessage);
        CheckRatchetTree(vector.Hex("ratchet_tree"));
    }

    [Theory, MemberData(nameof(Cases))]
    public void EveryProposalReadsBackAsWritten(int index)
    {
        var vector = VectorCases.Get(File, index);
        CheckProposal(vector.Hex("add_proposal"), AddProposal.DecodeBody);
        CheckProposal(vector.Hex("update_proposal"), UpdateProposal.DecodeBody);
        CheckProposal(vector.Hex("remove_proposal"), RemoveProposal.DecodeBody);
        CheckProposal(vector.Hex("pre_shared_key_proposal"), PreSharedKeyProposal.DecodeBody);
        CheckProposal(vector.Hex("re_init_proposal"), ReInitProposal.DecodeBody);
        CheckProposal(vector.Hex("external_init_proposal"), ExternalInitProposal.DecodeBody);
        CheckProposal(vector.Hex("group_context_extensions_proposal"), GroupContextExtensionsProposal.DecodeBody);
    }

    private static T Check<T>(JsonElement vector, string name) where T : ITlsStruct<T>
    {
        byte[] encoded = vector.Hex(name);
        var decoded = Tls.Decode<T>(encoded);
        Assert.Equal(encoded, Tls.Encode(decoded));
        return decoded;
    }

    private static void CheckProposal(byte[] encoded, Decoder<Proposal> decode)
    {
        var reader = new TlsReader(encoded);
        var proposal = decode(ref reader);
        reader.ExpectEnd();
        var writer = new TlsWriter();
        proposal.EncodeBody(writer);
        Assert.Equal(encoded, writer.ToArray());
    }

    /// <summary>RFC 9420 §12.4.3.3: optional&lt;Node&gt; ratchet_tree&lt;V&gt;.</summary>
    private static void CheckRatchetTree(byte[] encoded)
    {
        var reader = new TlsReader(encoded);
        var nodes = reader.ReadVector<object?>(static (ref TlsReader node) => !node.ReadPresence() ? null : node.ReadUInt8() switch
        {
            1 => LeafNode.Decode(ref node),
            _ => ParentNode.Decode(ref node),
        });
        reader.ExpectEnd();
        var writer = new TlsWriter();
        writer.WriteVector(nodes, static (to, node) =>
        {
            to.WriteUInt8(node is null ? (byte)0 : (byte)1);
            if (node is null) return;
            to.WriteUInt8(node is LeafNode ? (byte)1 : (byte)2);
            (node as LeafNode)?.Encode(to);
            (node as ParentNode)?.Encode(to);
        });
        Assert.Equal(encoded, writer.ToArray());
    }
}
