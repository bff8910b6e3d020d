using System.Text.Json;

namespace Holdfast.Mls.Vectors;

/// <summary>RFC 9420 §8.4: pre-shared keys chain to one secret.</summary>
internal static class PskSecrets
{
    internal static void Verify(JsonElement vector)
    {
        PreSharedKey[] keys =
        [
            .. from psk in vector.Items("psks")
               select new PreSharedKey(new ExternalPskId(psk.Hex("psk_id"), psk.Hex("psk_nonce")), psk.Secret("psk")),
        ];
        using var secret = PskSecret.Compute(vector.Suite(), keys);
        Expect.Same("psk_secret", vector.Hex("psk_secret"), secret.Reveal());
    }
}
