using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>All that only a commit changes: one epoch as one member sees it (RFC 9420 §8). It owns its secrets.</summary>
internal sealed class EpochState : Shared
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
        RatchetTree tree, DerivedEpoch derived, TreePrivateKeys keys, SignatureKey signatureKey, ResumptionPsks pastPsks, ReInitProposal? reInit = null)
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

    /// <summary>Every leaf in its place; null where it is blank.</summary>
    internal LeafNode?[] Leaves()
    {
        var leaves = new LeafNode?[Tree.LeafCount];
        foreach (var (index, leaf) in Tree.Leaves) leaves[index.Value] = leaf;
        return leaves;
    }

    internal void Encode(TlsWriter writer)
    {
        writer.Write(Context);
        writer.WriteOpaque(Tree.Encode());
        Keys.Encode(writer);
        Secrets.Encode(writer);
        writer.WriteOpaque(ConfirmationTag.Span);
        writer.WriteOpaque(InterimTranscriptHash.Span);
        PastPsks.Encode(writer);
        writer.WriteOptional<Proposal>(ReInit);
    }

    internal static EpochState Decode(ref TlsReader reader, SignatureKey signatureKey, CipherSuites suites)
    {
        var context = GroupContext.Decode(ref reader);
        var suite = suites.Find(context.CipherSuite) ?? throw new CodecException("group state: a cipher suite that is not ours");
        return new EpochState
        {
            Suite = suite,
            Context = context,
            Tree = RatchetTree.Decode(suite, reader.ReadOpaque()),
            Keys = TreePrivateKeys.Decode(suite, ref reader),
            SignatureKey = signatureKey,
            Secrets = EpochSecrets.Decode(ref reader, suite),
            ConfirmationTag = reader.ReadOpaque(MlsLimits.MaxHashSize).ToArray(),
            InterimTranscriptHash = reader.ReadOpaque(MlsLimits.MaxHashSize).ToArray(),
            PastPsks = ResumptionPsks.Decode(ref reader),
            ReInit = reader.ReadOptional<Proposal>() as ReInitProposal,
        };
    }

    /// <summary>What is kept of this epoch once it has ended.</summary>
    internal PastEpoch ToPast() => new(
        Context,
        Leaves(),
        Secret.CopyOf(Secrets.SenderDataSecret.Reveal()));

    /// <summary>RFC 9420 §12.4.3: this epoch for those who are to join it.</summary>
    internal GroupInfo SignGroupInfo(bool withTree, bool withExternalKey, IReadOnlyList<Extension> extensions)
    {
        if (withExternalKey) extensions = [ExternalPub().ToExtension(), .. extensions];
        if (withTree) extensions = [new Extension(ExtensionType.RatchetTree, Tree.Encode()), .. extensions];
        Extension.CheckDistinct(extensions);
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
