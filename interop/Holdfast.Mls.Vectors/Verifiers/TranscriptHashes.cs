using System.Text.Json;
using Holdfast.Codec;

namespace Holdfast.Mls.Vectors;

/// <summary>RFC 9420 §8.2: a commit moves both transcript hashes.</summary>
internal static class TranscriptHashes
{
    internal static void Verify(JsonElement vector)
    {
        var suite = vector.Suite();
        byte[] encoded = vector.Hex("authenticated_content");
        var commit = Tls.Decode<AuthenticatedContent>(encoded);
        Expect.Same("authenticated_content", encoded, Tls.Encode(commit));
        var tag = commit.Auth.ConfirmationTag ?? throw new VectorMismatchException("a commit without a confirmation tag");

        byte[] confirmed = TranscriptHash.Confirmed(suite, vector.Hex("interim_transcript_hash_before"), commit);
        Expect.Same("confirmed_transcript_hash_after", vector.Hex("confirmed_transcript_hash_after"), confirmed);
        Expect.Holds("the confirmation tag verifies", suite.Hkdf.VerifyMac(vector.Hex("confirmation_key"), confirmed, tag.Span));
        Expect.Same(
            "interim_transcript_hash_after",
            vector.Hex("interim_transcript_hash_after"),
            TranscriptHash.Interim(suite, confirmed, tag.Span));
    }
}
