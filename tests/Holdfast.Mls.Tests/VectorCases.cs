using System.Collections.Concurrent;
using System.Text.Json;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>One test per case of a vector file: of the suites this build knows, or of all where a file names none.</summary>
internal static class VectorCases
{
    private static readonly ConcurrentDictionary<string, IReadOnlyList<JsonElement>> Files = new();

    internal static IEnumerable<TheoryDataRow<int>> Of(string name)
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("HOLDFAST_VECTORS")))
            return [new TheoryDataRow<int>(0) { Skip = "HOLDFAST_VECTORS is not set" }];
        return Enumerable.Range(0, Known(name).Count).Select(index => new TheoryDataRow<int>(index));
    }

    internal static JsonElement Get(string name, int index) => Known(name)[index];

    internal static CipherSuite Suite(this JsonElement vector) => CipherSuite.Find(vector.GetProperty("cipher_suite").GetUInt16())!;

    internal static Secret Secret(this JsonElement element, string property) => Cryptography.Secret.CopyOf(element.Hex(property));

    internal static string Text(this JsonElement element, string property) => element.GetProperty(property).GetString()!;

    private static IReadOnlyList<JsonElement> Known(string name) => Files.GetOrAdd(name, static file =>
        [.. Vectors.Read(file).Where(vector => !vector.TryGetProperty("cipher_suite", out _) || vector.Suite() is not null)]);
}
