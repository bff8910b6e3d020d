using System.Text.Json;
using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls.Vectors;

/// <summary>RFC 9420 §6: published messages open, and so do ours.</summary>
internal static class MessageProtection
{
    private static readonly LeafIndex Leaf = new(1);

    internal static void Verify(JsonElement vector)
    {
        byte[] proposal = vector.Hex("proposal"), commit = vector.Hex("commit"), application = vector.Hex("application");
        Expect.Same("proposal_pub", proposal, Open(vector, vector.Hex("proposal_pub")));
        Expect.Same("proposal_priv", proposal, Open(vector, vector.Hex("proposal_priv")));
        Expect.Same("commit_pub", commit, Open(vector, vector.Hex("commit_pub")));
        Expect.Same("commit_priv", commit, Open(vector, vector.Hex("commit_priv")));
        Expect.Same("application_priv", application, Open(vector, vector.Hex("application_priv")));

        CheckOurs(vector, new ProposalContent(Tls.Decode<Proposal>(proposal)), proposal);
        CheckOurs(vector, new CommitContent(Tls.Decode<Commit>(commit)), commit);
        var content = new ApplicationContent(application);
        Expect.Same("our application message", application, Open(vector, SealPrivate(vector, content)));
        Expect.Refused<ArgumentException>("a public application message", () => SealPublic(vector, content));
    }

    private static void CheckOurs(JsonElement vector, Content content, byte[] encoded)
    {
        Expect.Same($"our public {content.GetType().Name}", encoded, Open(vector, SealPublic(vector, content)));
        Expect.Same($"our private {content.GetType().Name}", encoded, Open(vector, SealPrivate(vector, content)));
    }

    private static byte[] Open(JsonElement vector, byte[] message)
    {
        var suite = vector.Suite();
        SignatureKeyLookup keys = sender => sender == Sender.Member(Leaf) ? vector.Hex("signature_pub") : (ReadOnlyMemory<byte>?)null;
        var decoded = Tls.Decode<MlsMessage>(message);
        Expect.Same("the message written back", message, Tls.Encode(decoded));
        var content = decoded.PublicMessage is { } open
            ? open.Unprotect(suite, Context(vector), vector.Secret("membership_key"), keys)
            : decoded.PrivateMessage!.Unprotect(suite, Context(vector), Tree(vector), vector.Secret("sender_data_secret"), keys).Content;
        return content.Content.Content switch
        {
            ProposalContent { Proposal: var proposal } => Tls.Encode(proposal),
            CommitContent { Commit: var commit } => Tls.Encode(commit),
            ApplicationContent { Data: var data } => data.ToArray(),
            _ => throw new VectorMismatchException("content of an unknown kind"),
        };
    }

    private static byte[] SealPublic(JsonElement vector, Content content)
    {
        var signed = Sign(vector, WireFormat.PublicMessage, content);
        return Tls.Encode(new MlsMessage(PublicMessage.Protect(vector.Suite(), signed, Context(vector), vector.Secret("membership_key"))));
    }

    private static byte[] SealPrivate(JsonElement vector, Content content)
    {
        var signed = Sign(vector, WireFormat.PrivateMessage, content);
        return Tls.Encode(new MlsMessage(PrivateMessage.Protect(
            vector.Suite(), Tree(vector), vector.Secret("sender_data_secret"), signed, 32, RandomSource.System).Message));
    }

    private static AuthenticatedContent Sign(JsonElement vector, WireFormat format, Content content)
    {
        var context = Context(vector);
        using var key = vector.Suite().Signature.Import(vector.Hex("signature_priv"));
        var framed = new FramedContent(context.GroupId, context.Epoch, Sender.Member(Leaf), default, content);
        var signed = AuthenticatedContent.Sign(vector.Suite(), format, framed, context, key);
        return content is CommitContent ? signed.WithConfirmationTag(new byte[32]) : signed;
    }

    private static GroupContext Context(JsonElement vector) => new(
        ProtocolVersion.Mls10,
        vector.Suite().Id,
        vector.Hex("group_id"),
        vector.GetProperty("epoch").GetUInt64(),
        vector.Hex("tree_hash"),
        vector.Hex("confirmed_transcript_hash"),
        []);

    private static SecretTree Tree(JsonElement vector) =>
        SecretTree.Create(vector.Suite(), vector.Secret("encryption_secret"), 2, new RatchetLimits());
}
