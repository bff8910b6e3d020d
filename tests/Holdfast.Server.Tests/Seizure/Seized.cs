namespace Holdfast.Server.Tests.Seizure;

/// <summary>A server's disk in the hands of somebody else.</summary>
internal abstract class Seized : IDisposable
{
    /// <summary>All that is in the database.</summary>
    public SeizedDatabase Database { get; protected set; } = null!;

    /// <summary>What there is of each file that people sent.</summary>
    public abstract IReadOnlyList<SeizedBlob> Blobs { get; }

    /// <summary>SHA-256 of the public key in the certificate.</summary>
    public abstract byte[] CertificateKey();

    /// <summary>Whether some bytes are anywhere on the disk where what was deleted must not be.</summary>
    public abstract bool Contains(ReadOnlySpan<byte> bytes);

    /// <inheritdoc/>
    public abstract void Dispose();
}

/// <summary>The sealed bytes of a file.</summary>
/// <param name="Name">The blob's id.</param>
/// <param name="Length">How many bytes there are.</param>
/// <param name="Time">The time of the last change, where they are a file.</param>
internal sealed record SeizedBlob(string Name, long Length, DateTime? Time);
