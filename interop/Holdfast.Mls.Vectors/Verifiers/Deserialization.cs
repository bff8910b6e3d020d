using System.Text.Json;
using Holdfast.Codec;

namespace Holdfast.Mls.Vectors;

/// <summary>RFC 9420 §2.1.2: lengths of variable size.</summary>
internal static class Deserialization
{
    internal static void Verify(JsonElement vector)
    {
        var reader = new TlsReader(vector.Hex("vlbytes_header"));
        Expect.Equal("length", vector.Int32("length"), reader.ReadLength());
        reader.ExpectEnd();
    }
}
