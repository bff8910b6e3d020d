using System.Text;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §8.3: how somebody outside the group chooses the init secret of the epoch they join in.</summary>
public static class ExternalInit
{
    /// <summary>The joiner's side: the init secret, or null for an external key that contributes nothing.</summary>
    /// <param name="suite">The group's suite.</param>
    /// <param name="externalPublicKey">From the group info's external_pub extension.</param>
    /// <param name="random">The source of the ephemeral key.</param>
    /// <param name="kemOutput">What the ExternalInit proposal carries.</param>
    public static Secret? Create(CipherSuite suite, ReadOnlySpan<byte> externalPublicKey, RandomSource random, out byte[] kemOutput)
    {
        using var context = suite.Hpke.SetupSender(externalPublicKey, [], random, out kemOutput);
        return context?.Export(Encoding.UTF8.GetBytes(Labels.ExternalInit), suite.Hkdf.HashSize);
    }

    /// <summary>The members' side: the init secret, or null for an output that is malformed.</summary>
    public static Secret? Process(CipherSuite suite, KemKey externalKeyPair, ReadOnlySpan<byte> kemOutput)
    {
        using var context = suite.Hpke.SetupReceiver(externalKeyPair, kemOutput, []);
        return context?.Export(Encoding.UTF8.GetBytes(Labels.ExternalInit), suite.Hkdf.HashSize);
    }
}
