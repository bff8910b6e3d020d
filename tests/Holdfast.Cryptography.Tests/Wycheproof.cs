using System.Text.Json;
using Holdfast.Tests;
using Xunit;

namespace Holdfast.Cryptography.Tests;

/// <summary>One file of Project Wycheproof: every case is judged, and how many ended how is written to the test's output.</summary>
internal static class Wycheproof
{
    /// <summary>Has <paramref name="judge"/> assert on each case and say in a word or two what it was.</summary>
    internal static void ForEachCase(string file, Func<WycheproofCase, string> judge)
    {
        var root = Vectors.Json($"wycheproof/{file}_test.json");
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var group in root.GetProperty("testGroups").EnumerateArray())
        {
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                string verdict = judge(new WycheproofCase(file, group, test));
                counts[verdict] = counts.GetValueOrDefault(verdict) + 1;
            }
        }
        int total = counts.Values.Sum();
        Assert.Equal(root.GetProperty("numberOfTests").GetInt32(), total);
        Assert.NotEqual(0, total);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{file}: {total} cases: {string.Join(", ", counts.Select(count => $"{count.Value} {count.Key}"))}");
    }
}

/// <summary>One case and the group it stands in.</summary>
internal sealed record WycheproofCase(string File, JsonElement Group, JsonElement Test)
{
    /// <summary>Whether the case must be accepted; "acceptable" counts as neither.</summary>
    internal bool IsValid => Result == "valid";

    /// <summary>"valid", "invalid" or "acceptable".</summary>
    internal string Result => Test.GetProperty("result").GetString()!;

    /// <summary>What the case is about, which not every file says.</summary>
    private string Comment => Test.TryGetProperty("comment", out var comment) ? comment.GetString()! : Test.GetProperty("flags").ToString();

    /// <summary>The bytes of one of the case's members.</summary>
    internal byte[] this[string member] => Test.Hex(member);

    /// <summary>Asserts, naming the case where it fails.</summary>
    internal void Assert(bool condition, string what) => Xunit.Assert.True(
        condition, $"{File} case {Test.GetProperty("tcId").GetInt32()} ({Result}): {what}; {Comment}");

    /// <summary>Asserts that a caller's wrong argument is thrown back, naming the case where it is not.</summary>
    internal void AssertArgumentRefused(Action action) =>
        Assert(Record.Exception(action) is ArgumentException, "must be refused as a wrong argument");
}
