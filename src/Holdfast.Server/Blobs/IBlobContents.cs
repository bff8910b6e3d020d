using System.IO.Pipelines;
using Holdfast.Protocol;

namespace Holdfast.Server.Blobs;

/// <summary>Where the bytes of blobs are: files beside SQLite, rows in PostgreSQL, so that every node has them.</summary>
internal interface IBlobContents
{
    /// <summary>How many bytes of a blob are there.</summary>
    ValueTask<long> LengthAsync(BlobId blob, CancellationToken cancellationToken);

    /// <summary>Opens a blob for reading, from any place on.</summary>
    ValueTask<Stream> OpenReadAsync(BlobId blob, CancellationToken cancellationToken);

    /// <summary>Appends as it arrives; what it returns is on disk. A broken transfer keeps what came, to be resumed.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="row">How many bytes it will have, and until when.</param>
    /// <param name="offset">Where the sender believes the end to be.</param>
    /// <param name="source">The bytes.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>How many bytes of the blob are there.</returns>
    /// <exception cref="RefusalException">The offset does not fit, or there are more bytes than the blob may have.</exception>
    Task<long> AppendAsync(BlobId blob, BlobRow row, long offset, PipeReader source, CancellationToken cancellationToken);

    /// <summary>Deletes the bytes; none there is no matter.</summary>
    ValueTask DeleteAsync(BlobId blob, CancellationToken cancellationToken);
}
