namespace Holdfast.Vault.Pages;

/// <summary>One of the two files that SQLite sees: offsets and sizes are those it would have in the clear.</summary>
internal abstract class SealedFile
{
    /// <summary>The size that SQLite sees.</summary>
    internal abstract long Size { get; }

    /// <summary>Opens what is sealed there; says how many bytes there were.</summary>
    /// <exception cref="StoreDamage">What is there is not what we wrote.</exception>
    internal abstract int Read(Span<byte> target, long offset);

    /// <summary>Seals what SQLite writes.</summary>
    internal abstract void Write(ReadOnlySpan<byte> source, long offset);

    /// <summary>Cuts the file.</summary>
    internal abstract void Truncate(long size);

    /// <summary>Returns when all that was written is on the disk.</summary>
    internal abstract void Sync();

    /// <summary>A page of the database in bytes.</summary>
    internal const int PageBytes = 4096;

    /// <summary>SQLite does something that we know nothing of.</summary>
    protected static InvalidOperationException Unexpected(string what, long offset, long bytes) => new($"SQLite wants to {what} {bytes} bytes at {offset}");
}
