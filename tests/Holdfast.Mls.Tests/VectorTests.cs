using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Holdfast.Mls.Vectors;
using Holdfast.Tests;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>
/// The working group's test vectors, each case a test; <c>holdfast-mls-interop vectors</c> verifies them by the same code.
/// </summary>
public sealed class VectorTests
{
    private const string Variable = "HOLDFAST_VECTORS";

    private static readonly ConcurrentDictionary<string, VectorFile> Read = new();

    /// <summary>Every file, its format, and how many cases it was published with.</summary>
    private static readonly (string File, string Format, int Cases)[] Published =
    [
        ("crypto-basics", "crypto-basics", 7),
        ("deserialization", "deserialization", 14),
        ("key-schedule", "key-schedule", 7),
        ("message-protection", "message-protection", 7),
        ("messages", "messages", 300),
        ("passive-client-handling-commit", "passive-client", 7 * 13),
        ("passive-client-random", "passive-client", 1),
        ("passive-client-welcome", "passive-client", 7 * 8),
        ("psk_secret", "psk_secret", 7 * 11),
        ("secret-tree", "secret-tree", 7 * 3),
        ("transcript-hashes", "transcript-hashes", 7),
        ("tree-math", "tree-math", 10),
        ("tree-operations", "tree-operations", 5),
        ("tree-validation", "tree-validation", 7 * 14),
        ("treekem", "treekem", 7 * 11),
        ("welcome", "welcome", 7),
    ];

    public static IEnumerable<TheoryDataRow<string>> Files => Published.Select(entry => Row(entry.File));

    public static IEnumerable<TheoryDataRow<string, int>> Cases =>
        from entry in Published
        from index in Enumerable.Range(0, Folder is null ? 1 : entry.Cases)
        select new TheoryDataRow<string, int>(entry.File, index) { Skip = WhySkipped };

    private static string? Folder => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? folder : null;

    private static string? WhySkipped => Folder is null ? $"{Variable} is not set: no test vectors" : null;

    /// <summary>
    /// A path of our own takes as long as a published one, and is the same code in every suite: more than one in long runs only.
    /// </summary>
    [Theory, MemberData(nameof(Cases))]
    public void EveryCaseHolds(string file, int index)
    {
        var vectors = Load(file);
        var outcome = vectors.Verify(index);
        if (outcome.Verdict == VectorVerdict.Passed && (vectors.SuiteOf(index) is null or 1 || LongRun.IsWanted))
            outcome = vectors.VerifyOurs(index);
        Assert.True(outcome.Verdict == VectorVerdict.Passed, outcome.Why);
    }

    [Theory, MemberData(nameof(Files))]
    public void AFileIsOfItsFormatAndHasAllItsCases(string file)
    {
        var (_, format, cases) = Assert.Single(Published, entry => entry.File == file);
        Assert.Equal((format, cases), (Load(file).Format.Name, Load(file).Count));
    }

    /// <summary>
    /// Mutation: whichever value of a case is changed in its last digit, the case fails. Where a case has more than forty values, some of
    /// them, spread over the case: eight in a long run, three otherwise.
    /// </summary>
    [Theory, MemberData(nameof(Files))]
    public void ADamagedCaseFails(string file)
    {
        string published = JsonNode.Parse(Bytes(file))![0]!.ToJsonString();
        int values = VectorDamage.Places(JsonNode.Parse(published)!, file).Count;
        Assert.NotEqual(0, values);
        int spread = LongRun.IsWanted ? 8 : 3;
        foreach (int value in Enumerable.Range(0, values).Where(value => values <= 40 || value % (values / spread) == 0))
        {
            var damaged = JsonNode.Parse(published)!;
            string place = VectorDamage.Damage(damaged, file, value);
            var outcome = VectorFile.Parse(System.Text.Encoding.UTF8.GetBytes($"[{damaged.ToJsonString()}]")).Verify(0);
            Assert.True(outcome.Verdict == VectorVerdict.Failed, $"{place} was changed and nothing noticed");
            Assert.False(string.IsNullOrEmpty(outcome.Why));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("[1]")]
    [InlineData("[{\"no such\":1}]")]
    public void WhatIsInNoFormatIsRefused(string json) =>
        Assert.Throws<InvalidDataException>(() => VectorFile.Parse(System.Text.Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void ACaseOfAnUnknownSuiteIsSkippedAndSaysSo()
    {
        var outcome = VectorFile.Parse("[{\"cipher_suite\":61440,\"psks\":[]}]"u8.ToArray()).Verify(0);
        Assert.Equal(VectorVerdict.Skipped, outcome.Verdict);
        Assert.Contains("61440", outcome.Why, StringComparison.Ordinal);
    }

    private static TheoryDataRow<string> Row(string file) => new(file) { Skip = WhySkipped };

    private static VectorFile Load(string file) => Read.GetOrAdd(file, static name => VectorFile.Parse(Bytes(name)));

    private static byte[] Bytes(string file) => File.ReadAllBytes(Path.Combine(Folder!, "mls", file + ".json"));
}
