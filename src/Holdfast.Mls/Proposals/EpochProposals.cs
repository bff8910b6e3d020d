using System.Collections.Immutable;
using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>A proposal sent in this epoch and not committed yet.</summary>
/// <param name="Reference">What a commit calls it by.</param>
/// <param name="Sender">Who proposes it: a member, or somebody outside who may (RFC 9420 §12.1.8).</param>
/// <param name="Proposal">What is proposed.</param>
public sealed record PendingProposal(ProposalReference Reference, Sender Sender, Proposal Proposal)
{
    /// <summary>Our own Update's new leaf key, kept until the Update is committed (RFC 9420 §12.1.2).</summary>
    internal SharedKey? OwnLeafKey { get; init; }
}

/// <summary>The proposals of one epoch, in the order they came; it never changes.</summary>
internal sealed class EpochProposals
{
    private readonly ImmutableList<PendingProposal> _entries;
    private readonly ImmutableDictionary<ProposalReference, PendingProposal> _byReference;   // a commit may refer to very many

    internal EpochProposals(IEnumerable<PendingProposal> entries)
    {
        _entries = [.. entries];
        _byReference = ImmutableDictionary<ProposalReference, PendingProposal>.Empty.SetItems(
            _entries.Select(static entry => KeyValuePair.Create(entry.Reference, entry)));
    }

    private EpochProposals(ImmutableList<PendingProposal> entries, ImmutableDictionary<ProposalReference, PendingProposal> byReference) =>
        (_entries, _byReference) = (entries, byReference);

    internal static EpochProposals None { get; } = new([]);

    internal IReadOnlyList<PendingProposal> Entries => _entries;

    internal PendingProposal? Find(ProposalReference reference) => _byReference.GetValueOrDefault(reference);

    /// <summary>The private key, borrowed, of our own Update to that public key, or null.</summary>
    internal KemKey? OwnLeafKey(ReadOnlyMemory<byte> publicKey) =>
        _entries.Find(entry => entry.OwnLeafKey?.Key.PublicKey.Span.SequenceEqual(publicKey.Span) ?? false)?.OwnLeafKey!.Key;

    /// <summary>The same with one more; a proposal that comes twice is kept once.</summary>
    /// <exception cref="MlsException">There are too many.</exception>
    internal EpochProposals With(PendingProposal entry)
    {
        MlsException.Require(
            _entries.Count < MlsLimits.MaxPendingProposals, MlsError.TooLarge, "more proposals in one epoch than we keep");
        MlsException.Require(
            entry.Sender.Type == SenderType.Member
                || _entries.Count(other => other.Sender.Type != SenderType.Member) < MlsLimits.MaxPendingProposalsFromOutside,
            MlsError.TooLarge,
            "more proposals of outsiders in one epoch than we keep");
        return Find(entry.Reference) is null ? new EpochProposals(_entries.Add(entry), _byReference.Add(entry.Reference, entry)) : this;
    }

    /// <summary>The records that differ between two states, of which the older may be missing.</summary>
    internal static void Compare(EpochProposals? older, EpochProposals newer, RecordChanges changes)
    {
        if (ReferenceEquals(older, newer)) return;
        ImmutableList<PendingProposal> before = older?._entries ?? [], after = newer._entries;
        for (int i = 0; i < Math.Max(before.Count, after.Count); i++)
        {
            PendingProposal? gone = i < before.Count ? before[i] : null, come = i < after.Count ? after[i] : null;
            if (ReferenceEquals(gone, come)) continue;
            changes.Change(
                new RecordKey(RecordType.Proposal, Index: (uint)i),
                gone is null ? null : new ProposalRecord(gone),
                come is null ? null : new ProposalRecord(come));
        }
    }

    /// <summary>Reads the proposals, which must be numbered from 0 on.</summary>
    /// <exception cref="CodecException">A record is damaged or missing.</exception>
    internal static EpochProposals Restore(StateReading records, CipherSuite suite)
    {
        var names = records.Keys(RecordType.Proposal);
        if (names.Length > MlsLimits.MaxPendingProposals) throw new CodecException("group state: more proposals than we keep");
        var entries = new List<PendingProposal>();
        foreach (var name in names)
        {
            if (name.Index != entries.Count) throw new CodecException("group state: a proposal is missing");
            entries.Add(ProposalRecord.Decode(records.Take(name), suite));
        }
        return new EpochProposals(entries);
    }

    /// <summary>Adds an owner to every key inside.</summary>
    internal EpochProposals Hold()
    {
        foreach (var entry in _entries) entry.OwnLeafKey?.Hold();
        return this;
    }

    /// <summary>Takes an owner away from every key inside.</summary>
    internal void Release()
    {
        foreach (var entry in _entries) entry.OwnLeafKey?.Release();
    }

    /// <summary>docs/STATE.md ProposalRecord.</summary>
    private sealed class ProposalRecord(PendingProposal entry) : IStateRecord
    {
        public void EncodeRecord(TlsWriter writer)
        {
            writer.WriteOpaque(entry.Reference.Hash.Span);
            writer.Write(entry.Sender);
            writer.Write(entry.Proposal);
            writer.WriteOpaque(entry.OwnLeafKey is null ? [] : entry.OwnLeafKey.Key.RevealPrivateKey());
        }

        internal static PendingProposal Decode(ReadOnlySpan<byte> record, CipherSuite suite)
        {
            var reader = new TlsReader(record);
            var reference = new ProposalReference(reader.ReadOpaque(MlsLimits.MaxHashSize).ToArray());
            var (sender, proposal) = (Sender.Decode(ref reader), Proposal.Decode(ref reader));
            var ownKey = reader.ReadOpaque(MlsLimits.MaxKeySize);
            reader.ExpectEnd();
            if (!ProposalTable.MaySend(proposal, sender.Type))
                throw new CodecException("group state: a proposal that its sender could not send");
            return new PendingProposal(reference, sender, proposal) { OwnLeafKey = ownKey.IsEmpty ? null : Import(ownKey, suite) };
        }

        private static SharedKey Import(ReadOnlySpan<byte> key, CipherSuite suite)
        {
            try { return new SharedKey(suite.Hpke.Kem.Import(key)); }
            catch (ArgumentException) { throw new CodecException("group state: our own Update's key is no private key"); }
        }
    }
}
