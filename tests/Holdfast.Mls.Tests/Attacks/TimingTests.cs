using Holdfast.Cryptography;
using Holdfast.Tests;
using Xunit;
using static Holdfast.Tests.WelchTest;

namespace Holdfast.Mls.Tests;

/// <summary>
/// ATTACKS B-9, A-17: whether it can be seen on a clock where a tag, or what a cipher protects, is wrong. Two ways to be wrong come in
/// random order, and Welch's t says whether their times differ: beyond 4.5 they do. Measured on a machine that does other things besides,
/// so that it is recorded and judged by a reader; what must be seen is the comparison that is planted.
/// </summary>
public sealed class TimingTests
{
    private const int Samples = 2_000_000;

    private static readonly CipherSuite Suite = CipherSuite.Mandatory;

    private readonly WelchTest _welch = new(20261123);

    [Fact]
    public void WhereATagIsWrongCannotBeSeenOnAClock()
    {
        Assert.SkipUnless(LongRun.IsWanted, "a long run");
        byte[] key = RandomSource.System.PublicBytes(32), data = RandomSource.System.PublicBytes(200);
        byte[] plaintext = new byte[100], opened = new byte[100];
        byte[] tag = Suite.Hkdf.Mac(key, data), aeadKey = key[..Suite.Aead.KeySize], nonce = new byte[Suite.Aead.NonceSize];
        byte[] ciphertext = Suite.Aead.Seal(aeadKey, nonce, data, plaintext);
        using var room = Room.Of(4);
        byte[] message = room[1].Say("what is said");
        double planted = Difference(Wrong(tag, 0), Wrong(tag, tag.Length - 1), wrong => EqualsUntilItDoesNot(tag, wrong));
        var measured = new
        {
            samples = Samples,
            planted,
            tag = Difference(Wrong(tag, 0), Wrong(tag, tag.Length - 1), wrong => Suite.Hkdf.VerifyMac(key, data, wrong)),
            aeadTag = Difference(
                Wrong(ciphertext, 100), Wrong(ciphertext, 115), wrong => Suite.Aead.TryOpen(aeadKey, nonce, data, wrong, opened)),
            aeadContent = Difference(
                Wrong(ciphertext, 0), Wrong(ciphertext, 115), wrong => Suite.Aead.TryOpen(aeadKey, nonce, data, wrong, opened)),
            message = Difference(
                Wrong(message, message.Length - 1),
                Wrong(message, message.Length - 40),
                wrong => room[0].Group.Handle(wrong) is Handled.ApplicationReceived),
        };
        Assert.True(Math.Abs(planted) > Planted, $"{planted}");
        Recording.Write("mls-timing", measured);
    }

    private double Difference(byte[] first, byte[] second, Func<byte[], bool> isRight) => _welch.Between(Samples, () => first, () => second, isRight);
}
