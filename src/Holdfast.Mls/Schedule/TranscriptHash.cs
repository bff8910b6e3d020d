using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §8.2: the running hash over all commits.</summary>
public static class TranscriptHash
{
    /// <summary>RFC 9420 §8.2: the hash before a group's first commit.</summary>
    public static ReadOnlyMemory<byte> Initial => default;

    /// <summary>The hash that a commit's confirmation tag covers.</summary>
    /// <param name="suite">The group's suite.</param>
    /// <param name="interim">The interim hash of the epoch the commit was sent in.</param>
    /// <param name="commit">The commit, which need not have its confirmation tag yet.</param>
    public static byte[] Confirmed(CipherSuite suite, ReadOnlySpan<byte> interim, AuthenticatedContent commit)
    {
        if (commit.Content.Content.Type != ContentType.Commit)
            throw new ArgumentException("RFC 9420 §8.2: only commits are in the transcript", nameof(commit));
        using var input = new TlsWriter();
        input.WriteBytes(interim);
        input.WriteUInt16((ushort)commit.WireFormat);
        input.Write(commit.Content);
        input.WriteOpaque(commit.Auth.Signature.Span);
        return suite.Hkdf.Hash(input.Written);
    }

    /// <summary>The hash that the next commit starts from.</summary>
    public static byte[] Interim(CipherSuite suite, ReadOnlySpan<byte> confirmed, ReadOnlySpan<byte> confirmationTag)
    {
        using var input = new TlsWriter();
        input.WriteBytes(confirmed);
        input.WriteOpaque(confirmationTag);
        return suite.Hkdf.Hash(input.Written);
    }
}
