using System.Text.Json;
using Holdfast.Cryptography;

namespace Holdfast.Mls.Vectors;

/// <summary>The fields of a case.</summary>
internal static class Fields
{
    internal static CipherSuite Suite(this JsonElement vector) => CipherSuite.Find(vector.GetProperty("cipher_suite").GetUInt16())!;

    internal static byte[] Hex(this JsonElement element, string member) => element.GetProperty(member).Hex();

    internal static byte[] Hex(this JsonElement element) => Convert.FromHexString(element.GetString()!);

    internal static Secret Secret(this JsonElement element, string member) => Cryptography.Secret.CopyOf(element.Hex(member));

    internal static string Text(this JsonElement element, string member) => element.GetProperty(member).GetString()!;

    internal static uint UInt32(this JsonElement element, string member) => element.GetProperty(member).GetUInt32();

    internal static int Int32(this JsonElement element, string member) => element.GetProperty(member).GetInt32();

    internal static JsonElement.ArrayEnumerator Items(this JsonElement element, string member) =>
        element.GetProperty(member).EnumerateArray();
}
