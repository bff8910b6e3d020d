using Holdfast.Codec;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>Breaks a message at every place.</summary>
internal static class Damage
{
    /// <summary>Every truncation, every flipped bit and every appended byte is refused, and by one of our own exceptions.</summary>
    internal static void RefusedEverywhere(byte[] message, Epoch epoch)
    {
        epoch.Open(message);
        for (int length = 0; length < message.Length; length++) AssertRefused(message.AsSpan(0, length), epoch);
        for (int bit = 0; bit < message.Length * 8; bit++)
        {
            byte[] flipped = [.. message];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            AssertRefused(flipped, epoch);
        }
        AssertRefused([.. message, 0], epoch);
        epoch.Open(message);
    }

    private static void AssertRefused(ReadOnlySpan<byte> message, Epoch epoch)
    {
        try
        {
            epoch.Open(message);
        }
        catch (Exception refused) when (refused is CodecException or MlsException)
        {
            return;
        }
        Assert.Fail("a damaged message was accepted");
    }
}
