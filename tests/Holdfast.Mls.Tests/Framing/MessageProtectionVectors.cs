using System.Text.Json;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

public sealed class MessageProtectionVectors
{
    private const string File = "message-protection";

    private static readonly LeafIndex Leaf = new(1);

    public static IEnumerable<TheoryDataRow<int>> Cases => VectorCases.Of(File);

    [Theory, MemberData(nameof(Cases))]
    public void PublishedMessagesOpen(int index)
    {
        var vector = VectorCases.Get(File, index);
        Assert.Equal(vector.Hex("proposal"), Open(vector, vector.Hex("proposal_pub")));
        Assert.Equal(vector.Hex("proposal"), Open(vector, vector.Hex("proposal_priv")));
        Assert.Equal(vector.Hex("commit"), Open(vector, vector.Hex("commit_pub")));
        Assert.Equal(vector.Hex("commit"), Open(vector, vector.Hex("commit_priv")));
        Assert.Equal(vector.Hex("application"), Open(vector, vector.Hex("application_priv")));
    }

    [Theory, MemberData(nameof(Cases))]
    public void OurOwnMessagesOpen(int index)
    {
        var vector = VectorCases.Get(File, index);
        var proposal = new ProposalContent(Tls.Decode<Proposal>(vector.Hex("proposal")));
        var commit = new CommitContent(Tls.Decode<Commit>(vector.Hex("commit")));
        var application = new ApplicationContent(vector.Hex("application"));
        Assert.Equal(vector.Hex("proposal"), Open(vector, SealPublic(vector, proposal)));
        Assert.Equal(vector.Hex("proposal"), Open(vector, SealPrivate(vector, proposal)));
        Assert.Equal(vector.Hex("commit"), Open(vector, SealPublic(vector, commit)));
        Assert.Equal(vector.Hex("commit"), Open(vector, SealPrivate(vector, commit)));
        Assert.Equal(vector.Hex("application"), Open(vector, SealPrivate(vector, application)));
        Assert.Throws<ArgumentException>(() => SealPublic(vector, application));
    }

    private static byte[] Open(JsonElement vector, byte[] message)
    {
        var suite = vector.Suite();
        SignatureKeyLookup keys = sender => sender == Sender.Member(Leaf) ? vector.Hex("signature_pub") : (ReadOnlyMemory<byte>?)null;
        var decoded = Tls.Decode<MlsMessage>(message);
        Assert.Equal(message, Tls.Encode(decoded));
        var content = decoded.PublicMessage is { } open
            ? open.Unprotect(suite, Context(vector), vector.Secret("membership_key"), keys)
            : decoded.PrivateMessage!.Unprotect(suite, Context(vector), Tree(vector), vector.Secret("sender_data_secret"), keys).Content;
        return content.Content.Content switch
        {
            ProposalContent { Proposal: var proposal } => Tls.Encode(proposal),
            CommitContent { Commit: var commit } => Tls.Encode(commit),
            ApplicationContent { Data: var data } => data.ToArray(),
            _ => throw new InvalidOperationException(),
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
