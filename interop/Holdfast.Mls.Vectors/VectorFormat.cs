using System.Text.Json;

namespace Holdfast.Mls.Vectors;

/// <summary>One of the formats of the working group's <c>test-vectors.md</c>.</summary>
public sealed class VectorFormat
{
    private static readonly VectorFormat[] Known =
    [
        new("crypto-basics", "ref_hash", CryptoBasics.Verify),
        new("deserialization", "vlbytes_header", Deserialization.Verify),
        new("key-schedule", "initial_init_secret", KeyScheduleVectors.Verify),
        new("message-protection", "proposal_pub", MessageProtection.Verify),
        new("messages", "mls_welcome", Messages.Verify),
        new("passive-client", "initial_epoch_authenticator", PassiveClient.Verify),
        new("psk_secret", "psks", PskSecrets.Verify),
        new("secret-tree", "sender_data", SecretTrees.Verify),
        new("transcript-hashes", "interim_transcript_hash_before", TranscriptHashes.Verify),
        new("tree-math", "n_leaves", TreeMathVectors.Verify),
        new("tree-operations", "tree_before", TreeOperations.Verify),
        new("tree-validation", "resolutions", TreeValidation.Verify),
        new("treekem", "leaves_private", TreeKem.Verify, TreeKem.VerifyOurs),
        new("welcome", "signer_pub", Welcomes.Verify),
    ];

    private readonly string _member;
    private readonly Action<JsonElement> _verify;
    private readonly Action<JsonElement>? _verifyOurs;

    private VectorFormat(string name, string member, Action<JsonElement> verify, Action<JsonElement>? verifyOurs = null) =>
        (Name, _member, _verify, _verifyOurs) = (name, member, verify, verifyOurs);

    /// <summary>Every format there is.</summary>
    public static IReadOnlyList<VectorFormat> All => Known;

    /// <summary>The format's name; the three files of passive clients share one.</summary>
    public string Name { get; }

    /// <summary>Throws where the case does not hold.</summary>
    internal void Verify(JsonElement vector) => _verify(vector);

    /// <summary>Throws where what we make ourselves, from where the case begins, does not hold.</summary>
    internal void VerifyOurs(JsonElement vector) => _verifyOurs?.Invoke(vector);

    /// <summary>The format of a case, by a member that no other format has.</summary>
    /// <exception cref="InvalidDataException">It is none that we know.</exception>
    internal static VectorFormat Recognise(JsonElement vector) =>
        (vector.ValueKind == JsonValueKind.Object ? Array.Find(Known, format => vector.TryGetProperty(format._member, out _)) : null)
        ?? throw new InvalidDataException("in no format of the working group's test vectors");
}
