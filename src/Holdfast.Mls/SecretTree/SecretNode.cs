using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §9: one node of the secret tree, in one of three states: sealed while nothing below has been used, opened
/// into its children once something has (its own secret is then consumed), and at a leaf the two ratchets.
/// </summary>
internal abstract class SecretNode : Shared
{
    /// <summary>This subtree without the key asked for, and the key, which the caller releases.</summary>
    internal abstract SecretNode Take(in RatchetRequest request, int height, out MessageKey key);

    /// <summary>A subtree in which nothing has been used; it owns <paramref name="secret"/>.</summary>
    internal static SecretNode Seal(Secret secret) => new Sealed(secret);

    /// <summary>The records that differ between two states of the subtree there, either of which may be missing.</summary>
    internal static void Compare(SecretNode? older, SecretNode? newer, ulong epoch, NodeIndex at, RecordChanges changes)
    {
        if (ReferenceEquals(older, newer)) return;
        changes.Change(new RecordKey(RecordType.SecretNode, epoch, at.Value), older as Sealed, newer as Sealed);
        Ratchets.Compare(older as Ratchets, newer as Ratchets, epoch, at, changes);
        Opened.Compare(older as Opened, newer as Opened, epoch, at, changes);
    }

    /// <summary>Reads the subtree there: what was never used is one record, however large it is.</summary>
    /// <exception cref="CodecException">Its records are damaged, or some are missing.</exception>
    internal static SecretNode Restore(StateReading records, CipherSuite suite, ulong epoch, NodeIndex at)
    {
        if (records.TryTake(new RecordKey(RecordType.SecretNode, epoch, at.Value), out var secret))
            return new Sealed(SecretRecord.Decode(secret, suite.Hkdf.HashSize));
        return at.IsLeaf ? Ratchets.RestoreFrom(records, suite, epoch, at) : Opened.RestoreFrom(records, suite, epoch, at);
    }

    private sealed class Sealed(Secret secret) : SecretNode, IStateRecord
    {
        internal override SecretNode Take(in RatchetRequest request, int height, out MessageKey key)
        {
            Span<byte> onPath = stackalloc byte[request.Suite.Hkdf.HashSize];
            secret.Reveal().CopyTo(onPath);
            try { return TakeBelow(request, height, onPath, out key); }
            finally { CryptographicOperations.ZeroMemory(onPath); }
        }

        public void EncodeRecord(TlsWriter writer) => writer.WriteBytes(secret.Reveal());

        protected override void Wipe() => secret.Dispose();

        /// <summary>
        /// Opens the nodes from here down to the leaf. Their secrets are consumed at once, each in the place of the one before; only what
        /// stays becomes a node.
        /// </summary>
        private static SecretNode TakeBelow(in RatchetRequest request, int height, Span<byte> onPath, out MessageKey key)
        {
            if (height == 0) return Start(request, onPath, out key);
            bool toTheRight = ((request.Leaf.Value >> (height - 1)) & 1) == 1;
            ReadOnlySpan<byte> onward = toTheRight ? "right"u8 : "left"u8, aside = toTheRight ? "left"u8 : "right"u8;
            var beside = new Sealed(request.Suite.ExpandWithLabel(onPath, Labels.Tree, aside, onPath.Length));
            try
            {
                request.Suite.ExpandWithLabel(onPath, Labels.Tree, onward, onPath);
                var next = TakeBelow(request, height - 1, onPath, out key);
                return toTheRight ? new Opened(beside, next) : new Opened(next, beside);
            }
            catch
            {
                beside.Release();
                throw;
            }
        }

        private static SecretNode Start(in RatchetRequest request, ReadOnlySpan<byte> leaf, out MessageKey key)
        {
            var ratchets = new Ratchets(
                Ratchet.Start(request.Suite.ExpandWithLabel(leaf, Labels.Handshake, [], leaf.Length)),
                Ratchet.Start(request.Suite.ExpandWithLabel(leaf, Labels.Application, [], leaf.Length)));
            try { return ratchets.Take(request, 0, out key); }
            finally { ratchets.Release(); }
        }
    }

    private sealed class Opened(SecretNode left, SecretNode right) : SecretNode
    {
        private SecretNode Left => left;

        private SecretNode Right => right;

        internal override SecretNode Take(in RatchetRequest request, int height, out MessageKey key)
        {
            bool toTheRight = ((request.Leaf.Value >> (height - 1)) & 1) == 1;
            var (onPath, beside) = toTheRight ? (right, left) : (left, right);
            var next = onPath.Take(request, height - 1, out key);
            beside.Hold();
            return toTheRight ? new Opened(beside, next) : new Opened(next, beside);
        }

        internal static void Compare(Opened? older, Opened? newer, ulong epoch, NodeIndex at, RecordChanges changes)
        {
            if (older is null && newer is null) return;
            SecretNode.Compare(older?.Left, newer?.Left, epoch, at.Left, changes);
            SecretNode.Compare(older?.Right, newer?.Right, epoch, at.Right, changes);
        }

        internal static Opened RestoreFrom(StateReading records, CipherSuite suite, ulong epoch, NodeIndex at) =>
            new(Restore(records, suite, epoch, at.Left), Restore(records, suite, epoch, at.Right));

        protected override void Wipe()
        {
            left.Release();
            right.Release();
        }
    }

    private sealed class Ratchets(Ratchet handshake, Ratchet application) : SecretNode
    {
        private Ratchet Handshake => handshake;

        private Ratchet Application => application;

        internal override SecretNode Take(in RatchetRequest request, int height, out MessageKey key)
        {
            bool isHandshake = request.Type == RatchetType.Handshake;
            var (used, other) = isHandshake ? (handshake, application) : (application, handshake);
            var next = used.Take(request, out key);
            other.Hold();
            return isHandshake ? new Ratchets(next, other) : new Ratchets(other, next);
        }

        internal static void Compare(Ratchets? older, Ratchets? newer, ulong epoch, NodeIndex at, RecordChanges changes)
        {
            if (older is null && newer is null) return;
            var key = new RecordKey(RecordType.Ratchet, epoch, at.Leaf.Value);
            Ratchet.Compare(older?.Handshake, newer?.Handshake, key with { Ratchet = RatchetType.Handshake }, changes);
            Ratchet.Compare(older?.Application, newer?.Application, key with { Ratchet = RatchetType.Application }, changes);
        }

        internal static Ratchets RestoreFrom(StateReading records, CipherSuite suite, ulong epoch, NodeIndex at)
        {
            var key = new RecordKey(RecordType.Ratchet, epoch, at.Leaf.Value);
            return new Ratchets(
                Ratchet.Restore(records, suite, key with { Ratchet = RatchetType.Handshake }),
                Ratchet.Restore(records, suite, key with { Ratchet = RatchetType.Application }));
        }

        protected override void Wipe()
        {
            handshake.Release();
            application.Release();
        }
    }
}
