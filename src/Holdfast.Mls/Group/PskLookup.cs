using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §8.4: the pre-shared keys that a commit or Welcome names.</summary>
internal static class PskLookup
{
    /// <summary>The psk_secret of those keys, in their order.</summary>
    /// <exception cref="MlsException">We do not have one of them.</exception>
    internal static Secret Secret(CipherSuite suite, IReadOnlyList<PreSharedKeyId> ids, PskSource find) =>
        PskSecret.Compute(suite, [.. ids.Select(id => new PreSharedKey(id, find(id) ?? throw Missing()))]);

    private static MlsException Missing() =>
        new(MlsError.UnknownPsk, "RFC 9420 §12.4.2: a pre-shared key that is needed is not to be had");
}
