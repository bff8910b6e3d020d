using Holdfast.Protocol;
using Holdfast.Server.Storage;

namespace Holdfast.Server.Blobs;

/// <summary>What is known of a blob: how large, who may delete it, until when. Not whose it is.</summary>
/// <param name="Size">How many bytes it will have.</param>
/// <param name="DeleteTokenHash">SHA-256 of the token that lets its holder delete it.</param>
/// <param name="ExpiresHour">The first hour at which it is expired.</param>
internal sealed record BlobRow(long Size, ReadOnlyMemory<byte> DeleteTokenHash, long ExpiresHour);

/// <summary>Blobs' rows; the bytes are files.</summary>
internal sealed class BlobStore(Database database)
{
    internal const string Tables =
        """
        CREATE TABLE blobs (
            id BLOB PRIMARY KEY, size INTEGER NOT NULL, delete_token_hash BLOB NOT NULL, expires_hour INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX blobs_by_expiry ON blobs (expires_hour);

        """;

    private const int BlobsPerSweep = 100;

    private readonly Statement _add = database.Prepare("INSERT INTO blobs VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING");
    private readonly Statement _find = database.Prepare("SELECT size, delete_token_hash, expires_hour FROM blobs WHERE id = $1 AND expires_hour > $2");
    private readonly Statement _remove = database.Prepare("DELETE FROM blobs WHERE id = $1");
    private readonly Statement _expired = database.Prepare("SELECT id FROM blobs WHERE expires_hour <= $1 LIMIT $2");

    /// <summary>Makes an empty blob; false where it exists as something else.</summary>
    public bool Add(BlobId blob, BlobCreation creation, long expiresHour, long hour)
    {
        int added = _add.Start().With(blob.ToBytes()).With((long)creation.Size).With(creation.DeleteTokenHash.Span).With(expiresHour).Run();
        return added == 1 || (Find(blob, hour) is { } row && row.Size == (long)creation.Size &&
            row.DeleteTokenHash.Span.SequenceEqual(creation.DeleteTokenHash.Span));
    }

    /// <summary>A blob that has not expired, or null.</summary>
    public BlobRow? Find(BlobId blob, long hour) =>
        _find.Start().With(blob.ToBytes()).With(hour).First(static row => new BlobRow(row.Integer(0), row.Bytes(1).ToArray(), row.Integer(2)));

    /// <summary>Forgets a blob.</summary>
    public void Remove(BlobId blob) => _remove.Start().With(blob.ToBytes()).Run();

    /// <summary>Some of the blobs that have expired.</summary>
    public List<BlobId> Expired(long hour) => _expired.Start().With(hour).With(BlobsPerSweep).All(static row => BlobId.Of(row.Bytes(0)));
}
