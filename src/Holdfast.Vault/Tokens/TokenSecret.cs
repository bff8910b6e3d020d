using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// The half of a profile's root key that a token guards; the other half comes from the passcode, and whoever has one of them has nothing.
/// </summary>
internal static class TokenSecret
{
    /// <summary>
    /// Makes a secret that only this token brings back. The token makes a key for it, or, where it cannot, one that is on it is taken. Nothing
    /// is kept until the token has brought the secret back once.
    /// </summary>
    /// <param name="client">A host that was asked nothing yet.</param>
    /// <param name="token">The token's id.</param>
    /// <param name="tokenPin">Its token PIN.</param>
    /// <param name="tries">The count of wrong ones.</param>
    /// <param name="profile">The profile's id.</param>
    /// <param name="random">Where the secret comes from.</param>
    /// <param name="existing">The handle of a key that is on the token already, to take that one.</param>
    /// <exception cref="TokenException">The token failed, or its key is not fit; the sentence says what to do.</exception>
    internal static TokenEnrolment Enrol(
        TokenClient client, ReadOnlyMemory<byte> token, ReadOnlyMemory<byte> tokenPin, TokenPinTries tries, ReadOnlySpan<byte> profile,
        RandomSource random, ReadOnlyMemory<byte>? existing = null)
    {
        var module = client.Describe().Module;
        var info = client.ListTokens().FirstOrDefault(found => found.Id.Span.SequenceEqual(token.Span)) ?? throw new TokenException(TokenFault.NoToken);
        client.Open(token, tokenPin, tries);
        var key = existing is null && info.CanGenerate
            ? client.Generate(KeyPurpose.Agree)
            : client.OpenKey(existing ?? Choose(client.ListKeys()).Handle, null, KeyPurpose.Agree);
        TokenKeyPolicy.Check(key, KeyPurpose.Agree, client.TryToAlter());
        var secret = Secret.Random(TokenEnvelope.SecretBytes, random);
        try
        {
            var record = TokenEnvelope.Seal(new TokenRecord(token, module, key.Handle, key.Point, default, default), profile, secret, random);
            using var back = TokenEnvelope.Open(record, profile, client);
            if (!back.EqualsFixedTime(secret.Reveal())) throw new TokenException(TokenFault.Lied);
            return new TokenEnrolment(Tls.Encode(record), secret);
        }
        catch (TokenException)
        {
            secret.Dispose();
            throw;
        }
    }

    /// <summary>Has the token bring the secret back.</summary>
    /// <param name="record">As <see cref="Enrol"/> gave it.</param>
    /// <param name="client">A host that was asked nothing yet.</param>
    /// <param name="tokenPin">The token PIN.</param>
    /// <param name="tries">The count of wrong ones.</param>
    /// <param name="profile">The profile's id.</param>
    /// <param name="anyModule">Whether somebody has confirmed that the module was changed.</param>
    /// <exception cref="TokenException">The token failed, or the record is not of this profile.</exception>
    internal static Secret Recover(
        ReadOnlySpan<byte> record, TokenClient client, ReadOnlyMemory<byte> tokenPin, TokenPinTries tries, ReadOnlySpan<byte> profile,
        bool anyModule = false) => Recover(record, client, tokenPin, tries, profile, anyModule, out _);

    /// <summary>As the other, and tells which module it went through.</summary>
    internal static Secret Recover(
        ReadOnlySpan<byte> record, TokenClient client, ReadOnlyMemory<byte> tokenPin, TokenPinTries tries, ReadOnlySpan<byte> profile,
        bool anyModule, out ReadOnlyMemory<byte> module)
    {
        var enrolled = Read(record);
        module = client.Describe().Module;
        if (!anyModule && !module.Span.SequenceEqual(enrolled.Module.Span)) throw new TokenException(TokenFault.ModuleChanged);
        if (!client.ListTokens().Any(found => found.Id.Span.SequenceEqual(enrolled.Token.Span))) throw new TokenException(TokenFault.NoToken);
        client.Open(enrolled.Token, tokenPin, tries);
        _ = client.OpenKey(enrolled.Handle, enrolled.Point, KeyPurpose.Agree);
        return TokenEnvelope.Open(enrolled, profile, client);
    }

    /// <summary>The same record with another module in front of the token: what it seals is sealed again, to the same key.</summary>
    internal static ReadOnlyMemory<byte> Rename(
        ReadOnlySpan<byte> record, ReadOnlyMemory<byte> module, Secret secret, ReadOnlySpan<byte> profile, RandomSource random) =>
        Tls.Encode(TokenEnvelope.Seal(Read(record) with { Module = module }, profile, secret, random));

    private static TokenRecord Read(ReadOnlySpan<byte> record)
    {
        if (record.Length > TokenRecord.MostBytes) throw new TokenException(TokenFault.BadRecord);
        try { return Tls.Decode<TokenRecord>(record); }
        catch (CodecException) { throw new TokenException(TokenFault.BadRecord); }
    }

    /// <summary>Of a card whose issuer made its keys: the one that does ECDH and nothing else.</summary>
    private static TokenKey Choose(IReadOnlyList<TokenKey> keys) =>
        keys.FirstOrDefault(key => (key.Traits & (KeyTraits.Derive | KeyTraits.Sign)) == KeyTraits.Derive) ?? throw new TokenException(TokenFault.NoKey);
}

/// <summary>What came of an enrolment: the record to keep, and the secret, which is the receiver's to wipe.</summary>
internal sealed record TokenEnrolment(ReadOnlyMemory<byte> Record, Secret Secret);
