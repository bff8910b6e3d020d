using System.Security.Cryptography;

namespace Holdfast.Cryptography;

/// <summary>
/// Where randomness comes from. What must stay secret and what may be seen are asked for separately, so that a test
/// can record every secret that was given out and then search the disk for it.
/// </summary>
public abstract class RandomSource
{
    /// <summary>The operating system's generator.</summary>
    public static RandomSource System { get; } = new SystemRandomSource();

    /// <summary>Fills bytes that will be a key or a seed.</summary>
    public abstract void FillSecret(Span<byte> target);

    /// <summary>Fills bytes that others will see: identifiers, nonces, salts.</summary>
    public abstract void FillPublic(Span<byte> target);

    /// <summary>Fresh public bytes.</summary>
    public byte[] PublicBytes(int length)
    {
        var bytes = new byte[length];
        FillPublic(bytes);
        return bytes;
    }

    private sealed class SystemRandomSource : RandomSource
    {
        public override void FillSecret(Span<byte> target) => RandomNumberGenerator.Fill(target);

        public override void FillPublic(Span<byte> target) => RandomNumberGenerator.Fill(target);
    }
}
