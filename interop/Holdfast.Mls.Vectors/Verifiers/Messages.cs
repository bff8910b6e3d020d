using System.Text.Json;
using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls.Vectors;

/// <summary>RFC 9420: every structure reads back as it was written, and is the one that the case says.</summary>
internal static class Messages
{
    private delegate T Decoder<out T>(ref TlsReader reader);

    internal static void Verify(JsonElement vector)
    {
        CheckMessages(vector);
        Check<GroupSecrets>(vector, "group_secrets").Dispose();
        Check<Commit>(vector, "commit");
        byte[] tree = vector.Hex("ratchet_tree");
        Expect.Same("ratchet_tree", tree, RatchetTree.Decode(CipherSuite.Mandatory, tree).Encode());

        CheckProposal(vector, "add_proposal", ProposalType.Add, AddProposal.DecodeBody);
        CheckProposal(vector, "update_proposal", ProposalType.Update, UpdateProposal.DecodeBody);
        CheckProposal(vector, "remove_proposal", ProposalType.Remove, RemoveProposal.DecodeBody);
        CheckProposal(vector, "pre_shared_key_proposal", ProposalType.PreSharedKey, PreSharedKeyProposal.DecodeBody);
        CheckProposal(vector, "re_init_proposal", ProposalType.ReInit, ReInitProposal.DecodeBody);
        CheckProposal(vector, "external_init_proposal", ProposalType.ExternalInit, ExternalInitProposal.DecodeBody);
        CheckProposal(
            vector, "group_context_extensions_proposal", ProposalType.GroupContextExtensions, GroupContextExtensionsProposal.DecodeBody);
    }

    private static void CheckMessages(JsonElement vector)
    {
        Expect.Present("Welcome", Check<MlsMessage>(vector, "mls_welcome").Welcome);
        Expect.Present("GroupInfo", Check<MlsMessage>(vector, "mls_group_info").GroupInfo);
        Expect.Present("KeyPackage", Check<MlsMessage>(vector, "mls_key_package").KeyPackage);
        Expect.Present("PrivateMessage", Check<MlsMessage>(vector, "private_message").PrivateMessage);
        CheckPublic<ApplicationContent>(vector, "public_message_application");
        CheckPublic<ProposalContent>(vector, "public_message_proposal");
        CheckPublic<CommitContent>(vector, "public_message_commit");
    }

    private static void CheckPublic<T>(JsonElement vector, string name) =>
        Expect.Holds($"{name} is that", Check<MlsMessage>(vector, name).PublicMessage?.Content.Content is T);

    private static T Check<T>(JsonElement vector, string name) where T : ITlsStruct<T>
    {
        byte[] encoded = vector.Hex(name);
        var decoded = Tls.Decode<T>(encoded);
        Expect.Same(name, encoded, Tls.Encode(decoded));
        return decoded;
    }

    /// <summary>The published bytes are what is behind a proposal's type.</summary>
    private static void CheckProposal(JsonElement vector, string name, ushort type, Decoder<Proposal> decode)
    {
        byte[] body = vector.Hex(name), encoded = [(byte)(type >> 8), (byte)type, .. body];
        var reader = new TlsReader(body);
        var proposal = decode(ref reader);
        reader.ExpectEnd();
        Expect.Same(name, encoded, Tls.Encode(proposal));
        Expect.Same(name, encoded, Tls.Encode(Tls.Decode<Proposal>(encoded)));
    }
}
