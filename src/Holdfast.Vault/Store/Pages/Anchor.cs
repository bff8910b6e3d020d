using System.Buffers;
using System.Security.Cryptography;

namespace Holdfast.Vault.Pages;

/// <summary>
/// How far a store has come. Whoever keeps it elsewhere notices when older files are put back: no other state of the store has
/// the same hash, and only a later one has a higher number.
/// </summary>
/// <param name="Number">How many transactions have been committed since the store was made.</param>
/// <param name="Hash">32 bytes that follow from every page that these transactions have written.</param>
internal sealed record Anchor(ulong Number, ReadOnlyMemory<byte> Hash)
{
    internal const int HashBytes = 32;

    /// <summary>Of a store in which nothing has happened.</summary>
    internal static Anchor Start { get; } = new(0, new byte[HashBytes]);

    /// <summary>The anchor behind one more transaction.</summary>
    /// <param name="over">What its last record is bound to.</param>
    /// <param name="last">The tag of its last record.</param>
    internal Anchor Next(ReadOnlySpan<byte> over, ReadOnlySpan<byte> last)
    {
        Span<byte> input = stackalloc byte[HashBytes + PageCipher.TagBytes];
        over.CopyTo(input);
        last.CopyTo(input[HashBytes..]);
        return new Anchor(Number + 1, SHA256.HashData(input));
    }

    /// <summary>What the last record of a transaction is bound to: where it starts from, and every record of it before this one.</summary>
    internal void Over(ReadOnlySpan<byte> tags, Span<byte> hash)
    {
        byte[] input = ArrayPool<byte>.Shared.Rent(HashBytes + tags.Length);
        Hash.Span.CopyTo(input);
        tags.CopyTo(input.AsSpan(HashBytes));
        SHA256.HashData(input.AsSpan(0, HashBytes + tags.Length), hash);
        ArrayPool<byte>.Shared.Return(input);
    }

    public bool Equals(Anchor? other) => other is not null && Number == other.Number && Hash.Span.SequenceEqual(other.Hash.Span);

    public override int GetHashCode() => Number.GetHashCode();
}
