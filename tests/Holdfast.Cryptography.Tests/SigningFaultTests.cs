using System.Security.Cryptography;
using Xunit;

namespace Holdfast.Cryptography.Tests;

/// <summary>ATTACKS D-8: one bit that flips while a signature is made gives nobody the key.</summary>
public sealed class SigningFaultTests
{
    private const int BitsOfEach = 8;

    private static readonly byte[] Message = "one message, signed twice"u8.ToArray();

    private static readonly SigningPoint[] Points = Enum.GetValues<SigningPoint>();

    /// <summary>Where a flipped bit makes a signature that does not verify. Elsewhere it only makes another nonce.</summary>
    private static readonly SigningPoint[] Fatal =
    [
        SigningPoint.Scalar, SigningPoint.Commitment, SigningPoint.NonceAgain, SigningPoint.Challenge, SigningPoint.Product, SigningPoint.Response,
    ];

    public static TheoryData<int, int> Flips => [.. Points.SelectMany(static point => Bits().Select(bit => ((int)point, bit)))];

    [Fact]
    public void ManyBitsAreTried() => Assert.True(Flips.Count >= 64);

    /// <summary>Either nothing leaves, or what leaves is a signature like any other.</summary>
    [Theory, MemberData(nameof(Flips))]
    public void NoFaultySignatureLeaves(int point, int bit)
    {
        byte[] seed = RandomNumberGenerator.GetBytes(Ed25519.SeedSize);
        using var key = Ed25519.ImportFaulty(seed, new Flip((SigningPoint)point, bit));
        if (Fatal.Contains((SigningPoint)point))
        {
            Assert.Throws<CryptographicException>(() => key.Sign(Message));
            return;
        }
        try { Assert.True(new Ed25519().Verify(key.PublicKey.Span, Message, key.Sign(Message))); }
        catch (CryptographicException) { return; }   // withheld
    }

    /// <summary>The control: the same faults make signatures that do not verify, and only the last look keeps them back.</summary>
    [Theory, MemberData(nameof(Flips))]
    public void WithoutTheLastLookItWouldLeave(int point, int bit)
    {
        if (!Fatal.Contains((SigningPoint)point)) return;
        using var key = new Ed25519().Import(RandomNumberGenerator.GetBytes(Ed25519.SeedSize));
        byte[] expanded = [.. key.RevealPrivateKey(), .. key.PublicKey.Span], signature = new byte[64];
        HedgedEd25519.Sign(expanded, Message, signature, new Flip((SigningPoint)point, bit));
        Assert.False(new Ed25519().Verify(key.PublicKey.Span, Message, signature));
        HedgedEd25519.Sign(expanded, Message, signature, default(NoSigningFault));
        Assert.True(new Ed25519().Verify(key.PublicKey.Span, Message, signature));
    }

    /// <summary>
    /// A bit of the message that flips between its two hashes is seen by no last look: the signature is good, for another message. With one
    /// nonce for both it would give the key away; there never is one nonce for two.
    /// </summary>
    [Fact]
    public void NoTwoSignaturesShareANonce()
    {
        using var key = new Ed25519().Import(RandomNumberGenerator.GetBytes(Ed25519.SeedSize));
        var commitments = Enumerable.Range(0, 1000).Select(_ => Convert.ToHexString(key.Sign(Message).AsSpan(0, 32)));
        Assert.Equal(1000, commitments.Distinct().Count());
    }

    /// <summary>OpenSSL mixes randomness into the nonces of ECDSA, whatever the message.</summary>
    [Theory, InlineData(0x0002), InlineData(0x0005), InlineData(0x0007)]
    public void NeitherDoThoseOfEcdsa(ushort suite)
    {
        using var key = CipherSuite.Find(suite)!.Signature.Generate(RandomSource.System);
        Assert.Equal(50, Enumerable.Range(0, 50).Select(_ => Convert.ToHexString(key.Sign(Message))).Distinct().Count());
    }

    private static IEnumerable<int> Bits() => Enumerable.Range(0, BitsOfEach).Select(static i => 3 + (i * 31));   // of 252, all over

    private readonly struct Flip(SigningPoint point, int bit) : ISigningFault
    {
        public void At(SigningPoint now, Span<byte> value)
        {
            if (now == point) value[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }
}
