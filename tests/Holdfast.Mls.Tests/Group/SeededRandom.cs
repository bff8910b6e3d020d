using System.Buffers.Binary;
using System.Security.Cryptography;
using Holdfast.Cryptography;

namespace Holdfast.Mls.Tests;

/// <summary>The same bytes for the same seed, so that a failing run can be had again.</summary>
internal sealed class SeededRandom(int seed) : RandomSource
{
    private ulong _counter;

    public override void FillSecret(Span<byte> target)
    {
        Span<byte> input = stackalloc byte[12];
        BinaryPrimitives.WriteInt32BigEndian(input, seed);
        while (!target.IsEmpty)
        {
            BinaryPrimitives.WriteUInt64BigEndian(input[4..], _counter++);
            var block = SHA256.HashData(input).AsSpan();
            int count = Math.Min(block.Length, target.Length);
            block[..count].CopyTo(target);
            target = target[count..];
        }
    }

    public override void FillPublic(Span<byte> target) => FillSecret(target);

    /// <summary>A number from 0 to below <paramref name="limit"/>.</summary>
    public int Below(int limit)
    {
        Span<byte> bytes = stackalloc byte[4];
        FillPublic(bytes);
        return (int)(BinaryPrimitives.ReadUInt32BigEndian(bytes) % (uint)limit);
    }
}
