using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §6: a message's content with what authenticates it, before or after protection.</summary>
public sealed record AuthenticatedContent(WireFormat WireFormat, FramedContent Content, FramedContentAuthData Auth)
    : ITlsStruct<AuthenticatedContent>
{
    /// <summary>
    /// RFC 9420 §6.1: signs content; a commit still lacks its confirmation tag. Outsiders who only propose sign no context.
    /// </summary>
    /// <exception cref="ArgumentException">RFC 9420 §6: the content may not be sent by this sender in this form.</exception>
    public static AuthenticatedContent Sign(
        CipherSuite suite, WireFormat wireFormat, FramedContent content, GroupContext? context, SignatureKey key)
    {
        if (SenderRules.Violation(wireFormat, content) is { } rule) throw new ArgumentException(rule, nameof(content));
        using var tbs = new TlsWriter();
        FramedContentTbs.Encode(tbs, wireFormat, content, context);
        var signature = suite.SignWithLabel(key, Labels.FramedContent, tbs.Written);
        return new AuthenticatedContent(wireFormat, content, new FramedContentAuthData(signature));
    }

    /// <summary>RFC 9420 §6.1: the same commit with its confirmation tag.</summary>
    public AuthenticatedContent WithConfirmationTag(ReadOnlyMemory<byte> tag) => this with { Auth = Auth with { ConfirmationTag = tag } };

    /// <summary>RFC 9420 §5.2 ProposalRef: by what commits name the proposal that this is.</summary>
    internal ProposalReference Reference(CipherSuite suite) => new(suite.RefHash(Labels.ProposalReference, Tls.Encode(this)));

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteUInt16((ushort)WireFormat);
        writer.Write(Content);
        Auth.Encode(writer, Content.Content.Type);
    }

    /// <inheritdoc/>
    public static AuthenticatedContent Decode(ref TlsReader reader)
    {
        var wireFormat = (WireFormat)reader.ReadUInt16();
        if (wireFormat is not (WireFormat.PublicMessage or WireFormat.PrivateMessage))
            throw new CodecException("RFC 9420 §6: content is framed as a public or a private message");
        var content = FramedContent.Decode(ref reader);
        return new AuthenticatedContent(wireFormat, content, FramedContentAuthData.Decode(ref reader, content.Content.Type));
    }

    /// <summary>RFC 9420 §6.1: checks the signature.</summary>
    /// <exception cref="MlsException">It is not the key's signature of this content in this epoch.</exception>
    internal void CheckSignature(CipherSuite suite, GroupContext context, ReadOnlyMemory<byte> signatureKey)
    {
        using var tbs = new TlsWriter();
        FramedContentTbs.Encode(tbs, WireFormat, Content, context);
        MlsException.Require(
            suite.VerifyWithLabel(signatureKey.Span, Labels.FramedContent, tbs.Written, Auth.Signature.Span),
            MlsError.InvalidSignature,
            "RFC 9420 §6.1: the message's signature does not verify");
    }
}
