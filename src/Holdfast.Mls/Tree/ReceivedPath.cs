using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §7.5: what a member gets out of another's path.</summary>
public sealed class ReceivedPath : IDisposable
{
    private ReceivedPath(TreePrivateKeys keys, Secret commitSecret) => (Keys, CommitSecret) = (keys, commitSecret);

    /// <summary>The member's private keys in the new tree; who keeps them makes a <see cref="TreePrivateKeys.Copy"/>.</summary>
    public TreePrivateKeys Keys { get; }

    /// <summary>RFC 9420 §12.4.2: what the path brings into the key schedule.</summary>
    public Secret CommitSecret { get; }

    /// <summary>RFC 9420 §7.5: decrypts the path secret that is meant for us and derives all above it.</summary>
    /// <param name="before">The tree with the commit's proposals applied.</param>
    /// <param name="after">
    /// The same with the path merged (<see cref="RatchetTree.Merge"/>), which has checked all that everybody can.
    /// </param>
    /// <param name="sender">The committer's leaf.</param>
    /// <param name="path">The path.</param>
    /// <param name="keys">Our private keys.</param>
    /// <param name="groupContext">The encoded provisional context, with the new tree's hash.</param>
    /// <param name="added">The leaves that the same commit added.</param>
    /// <exception cref="MlsException">
    /// <see cref="MlsError.InvalidPathSecret"/>: what was meant for us is bad; others may be well.
    /// </exception>
    public static ReceivedPath Open(
        RatchetTree before,
        RatchetTree after,
        LeafIndex sender,
        UpdatePath path,
        TreePrivateKeys keys,
        ReadOnlySpan<byte> groupContext,
        IReadOnlySet<LeafIndex> added)
    {
        var steps = before.FilteredDirectPath(sender);
        int first = FirstCommonStep(steps, keys.OwnLeaf);
        using var current = keys.For(before);
        using var pathSecret = Decrypt(before, path.Nodes[first], steps[first], current, groupContext, added);
        using var secrets = PathSecrets.From(before.Suite, pathSecret, [.. steps.Skip(first).Select(step => step.Node)]);
        var next = current.For(after);
        try
        {
            next.Put(secrets, after);
        }
        catch
        {
            next.Dispose();
            throw;
        }
        return new ReceivedPath(next, secrets.CommitSecret());
    }

    /// <summary>Wipes the keys and the secret.</summary>
    public void Dispose()
    {
        Keys.Dispose();
        CommitSecret.Dispose();
    }

    /// <summary>RFC 9420 §7.5: the node of the path for which we are below the copath child.</summary>
    private static int FirstCommonStep(IReadOnlyList<PathStep> steps, LeafIndex own)
    {
        for (int i = 0; i < steps.Count; i++)
        {
            if (steps[i].Copath.Covers(own.Node)) return i;
        }
        throw new ArgumentException("the path is our own", nameof(own));
    }

    private static Secret Decrypt(
        RatchetTree tree,
        UpdatePathNode node,
        PathStep step,
        TreePrivateKeys keys,
        ReadOnlySpan<byte> groupContext,
        IReadOnlySet<LeafIndex> added)
    {
        var recipients = tree.Recipients(step.Copath, added);
        for (int i = 0; i < recipients.Count; i++)
        {
            if (!keys.Has(recipients[i])) continue;
            using var key = keys.Open(recipients[i]);
            var sealedSecret = node.EncryptedPathSecret[i];
            var secret = tree.Suite.DecryptWithLabel(
                key, Labels.UpdatePathNode, groupContext, sealedSecret.KemOutput.Span, sealedSecret.Ciphertext.Span);
            return secret ?? throw new MlsException(MlsError.InvalidPathSecret, "RFC 9420 §7.5: the path secret does not decrypt");
        }
        throw new MlsException(MlsError.InvalidPathSecret, "RFC 9420 §7.5: no private key for any node the path secret is encrypted to");
    }
}
