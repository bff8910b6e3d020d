using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>All that only a commit changes: one epoch as one member sees it (RFC 9420 §8). It owns its secrets.</summary>
internal sealed class EpochState : Shared, IStateRecord
{
    internal required CipherSuite Suite { get; init; }

    internal required GroupContext Context { get; init; }

    internal required RatchetTree Tree { get; init; }

    /// <summary>The private keys of the own leaf and of the nodes above it that we know.</summary>
    internal required TreePrivateKeys Keys { get; init; }

    internal LeafIndex OwnLeaf => Keys.OwnLeaf;

    /// <summary>What is no secret of it.</summary>
    internal PublicEpoch Public => new(Context, Tree, InterimTranscriptHash);

    /// <summary>The own signature key; the caller's.</summary>
    internal required SignatureKey SignatureKey { get; init; }

    internal required EpochSecrets Secrets { get; init; }

    internal required ReadOnlyMemory<byte> ConfirmationTag { get; init; }

    /// <summary>RFC 9420 §8.2: over the commit that began this epoch, tag included.</summary>
    internal required ReadOnlyMemory<byte> InterimTranscriptHash { get; init; }

    internal required ResumptionPsks PastPsks { get; init; }

    /// <summary>RFC 9420 §11.2: the parameters of the group that takes this one's place; null while this one goes on.</summary>
    internal ReInitProposal? ReInit { get; init; }

    internal LeafNode OwnLeafNode => Tree.Leaf(OwnLeaf) ?? throw new InvalidOperationException("a member's own leaf is blank");

    /// <summary>The leaf of a member who sent a message of this epoch.</summary>
    internal LeafNode SenderLeaf(LeafIndex sender) => Public.SenderLeaf(sender);

    /// <summary>RFC 9420 §8.4: the key that a PreSharedKeyID names, borrowed: this group's own, or else the application's.</summary>
    internal Secret? FindPsk(PreSharedKeyId id, GroupPolicy policy)
    {
        if (id is not ResumptionPskId resumption || !resumption.GroupId.Span.SequenceEqual(Context.GroupId.Span)) return policy.Psks(id);
        return resumption.Epoch == Context.Epoch ? Secrets.ResumptionPsk : PastPsks.Find(resumption.Epoch) ?? policy.Psks(id);
    }

    /// <summary>RFC 9420 §8.4: the psk_secret of a commit's keys.</summary>
    /// <exception cref="MlsException">We do not have one of them.</exception>
    internal Secret PskSecret(IReadOnlyList<PreSharedKeyId> ids, GroupPolicy policy) =>
        PskLookup.Secret(Suite, ids, id => FindPsk(id, policy));

    /// <summary>A new epoch, whose secrets are handed over; the private keys are copied.</summary>
    internal static (EpochState Epoch, SecretTree Ratchets, ExporterTree Exporter) Begin(
        RatchetTree tree,
        DerivedEpoch derived,
        TreePrivateKeys keys,
        SignatureKey signatureKey,
        ResumptionPsks pastPsks,
        ReInitProposal? reInit = null)
    {
        var tag = derived.Tag();
        var interim = derived.InterimTranscriptHash(tag);
        var (secrets, ratchets, exporter) = derived.HandOver();
        var epoch = new EpochState
        {
            Suite = tree.Suite,
            Context = derived.Context,
            Tree = tree,
            Keys = keys.For(tree),
            SignatureKey = signatureKey,
            Secrets = secrets,
            ConfirmationTag = tag,
            InterimTranscriptHash = interim,
            PastPsks = pastPsks,
            ReInit = reInit,
        };
        return (epoch, ratchets, exporter);
    }

    /// <summary>The records that differ between two epochs, of which the older may be missing; both may be the same.</summary>
    internal static void Compare(EpochState? older, EpochState newer, RecordChanges changes)
    {
        if (ReferenceEquals(older, newer)) return;
        changes.Change(new RecordKey(RecordType.Head), older, newer);
        TreePrivateKeys.Compare(older?.Keys, newer.Keys, changes);
        ResumptionPsks.Compare(older?.PastPsks, newer.PastPsks, changes);
    }

    /// <summary>docs/STATE.md HeadRecord.</summary>
    public void EncodeRecord(TlsWriter writer)
    {
        writer.Write(Context);
        writer.Write(OwnLeaf);
        Secrets.Encode(writer);
        writer.WriteOpaque(ConfirmationTag.Span);
        writer.WriteOpaque(InterimTranscriptHash.Span);
        if (ReInit is not null) writer.Write<Proposal>(ReInit);   // a record ends here in all groups that go on
    }

    /// <exception cref="CodecException">A record is damaged or missing.</exception>
    internal static EpochState Restore(StateReading records, SignatureKey signatureKey, CipherSuites suites)
    {
        var reader = new TlsReader(records.Take(new RecordKey(RecordType.Head)));
        var context = GroupContext.Decode(ref reader);
        var suite = suites.Find(context.CipherSuite) ?? throw new CodecException("group state: a cipher suite that is not ours");
        var tree = TreeRecords.Restore(records, suite, context);
        var own = LeafIndex.Decode(ref reader);
        if (tree.Leaf(own) is null) throw new CodecException("group state: our own leaf is blank");
        var state = new EpochState
        {
            Suite = suite,
            Context = context,
            Tree = tree,
            Keys = TreePrivateKeys.Restore(records, tree, own),
            SignatureKey = signatureKey,
            Secrets = EpochSecrets.Decode(ref reader, suite),
            ConfirmationTag = reader.ReadOpaque(MlsLimits.MaxHashSize).ToArray(),
            InterimTranscriptHash = reader.ReadOpaque(MlsLimits.MaxHashSize).ToArray(),
            PastPsks = ResumptionPsks.Restore(records, suite, context.Epoch),
            ReInit = reader.Remaining > 0 ? RestoreReInit(ref reader) : null,
        };
        reader.ExpectEnd();
        return state;
    }

    private static ReInitProposal RestoreReInit(ref TlsReader reader) =>
        Proposal.Decode(ref reader) as ReInitProposal ?? throw new CodecException("group state: closed by something else than a ReInit");

    /// <summary>What is kept of this epoch once it has ended.</summary>
    internal PastEpoch ToPast() => new(
        Context,
        Tree,
        Secret.CopyOf(Secrets.SenderDataSecret.Reveal()));

    /// <summary>RFC 9420 §12.4.3: this epoch for those who are to join it.</summary>
    internal GroupInfo SignGroupInfo(bool withTree, bool withExternalKey, IReadOnlyList<Extension> extensions)
    {
        if (withExternalKey) extensions = [ExternalPub().ToExtension(), .. extensions];
        if (withTree) extensions = [new Extension(ExtensionType.RatchetTree, Tree.Encode()), .. extensions];
        MlsException.Require(Extension.AreDistinct(extensions), MlsError.Malformed, Extension.Doubled);
        var unsigned = new GroupInfo(Context, extensions, ConfirmationTag, OwnLeaf, default);
        return unsigned with { Signature = Suite.SignWithLabel(SignatureKey, Labels.GroupInfo, unsigned.Tbs()) };
    }

    /// <summary>RFC 9420 §8, §12.4.3.2: the key by which somebody may join from outside.</summary>
    private ExternalPub ExternalPub()
    {
        using var pair = Secrets.ExternalKeyPair();
        return new ExternalPub(pair.PublicKey);
    }

    protected override void Wipe()
    {
        Keys.Dispose();
        Secrets.Dispose();
        PastPsks.Dispose();
    }
}
