using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §8: what an epoch keeps of its key schedule. The encryption secret is not among it: the secret tree owns that,
/// because it is consumed with the first message.
/// </summary>
public sealed class EpochSecrets : IDisposable
{
    private readonly CipherSuite _suite;
    private readonly Secret _exporter, _external, _confirmationKey;
    private readonly byte[] _authenticator;

    private EpochSecrets(
        CipherSuite suite,
        Secret senderData,
        Secret exporter,
        Secret external,
        Secret confirmationKey,
        Secret membershipKey,
        Secret resumptionPsk,
        Secret init,
        byte[] authenticator)
    {
        (_suite, _exporter, _external, _confirmationKey, _authenticator) = (suite, exporter, external, confirmationKey, authenticator);
        (SenderDataSecret, MembershipKey, ResumptionPsk, InitSecret) = (senderData, membershipKey, resumptionPsk, init);
    }

    /// <summary>RFC 9420 §6.3.2: encrypts who sent a message.</summary>
    public Secret SenderDataSecret { get; }

    /// <summary>RFC 9420 §6.2: makes membership tags.</summary>
    public Secret MembershipKey { get; }

    /// <summary>RFC 9420 §8.6: proves membership of this epoch later.</summary>
    public Secret ResumptionPsk { get; }

    /// <summary>RFC 9420 §8: where the next epoch begins.</summary>
    public Secret InitSecret { get; }

    /// <summary>RFC 9420 §8.7: two members who see the same bytes are in the same epoch of the same group.</summary>
    public ReadOnlyMemory<byte> EpochAuthenticator => _authenticator;

    /// <summary>RFC 9420 §8: all that the epoch secret yields.</summary>
    /// <param name="suite">The group's suite.</param>
    /// <param name="epochSecret">The epoch secret, which the caller then disposes.</param>
    /// <param name="encryptionSecret">The root of the secret tree, for <see cref="SecretTree.Create"/> to own.</param>
    public static EpochSecrets Derive(CipherSuite suite, Secret epochSecret, out Secret encryptionSecret)
    {
        encryptionSecret = suite.DeriveSecret(epochSecret, Labels.Encryption);
        using var authenticator = suite.DeriveSecret(epochSecret, Labels.Authentication);
        return new EpochSecrets(
            suite,
            senderData: suite.DeriveSecret(epochSecret, Labels.SenderData),
            exporter: suite.DeriveSecret(epochSecret, Labels.Exporter),
            external: suite.DeriveSecret(epochSecret, Labels.External),
            confirmationKey: suite.DeriveSecret(epochSecret, Labels.Confirmation),
            membershipKey: suite.DeriveSecret(epochSecret, Labels.Membership),
            resumptionPsk: suite.DeriveSecret(epochSecret, Labels.Resumption),
            init: suite.DeriveSecret(epochSecret, Labels.Init),
            authenticator: authenticator.Reveal().ToArray());
    }

    /// <summary>RFC 9420 §8.5 MLS-Exporter.</summary>
    /// <param name="label">The purpose.</param>
    /// <param name="context">What the secret is to be bound to.</param>
    /// <param name="length">How many bytes: 0 to 255 times the suite's hash (RFC 5869 §2.3).</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is another.</exception>
    public Secret Export(string label, ReadOnlySpan<byte> context, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 255 * _suite.Hkdf.HashSize);
        using var derived = _suite.DeriveSecret(_exporter, label);
        return _suite.ExpandWithLabel(derived, Labels.Exported, _suite.Hkdf.Hash(context), length);
    }

    /// <summary>RFC 9420 §8: the key pair that the whole group holds, for joining by an external commit.</summary>
    public KemKey ExternalKeyPair() => _suite.Hpke.Kem.DeriveKeyPair(_external.Reveal());

    /// <summary>RFC 9420 §6.1: the MAC over this epoch's confirmed transcript hash.</summary>
    public byte[] ConfirmationTag(ReadOnlySpan<byte> confirmedTranscriptHash) =>
        _suite.Hkdf.Mac(_confirmationKey.Reveal(), confirmedTranscriptHash);

    /// <summary>RFC 9420 §6.1: whether the sender of the tag arrived at this epoch too, in constant time.</summary>
    public bool VerifyConfirmationTag(ReadOnlySpan<byte> confirmedTranscriptHash, ReadOnlySpan<byte> tag) =>
        _suite.Hkdf.VerifyMac(_confirmationKey.Reveal(), confirmedTranscriptHash, tag);

    /// <summary>Writes the secrets. These bytes are secret.</summary>
    public void Encode(TlsWriter writer)
    {
        foreach (var secret in All) writer.WriteBytes(secret.Reveal());
        writer.WriteBytes(_authenticator);
    }

    /// <summary>Reads back what <see cref="Encode"/> wrote.</summary>
    public static EpochSecrets Decode(ref TlsReader reader, CipherSuite suite)
    {
        int size = suite.Hkdf.HashSize;
        return new EpochSecrets(
            suite,
            senderData: Secret.CopyOf(reader.ReadBytes(size)),
            exporter: Secret.CopyOf(reader.ReadBytes(size)),
            external: Secret.CopyOf(reader.ReadBytes(size)),
            confirmationKey: Secret.CopyOf(reader.ReadBytes(size)),
            membershipKey: Secret.CopyOf(reader.ReadBytes(size)),
            resumptionPsk: Secret.CopyOf(reader.ReadBytes(size)),
            init: Secret.CopyOf(reader.ReadBytes(size)),
            authenticator: reader.ReadBytes(size).ToArray());
    }

    /// <summary>Wipes the secrets.</summary>
    public void Dispose()
    {
        foreach (var secret in All) secret.Dispose();
    }

    /// <summary>The kind of state, never its content.</summary>
    public override string ToString() => nameof(EpochSecrets);

    /// <summary>In the order they are written.</summary>
    private Secret[] All => [SenderDataSecret, _exporter, _external, _confirmationKey, MembershipKey, ResumptionPsk, InitSecret];
}
