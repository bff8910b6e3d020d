using Holdfast.Cryptography;

namespace Holdfast.Vault.Tests;

/// <summary>The system's randomness, which can be made to fail in the middle of things, as only a bug of ours would.</summary>
internal sealed class FaultyRandom : RandomSource
{
    /// <summary>How many public bytes are not to be had; 4 is what it takes to choose a time for what is due (<see cref="OpenVault.Jitter"/>).</summary>
    internal int FailsFor { get; set; }

    public override void FillSecret(Span<byte> target) => System.FillSecret(target);

    public override void FillPublic(Span<byte> target)
    {
        if (target.Length == FailsFor) throw new InvalidOperationException("nobody has foreseen this");
        System.FillPublic(target);
    }
}
