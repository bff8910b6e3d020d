namespace Holdfast.Fuzz;

/// <summary>Changes bytes without knowing what they mean.</summary>
internal static class ByteChange
{
    private static readonly byte[][] Telling =
        [[0], [0xff], [0x3f], [0x40, 0x40], [0x7f, 0xff], [0x80, 0, 0x40, 0], [0xbf, 0xff, 0xff, 0xff], [0xc0], [0, 1], [1, 2]];

    internal static byte[] Of(byte[] input, FuzzRandom random)
    {
        if (input.Length == 0) return random.PublicBytes(1 + random.Below(8));
        int at = random.Below(input.Length);
        switch (random.Below(8))
        {
            case 0: return Flip(input, at, (byte)(1 << random.Below(8)));
            case 1: return Flip(input, at, (byte)(1 + random.Below(255)));
            case 2: return [.. input[..at], .. input[Math.Min(input.Length, at + 1 + random.Below(16))..]];
            case 3: return [.. input[..at], .. random.PublicBytes(1 + random.Below(16)), .. input[at..]];
            case 4: return input[..at];
            case 5: return [.. input[..at], .. input[random.Below(input.Length)..]];
            default:
                byte[] telling = random.Of(Telling);
                return [.. input[..at], .. telling, .. input[Math.Min(input.Length, at + (random.OneIn(2) ? telling.Length : 0))..]];
        }
    }

    /// <summary>The head of one input and the tail of another.</summary>
    internal static byte[] Splice(byte[] first, byte[] second, FuzzRandom random) =>
        [.. first[..random.Below(first.Length + 1)], .. second[random.Below(second.Length + 1)..]];

    private static byte[] Flip(byte[] input, int at, byte bits)
    {
        byte[] flipped = [.. input];
        flipped[at] ^= bits;
        return flipped;
    }
}
