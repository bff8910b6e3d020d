using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §12.4.3.1: what a new member needs to compute the epoch. It owns its secrets; encode it into a writer that is disposed.
/// </summary>
/// <param name="joinerSecret">The epoch's joiner secret.</param>
/// <param name="pathSecret">The path secret at the lowest common ancestor with the committer, if the commit had a path.</param>
/// <param name="preSharedKeys">The pre-shared keys mixed into the epoch.</param>
public sealed class GroupSecrets(Secret joinerSecret, Secret? pathSecret, IReadOnlyList<PreSharedKeyId> preSharedKeys)
    : ITlsStruct<GroupSecrets>, IDisposable
{
    /// <summary>The epoch's joiner secret.</summary>
    public Secret JoinerSecret { get; } = joinerSecret;

    /// <summary>The path secret at the lowest common ancestor with the committer, if the commit had a path.</summary>
    public Secret? PathSecret { get; } = pathSecret;

    /// <summary>The pre-shared keys mixed into the epoch, in their order.</summary>
    public IReadOnlyList<PreSharedKeyId> PreSharedKeys { get; } = preSharedKeys;

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteOpaque(JoinerSecret.Reveal());
        writer.WritePresence(PathSecret is not null);
        if (PathSecret is not null) writer.WriteOpaque(PathSecret.Reveal());
        writer.WriteVector(PreSharedKeys);
    }

    /// <inheritdoc/>
    public static GroupSecrets Decode(ref TlsReader reader)
    {
        var joinerSecret = reader.ReadOpaque(MlsLimits.MaxHashSize);
        bool hasPath = reader.ReadPresence();
        var pathSecret = hasPath ? reader.ReadOpaque(MlsLimits.MaxHashSize) : default;
        var psks = reader.ReadVector<PreSharedKeyId>(MlsLimits.MaxPreSharedKeys);
        reader.ExpectEnd();   // copied is only what is whole: nothing is left behind to be wiped
        return new GroupSecrets(Secret.CopyOf(joinerSecret), hasPath ? Secret.CopyOf(pathSecret) : null, psks);
    }

    /// <summary>Wipes the secrets.</summary>
    public void Dispose()
    {
        JoinerSecret.Dispose();
        PathSecret?.Dispose();
    }

    /// <summary>The kind of structure, never its content.</summary>
    public override string ToString() => nameof(GroupSecrets);
}
