using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §8: the secrets of a new epoch, from the joiner secret on. It owns all of them until they are handed over, so
/// that a commit that turns out wrong leaves nothing behind.
/// </summary>
internal sealed class DerivedEpoch : IDisposable
{
    private readonly CipherSuite _suite;
    private bool _handedOver;

    private DerivedEpoch(CipherSuite suite, GroupContext context, Secret joinerSecret, EpochSecrets secrets, SecretTree ratchets) =>
        (_suite, Context, JoinerSecret, Secrets, Ratchets) = (suite, context, joinerSecret, secrets, ratchets);

    internal GroupContext Context { get; }

    internal Secret JoinerSecret { get; }

    internal EpochSecrets Secrets { get; }

    internal SecretTree Ratchets { get; }

    /// <summary>draft-ietf-mls-extensions: what components export.</summary>
    internal required ExporterTree Exporter { get; init; }

    /// <summary>RFC 9420 §12.4.1, §12.4.2: the epoch that a signed commit leads to.</summary>
    internal static DerivedEpoch FromCommit(
        EpochTransition transition,
        AuthenticatedContent commit,
        Secret initSecret,
        Secret commitSecret,
        Secret pskSecret,
        RatchetLimits limits)
    {
        var old = transition.Old;
        var confirmed = TranscriptHash.Confirmed(old.Suite, old.InterimTranscriptHash.Span, commit);
        var context = transition.ProvisionalContext with { ConfirmedTranscriptHash = confirmed };
        var joiner = KeySchedule.JoinerSecret(old.Suite, initSecret, commitSecret, context);
        return FromJoinerSecret(transition.Tree, joiner, pskSecret, context, limits);
    }

    /// <summary>RFC 9420 §12.4.3.1: the epoch that a joiner secret leads to; takes ownership of that secret.</summary>
    internal static DerivedEpoch FromJoinerSecret(
        RatchetTree tree, Secret joinerSecret, Secret pskSecret, GroupContext context, RatchetLimits limits)
    {
        using var epochSecret = KeySchedule.EpochSecret(tree.Suite, joinerSecret, pskSecret, context);
        return FromEpochSecret(tree, joinerSecret, epochSecret, context, limits);
    }

    /// <summary>RFC 9420 §11: a group's first epoch, which no commit leads to and nobody joins.</summary>
    internal static DerivedEpoch First(RatchetTree tree, GroupContext context, RatchetLimits limits, RandomSource random)
    {
        using var epochSecret = Secret.Random(tree.Suite.Hkdf.HashSize, random);
        return FromEpochSecret(tree, new Secret(0), epochSecret, context, limits);
    }

    /// <summary>RFC 9420 §6.1: the tag by which this epoch is confirmed.</summary>
    internal byte[] Tag() => Secrets.ConfirmationTag(Context.ConfirmedTranscriptHash.Span);

    /// <summary>RFC 9420 §6.1: that a tag is this epoch's, in constant time.</summary>
    internal void CheckTag(ReadOnlySpan<byte> tag) => MlsException.Require(
        Secrets.VerifyConfirmationTag(Context.ConfirmedTranscriptHash.Span, tag),
        MlsError.InvalidConfirmationTag,
        "RFC 9420 §6.1: the confirmation tag does not verify");

    /// <summary>RFC 9420 §8.2: what the next commit's transcript starts from.</summary>
    internal byte[] InterimTranscriptHash(ReadOnlySpan<byte> tag) =>
        TranscriptHash.Interim(_suite, Context.ConfirmedTranscriptHash.Span, tag);

    /// <summary>The secrets and ratchets, whose owner the caller now is; the joiner secret stays here and is wiped.</summary>
    internal (EpochSecrets Secrets, SecretTree Ratchets, ExporterTree Exporter) HandOver()
    {
        _handedOver = true;
        return (Secrets, Ratchets, Exporter);
    }

    public void Dispose()
    {
        JoinerSecret.Dispose();
        if (_handedOver) return;
        Secrets.Dispose();
        Ratchets.Dispose();
        Exporter.Dispose();
    }

    private static DerivedEpoch FromEpochSecret(
        RatchetTree tree, Secret joinerSecret, Secret epochSecret, GroupContext context, RatchetLimits limits)
    {
        var secrets = EpochSecrets.Derive(tree.Suite, epochSecret, out var encryptionSecret);
        var ratchets = SecretTree.Create(tree.Suite, encryptionSecret, (uint)tree.LeafCount, limits);
        var exporter = ExporterTree.Create(tree.Suite, tree.Suite.DeriveSecret(epochSecret, Labels.ApplicationExport));
        return new DerivedEpoch(tree.Suite, context, joinerSecret, secrets, ratchets) { Exporter = exporter };
    }
}
