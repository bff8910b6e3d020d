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

    internal EpochProposals(IEnumerable<PendingProposal> entries) => _entries = [.. entries];

    internal static EpochProposals None { get; } = new([]);

    internal IReadOnlyList<PendingProposal> Entries => _entries;

    internal PendingProposal? Find(ProposalReference reference) =>
        _entries.Find(entry => entry.Reference.Equals(reference));

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
        return new EpochProposals(Find(entry.Reference) is null ? _entries.Add(entry) : _entries);
    }

    internal void Encode(TlsWriter writer) => writer.WriteVector(_entries, static (output, entry) =>
    {
        output.WriteOpaque(entry.Reference.Hash.Span);
        output.Write(entry.Sender);
        output.Write(entry.Proposal);
        output.WriteOpaque(entry.OwnLeafKey is null ? [] : entry.OwnLeafKey.Key.RevealPrivateKey());
    });

    internal static EpochProposals Decode(ref TlsReader reader, CipherSuite suite) =>
        new(reader.ReadVector((ref TlsReader input) => DecodeEntry(ref input, suite), MlsLimits.MaxPendingProposals));

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

    private static PendingProposal DecodeEntry(ref TlsReader reader, CipherSuite suite)
    {
        var reference = new ProposalReference(reader.ReadOpaque(MlsLimits.MaxHashSize).ToArray());
        var (sender, proposal) = (Sender.Decode(ref reader), Proposal.Decode(ref reader));
        var ownKey = reader.ReadOpaque(MlsLimits.MaxKeySize);
        return new PendingProposal(reference, sender, proposal)
        {
            OwnLeafKey = ownKey.IsEmpty ? null : new SharedKey(suite.Hpke.Kem.Import(ownKey)),
        };
    }
}
