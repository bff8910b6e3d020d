using System.Globalization;
using System.Net.Http.Headers;
using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>One blob at the server. A connection that breaks is taken up again where it broke.</summary>
internal sealed class BlobTransfer(SyncEngine engine, BlobId blob)
{
    private const int MostAttempts = 8;

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.2), Longest = TimeSpan.FromSeconds(10);

    private readonly string _path = Rest.Blobs + blob;

    internal Task CreateAsync(BlobCreation creation, CancellationToken cancellationToken) => PersistAsync(
        async session =>
        {
            using var request = session.Rest.Request(HttpMethod.Post, _path);
            request.Content = RestCalls.Body(Tls.Encode(creation));
            using var response = await session.Server.SendAsync(request, cancellationToken);
        },
        cancellationToken);

    /// <summary>Appends a piece that begins at <paramref name="start"/>; the server has everything before it.</summary>
    internal async Task AppendAsync(ulong start, ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        bool again = false;
        await PersistAsync(
            async session =>
            {
                ulong offset = again ? await OffsetAsync(session, cancellationToken) : start;
                again = true;
                if (offset < start || offset > start + (uint)piece.Length) throw new RefusedException(RefusalCode.BlobConflict);
                if (offset == start + (uint)piece.Length) return;   // it had arrived, only the answer was lost
                using var request = session.Rest.Request(HttpMethod.Patch, _path);
                request.Headers.Add(Rest.UploadOffset, offset.ToString(CultureInfo.InvariantCulture));
                request.Content = new ReadOnlyMemoryContent(piece[(int)(offset - start)..]);
                using var response = await session.Server.SendAsync(request, cancellationToken);
            },
            cancellationToken);
    }

    /// <summary>The blob from a byte on.</summary>
    internal async Task<HttpResponseMessage> ReadAsync(ServerSession session, ulong from, CancellationToken cancellationToken)
    {
        using var request = session.Rest.Request(HttpMethod.Get, _path);
        if (from > 0) request.Headers.Range = new RangeHeaderValue((long)from, null);
        return await session.Server.SendAsync(request, cancellationToken);
    }

    /// <summary>Does something again until it succeeds, or fails in a way that will not pass.</summary>
    internal async Task PersistAsync(Func<ServerSession, Task> act, CancellationToken cancellationToken)
    {
        var backOff = new BackOff(Shortest, Longest, engine.Random);
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await act(await engine.Connector.ConnectAsync(cancellationToken));
                return;
            }
            catch (Exception failed) when (attempt < MostAttempts && MayPass(failed)) { await Task.Delay(backOff.Next(), engine.Time, cancellationToken); }
        }
    }

    private static bool MayPass(Exception failed) => failed switch
    {
        RefusedException { Code: RefusalCode.StorageFailed } => false,
        RefusedException refused => refused.MayPass,
        UnreachableException unreachable => !unreachable.IsOther,
        _ => failed is SessionEndedException,
    };

    private async Task<ulong> OffsetAsync(ServerSession session, CancellationToken cancellationToken)
    {
        using var request = session.Rest.Request(HttpMethod.Head, _path);
        using var response = await session.Server.SendAsync(request, cancellationToken);
        return response.Headers.TryGetValues(Rest.UploadOffset, out var values) &&
            ulong.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out ulong offset)
            ? offset
            : throw new RefusedException(RefusalCode.BlobConflict);
    }
}
