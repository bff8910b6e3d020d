using Holdfast.Cryptography;

namespace Holdfast.Vault;

/// <summary>What one try of a passcode costs: how often Argon2id (RFC 9106) goes over how much memory.</summary>
/// <param name="Passes">How often.</param>
/// <param name="MemoryBytes">How much.</param>
internal readonly record struct PasscodeCost(uint Passes, uint MemoryBytes)
{
    /// <summary>What is read at most, so that a key file cannot make us work without end, or exhaust the machine.</summary>
    internal const uint MostPasses = 64, MostMemoryBytes = 1u << 30;

    /// <summary>What is read at least; also what tests pay.</summary>
    internal static readonly PasscodeCost Least = new(1, 8 << 20);

    private const uint UsualMemoryBytes = 256 << 20, SmallestMemoryBytes = 64 << 20;
    private const uint Part = 4;   // of the memory, to measure how fast this machine is
    private const double WantedMilliseconds = 500;

    /// <summary>Whether these are figures that we would have written.</summary>
    internal bool IsReadable => Passes is > 0 and <= MostPasses && MemoryBytes >= Least.MemoryBytes && MemoryBytes <= MostMemoryBytes;

    /// <summary>About half a second of this machine's time over 256 MiB, or over a quarter of its memory where that is less.</summary>
    internal static PasscodeCost Measured(TimeProvider clock)
    {
        uint memory = UsualMemory;
        long began = clock.GetTimestamp();
        Passcode.DeriveKey("measured"u8, new byte[Passcode.SaltSize], 1, memory / Part).Dispose();
        double onePass = Part * clock.GetElapsedTime(began).TotalMilliseconds;
        return new PasscodeCost((uint)Math.Clamp(Math.Round(WantedMilliseconds / Math.Max(1, onePass)), 1, MostPasses), memory);
    }

    /// <summary>Whether a profile with this cost is to be raised: it was made by an older version, or on a machine with less memory.</summary>
    internal bool IsOld => MemoryBytes < UsualMemory;

    private static uint UsualMemory =>
        (uint)Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4, SmallestMemoryBytes, UsualMemoryBytes);
}
