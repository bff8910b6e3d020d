using System.Text.Json;
using Holdfast.Cryptography;

namespace Holdfast.Mls.Tests;

/// <summary>The working group's test vectors, read where they lie; without HOLDFAST_VECTORS the test is skipped.</summary>
internal static class Vectors
{
    internal static List<JsonElement> Read(string name) => [.. Holdfast.Tests.Vectors.Json($"mls/{name}.json").EnumerateArray()];

    /// <summary>The cases of suites that this build knows, each with its suite.</summary>
    internal static List<(CipherSuite Suite, JsonElement Case)> ReadForKnownSuites(string name) =>
        [.. from vector in Read(name)
            let suite = CipherSuite.Find(vector.GetProperty("cipher_suite").GetUInt16())
            where suite is not null
            select (suite, vector)];

    internal static byte[] Hex(this JsonElement element, string property) => element.GetProperty(property).Hex();

    internal static byte[] Hex(this JsonElement element) => Convert.FromHexString(element.GetString()!);
}
