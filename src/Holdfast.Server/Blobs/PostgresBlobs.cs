using System.Buffers;
using System.IO.Pipelines;
using Holdfast.Protocol;
using Holdfast.Server.Storage;
using Holdfast.Server.Storage.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace Holdfast.Server.Blobs;

/// <summary>The bytes of blobs in parts, each a row and on disk by itself, so that a broken transfer keeps what came, on whichever node it goes on.</summary>
internal sealed class PostgresBlobs(string address) : IBlobContents, IAsyncDisposable
{
    internal const string Tables =
        """
        CREATE TABLE blob_parts (id BYTEA NOT NULL, start BIGINT NOT NULL, bytes BYTEA NOT NULL, PRIMARY KEY (id, start));

        """;

    private const int PartBytes = 256 << 10;
    private const int Repetitions = 2;

    private readonly NpgsqlDataSource _connections = NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(address) { Pooling = true, MaxPoolSize = 8, MinPoolSize = 0 });

    /// <inheritdoc/>
    public ValueTask<long> LengthAsync(BlobId blob, CancellationToken cancellationToken) => RepeatAsync(async () =>
    {
        await using var command = Command("SELECT coalesce((SELECT start + length(bytes) FROM blob_parts WHERE id = $1 ORDER BY start DESC LIMIT 1), 0)", blob);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    });

    /// <inheritdoc/>
    public async ValueTask<Stream> OpenReadAsync(BlobId blob, CancellationToken cancellationToken) =>
        new PostgresBlobStream(this, blob, await LengthAsync(blob, cancellationToken));

    /// <inheritdoc/>
    public async Task<long> AppendAsync(BlobId blob, BlobRow row, long offset, PipeReader source, CancellationToken cancellationToken)
    {
        if (await LengthAsync(blob, cancellationToken) != offset) throw new RefusalException(RefusalCode.BlobConflict);
        long first = offset;
        byte[] part = ArrayPool<byte>.Shared.Rent(PartBytes);
        int length = 0;
        try
        {
            while (true)
            {
                var read = await ReadAsync();
                try
                {
                    foreach (var piece in read.Buffer) await TakeAsync(piece);
                }
                finally { source.AdvanceTo(read.Buffer.End); }
                if (!read.IsCompleted) continue;
                await AddPartAsync();
                return offset;
            }
        }
        catch (RefusalException)   // nothing half done
        {
            await RemoveFromAsync(blob, first, offset);
            throw;
        }
        finally { ArrayPool<byte>.Shared.Return(part); }

        async Task<ReadResult> ReadAsync()
        {
            try { return await source.ReadAsync(cancellationToken); }
            catch (Exception broken) when (broken is IOException or OperationCanceledException)
            {
                await AddPartAsync();   // what came stays
                throw;
            }
        }

        async Task TakeAsync(ReadOnlyMemory<byte> piece)
        {
            if (offset + length + piece.Length > row.Size) throw new RefusalException(RefusalCode.BlobConflict);
            while (!piece.IsEmpty)
            {
                int taken = Math.Min(piece.Length, PartBytes - length);
                piece[..taken].CopyTo(part.AsMemory(length));
                (piece, length) = (piece[taken..], length + taken);
                if (length == PartBytes) await AddPartAsync();
            }
        }

        async Task AddPartAsync()
        {
            await AddAsync(blob, offset, part.AsMemory(0, length));
            (offset, length) = (offset + length, 0);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(BlobId blob, CancellationToken cancellationToken) => await RepeatAsync(async () =>
    {
        await using var command = Command("DELETE FROM blob_parts WHERE id = $1", blob);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    });

    /// <summary>The part a place of a blob lies in, and where it begins.</summary>
    internal ValueTask<(long Start, byte[] Bytes)> PartAsync(BlobId blob, long position, CancellationToken cancellationToken) => RepeatAsync(async () =>
    {
        await using var command = Command("SELECT start, bytes FROM blob_parts WHERE id = $1 AND start <= $2 ORDER BY start DESC LIMIT 1", blob);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? (row.GetInt64(0), row.GetFieldValue<byte[]>(1)) : (position, []);
    });

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connections.DisposeAsync();

    /// <summary>Two that append at once are told apart by the key of the part, and by the blob still ending where the sender believes it to.</summary>
    private async Task AddAsync(BlobId blob, long start, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        await using var command = Command(
            """
            INSERT INTO blob_parts SELECT $1, $2, $3
            WHERE coalesce((SELECT start + length(bytes) FROM blob_parts WHERE id = $1 ORDER BY start DESC LIMIT 1), 0) = $2 ON CONFLICT DO NOTHING
            """,
            blob);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = start });
        command.Parameters.Add(new NpgsqlParameter { Value = bytes.ToArray(), NpgsqlDbType = NpgsqlDbType.Bytea });
        if (await PostgresDatabase.GuardAsync(() => command.ExecuteNonQueryAsync(CancellationToken.None)) != 1) throw new RefusalException(RefusalCode.BlobConflict);
    }

    /// <summary>Takes back what one transfer has added.</summary>
    private async Task RemoveFromAsync(BlobId blob, long first, long end)
    {
        if (first == end) return;
        await using var command = Command("DELETE FROM blob_parts WHERE id = $1 AND start >= $2 AND start < $3", blob);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = first });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = end });
        await PostgresDatabase.GuardAsync(() => command.ExecuteNonQueryAsync(CancellationToken.None));
    }

    /// <summary>Of the connections that are kept some may have ended unnoticed: what may be done twice is tried again.</summary>
    private static async ValueTask<T> RepeatAsync<T>(Func<Task<T>> action)
    {
        for (int more = Repetitions; more > 0; more--)
        {
            try { return await PostgresDatabase.GuardAsync(action); }
            catch (StorageException) { continue; }
        }
        return await PostgresDatabase.GuardAsync(action);
    }

    private NpgsqlCommand Command(string sql, BlobId blob)
    {
        var command = _connections.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = blob.ToBytes() });
        return command;
    }
}
