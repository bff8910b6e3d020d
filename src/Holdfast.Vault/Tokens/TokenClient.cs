using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// Speaks with a token host and believes nothing that it has not checked. Behind the host is foreign code, so whoever answers may be lying:
/// after one answer that is not true, or not one, nothing more is asked.
/// </summary>
internal sealed class TokenClient(ITokenChannel channel, RandomSource random)
{
    private bool _isBroken;

    /// <summary>The key that is open, as the token spoke of it when it was opened.</summary>
    private TokenKey? _key;

    /// <summary>Where a token PIN is counted of which we do not know yet whether it was right.</summary>
    private TokenPinTries? _tried;

    /// <summary>What is around the host, and which module it is to load. It has not loaded it yet.</summary>
    internal HostDescribed Describe() => Ask<HostDescribed>(new DescribeHost());

    /// <summary>The tokens there are; labels are what they say of themselves.</summary>
    internal IReadOnlyList<TokenInfo> ListTokens() => Ask<TokensListed>(new ListTokens()).Tokens;

    /// <summary>Opens a token. A wrong token PIN is counted before the token hears of it.</summary>
    /// <param name="token">Its id.</param>
    /// <param name="tokenPin">Its token PIN.</param>
    /// <param name="tries">The count that outlives this process.</param>
    /// <exception cref="TokenException">Among others, that no more tries are left.</exception>
    internal void Open(ReadOnlyMemory<byte> token, ReadOnlyMemory<byte> tokenPin, TokenPinTries tries)
    {
        if (tokenPin.Length is 0 or > TokenLimits.TokenPinBytes) throw new TokenException(TokenFault.TokenPinWrong);
        _key = null;
        tries.Begin();
        _tried = tries;
        _ = Ask<TokenOpened>(new OpenToken(token, tokenPin));
    }

    /// <summary>The P-256 keys of the open token.</summary>
    internal IReadOnlyList<TokenKey> ListKeys() => Ask<KeysListed>(new ListKeys()).Keys;

    /// <summary>Has the token make a key, opens it, and proves that it holds the private half of the point it tells.</summary>
    internal TokenKey Generate(KeyPurpose purpose) =>
        Hold(Ask<KeyOpened>(new GenerateKey(purpose, random.PublicBytes(TokenLimits.KeyNameBytes))).Key, purpose);

    /// <summary>Opens a key of the open token, and proves that the token holds the private half of its point.</summary>
    /// <param name="handle">What finds it.</param>
    /// <param name="point">The public point it must have; null where it is not known yet.</param>
    /// <param name="purpose">What it is for.</param>
    internal TokenKey OpenKey(ReadOnlyMemory<byte> handle, ReadOnlyMemory<byte>? point, KeyPurpose purpose)
    {
        var key = Ask<KeyOpened>(new OpenKey(handle)).Key;
        if (!key.Handle.Span.SequenceEqual(handle.Span)) throw Break();
        if (point is { } known && !key.Point.Span.SequenceEqual(known.Span)) throw Break();
        return Hold(key, purpose);
    }

    /// <summary>Whether the token lets the open key be weakened.</summary>
    internal KeyAltered TryToAlter() => Ask<KeyAltered>(new TryToAlter());

    /// <summary>
    /// ECDH of the open key with a point: x. The token is asked about the point times a random number, and about a random point for which we
    /// know the answer, in an order that it cannot tell: every question is a random point to it, and to whoever carries it.
    /// </summary>
    /// <returns>Null for what is not a point on the curve.</returns>
    /// <exception cref="TokenException">A wrong answer, among others.</exception>
    internal Secret? Agree(ReadOnlySpan<byte> point)
    {
        using var blinded = BlindedPoint.Of(point, random);
        if (blinded is null) return null;
        Span<byte> coin = stackalloc byte[1];
        random.FillSecret(coin);
        bool challengeFirst = (coin[0] & 1) == 0;
        if (challengeFirst) Challenge();
        var answer = Ask<Agreed>(new Ecdh(blinded.Point)).Shared;
        if (!challengeFirst) Challenge();
        return blinded.Unblind(answer.Span) ?? throw Break();
    }

    /// <summary>A signature of the open key over a SHA-256 hash, r and s side by side, verified.</summary>
    /// <exception cref="TokenException">A signature that does not verify, among others.</exception>
    internal ReadOnlyMemory<byte> Sign(ReadOnlyMemory<byte> hash)
    {
        var key = _key ?? throw new InvalidOperationException("no key is open");
        var signature = Ask<HashSigned>(new SignHash(hash)).Signature;
        return Ecdsa.P256.VerifyHash(key.Point.Span, hash.Span, signature.Span) ? signature : throw Break();
    }

    private TokenKey Hold(TokenKey key, KeyPurpose purpose)
    {
        if (!DhKemNist.P256.IsValidPublicKey(key.Point.Span)) throw Break();
        _key = key;
        if (purpose == KeyPurpose.Agree) Challenge();
        else _ = Sign(random.PublicBytes(TokenLimits.HashBytes));
        _tried?.Forget();   // it has done its work, so the token PIN was right
        _tried = null;
        return key;
    }

    /// <summary>A random point whose secret we know: the token's answer must be ours.</summary>
    private void Challenge()
    {
        var key = _key ?? throw new InvalidOperationException("no key is open");
        using var ephemeral = DhKemNist.P256.Generate(random);
        using var expected = DhKemNist.P256.Agree(ephemeral.RevealPrivateKey(), key.Point.Span) ?? throw Break();
        var answer = Ask<Agreed>(new Ecdh(ephemeral.PublicKey)).Shared;
        if (!expected.EqualsFixedTime(answer.Span)) throw Break();
    }

    private TReply Ask<TReply>(TokenCall call) where TReply : TokenReply
    {
        if (_isBroken) throw new TokenException(TokenFault.HostEnded);
        byte[] frame = TokenFrame.Wrap(call);
        byte[]? body;
        try { body = channel.Exchange(frame); }
        finally { CryptographicOperations.ZeroMemory(frame); }   // a token PIN may be in it
        if (body is null)
        {
            _isBroken = true;
            throw new TokenException(TokenFault.HostEnded);
        }
        TokenReply reply;
        try { reply = TokenFrame.Read<TokenReply>(body); }
        catch (CodecException) { throw Break(); }
        finally { CryptographicOperations.ZeroMemory(body); }
        return reply switch
        {
            TReply answer => answer,
            TokenFailed failed => throw Failure(failed),
            _ => throw Break(),   // an answer to another question
        };
    }

    /// <summary>A token that failed for another reason gives the try back; one that lies, or whose host ends, does not.</summary>
    private TokenException Failure(TokenFailed failed)
    {
        var failure = TokenException.Of(failed);
        if (failure.Fault is not (TokenFault.TokenPinWrong or TokenFault.TokenPinLocked)) _tried?.TakeBack();
        _tried = null;
        return failure;
    }

    private TokenException Break()
    {
        _isBroken = true;
        _key = null;
        return new TokenException(TokenFault.Lied);
    }
}
