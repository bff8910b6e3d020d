using Holdfast.Cryptography;

namespace Holdfast.Fuzz;

/// <summary>The same inputs for the same seed.</summary>
internal sealed class FuzzRandom(int seed) : RandomSource
{
    private readonly Random _random = new(seed);

    public override void FillSecret(Span<byte> target) => _random.NextBytes(target);

    public override void FillPublic(Span<byte> target) => _random.NextBytes(target);

    internal int Below(int limit) => _random.Next(limit);

    internal T Of<T>(IReadOnlyList<T> choices) => choices[Below(choices.Count)];

    internal bool OneIn(int count) => Below(count) == 0;
}
