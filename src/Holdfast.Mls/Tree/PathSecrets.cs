using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §7.4: one secret for each node of a path, each derived from the one below it, and the commit secret above all.
/// </summary>
internal sealed class PathSecrets : IDisposable
{
    private readonly CipherSuite _suite;
    private readonly List<Secret> _secrets = [];

    private PathSecrets(CipherSuite suite, IReadOnlyList<NodeIndex> nodes) => (_suite, Nodes) = (suite, nodes);

    /// <summary>The nodes, from the leaf upwards.</summary>
    internal IReadOnlyList<NodeIndex> Nodes { get; }

    internal Secret this[int step] => _secrets[step];

    /// <summary>All secrets from the lowest, which is copied.</summary>
    /// <exception cref="MlsException">RFC 9420 §7.4: the secret has not the hash's size.</exception>
    internal static PathSecrets From(CipherSuite suite, Secret lowest, IReadOnlyList<NodeIndex> nodes)
    {
        MlsException.Require(
            lowest.Length == suite.Hkdf.HashSize, MlsError.InvalidPathSecret, "RFC 9420 §7.4: a path secret has the hash's size");
        var path = new PathSecrets(suite, nodes);
        path._secrets.Add(Secret.CopyOf(lowest.Reveal()));
        for (int i = 0; i < nodes.Count; i++) path._secrets.Add(suite.DeriveSecret(path._secrets[i], Labels.Path));
        return path;
    }

    /// <summary>RFC 9420 §7.4: <c>node_priv[n], node_pub[n]</c>.</summary>
    internal KemKey DeriveKey(int step)
    {
        using var nodeSecret = _suite.DeriveSecret(_secrets[step], Labels.Node);
        return _suite.Hpke.Kem.DeriveKeyPair(nodeSecret.Reveal());
    }

    /// <summary>RFC 9420 §12.4.2: the secret after the last, a copy that the caller owns.</summary>
    internal Secret CommitSecret() => Secret.CopyOf(_secrets[^1].Reveal());

    public void Dispose()
    {
        foreach (var secret in _secrets) secret.Dispose();
    }
}
