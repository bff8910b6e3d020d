using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §9: what nobody has used yet below one node of a secret tree: all of it while the node is sealed; once something below was
/// opened (the node's own secret is then consumed), what is left on either side. Where nothing is left there is no node. The exporter
/// tree of draft-ietf-mls-extensions is made alike.
/// </summary>
internal abstract class SecretNode : Shared
{
    /// <summary>Opens a leaf, unless it was opened before.</summary>
    /// <param name="suite">The group's suite.</param>
    /// <param name="leaf">A leaf below this node.</param>
    /// <param name="height">How many levels the leaf is below.</param>
    /// <param name="leafSecret">Room for the secret, of the hash's size; it is the caller's to wipe.</param>
    /// <param name="rest">What is left here, which the caller owns.</param>
    internal abstract bool TryOpen(CipherSuite suite, LeafIndex leaf, int height, Span<byte> leafSecret, out SecretNode? rest);

    /// <summary>A subtree in which nothing has been used; it owns <paramref name="secret"/>.</summary>
    internal static SecretNode Seal(Secret secret) => new Sealed(secret);

    /// <summary>The records that differ between two states of the subtree there, either of which may be missing.</summary>
    internal static void Compare(SecretNode? older, SecretNode? newer, ulong epoch, NodeIndex at, RecordChanges changes)
    {
        if (ReferenceEquals(older, newer)) return;
        changes.Change(new RecordKey(RecordType.SecretNode, epoch, at.Value), older as Sealed, newer as Sealed);
        var (before, after) = (older as Opened, newer as Opened);
        if (before is null && after is null) return;
        Compare(before?.Left, after?.Left, epoch, at.Left, changes);
        Compare(before?.Right, after?.Right, epoch, at.Right, changes);
    }

    /// <summary>
    /// Reads the subtree there: what was never used is one record, however large it is. The leaves without one have been opened: their
    /// ratchets are put into <paramref name="ratchets"/>.
    /// </summary>
    /// <exception cref="CodecException">Its records are damaged, or some are missing.</exception>
    internal static SecretNode? Restore(StateReading records, CipherSuite suite, ulong epoch, NodeIndex at, List<LeafRatchets> ratchets)
    {
        if (records.TryTake(new RecordKey(RecordType.SecretNode, epoch, at.Value), out var secret))
            return new Sealed(SecretRecord.Decode(secret, suite.Hkdf.HashSize));
        if (at.IsLeaf)
        {
            ratchets.Add(LeafRatchets.Restore(records, suite, epoch, at.Leaf));
            return null;
        }
        return Opened.Of(Restore(records, suite, epoch, at.Left, ratchets), Restore(records, suite, epoch, at.Right, ratchets));
    }

    /// <summary>A subtree in which nothing has been used; it owns its secret.</summary>
    internal sealed class Sealed(Secret secret) : SecretNode, IStateRecord
    {
        internal override bool TryOpen(CipherSuite suite, LeafIndex leaf, int height, Span<byte> leafSecret, out SecretNode? rest)
        {
            secret.Reveal().CopyTo(leafSecret);
            rest = Below(suite, leaf, height, leafSecret);
            return true;
        }

        public void EncodeRecord(TlsWriter writer) => writer.WriteBytes(secret.Reveal());

        protected override void Wipe() => secret.Dispose();

        /// <summary>
        /// The secrets on the way to the leaf are consumed at once, each in the place of the one before: only what stays is a node.
        /// </summary>
        private static Opened? Below(CipherSuite suite, LeafIndex leaf, int height, Span<byte> onPath)
        {
            if (height == 0) return null;
            bool toTheRight = ((leaf.Value >> (height - 1)) & 1) == 1;
            ReadOnlySpan<byte> onward = toTheRight ? "right"u8 : "left"u8, aside = toTheRight ? "left"u8 : "right"u8;
            var beside = new Sealed(suite.ExpandWithLabel(onPath, Labels.Tree, aside, onPath.Length));
            suite.ExpandWithLabel(onPath, Labels.Tree, onward, onPath);
            var below = Below(suite, leaf, height - 1, onPath);
            return toTheRight ? new Opened(beside, below) : new Opened(below, beside);
        }
    }

    /// <summary>A subtree in which something has been used; it owns its children.</summary>
    internal sealed class Opened(SecretNode? left, SecretNode? right) : SecretNode
    {
        internal SecretNode? Left => left;

        internal SecretNode? Right => right;

        internal static Opened? Of(SecretNode? left, SecretNode? right) => left is null && right is null ? null : new Opened(left, right);

        internal override bool TryOpen(CipherSuite suite, LeafIndex leaf, int height, Span<byte> leafSecret, out SecretNode? rest)
        {
            rest = null;
            bool toTheRight = ((leaf.Value >> (height - 1)) & 1) == 1;
            var (onPath, beside) = toTheRight ? (right, left) : (left, right);
            if (onPath is null || !onPath.TryOpen(suite, leaf, height - 1, leafSecret, out var below)) return false;
            beside?.Hold();
            rest = toTheRight ? Of(beside, below) : Of(below, beside);
            return true;
        }

        protected override void Wipe()
        {
            left?.Release();
            right?.Release();
        }
    }
}
