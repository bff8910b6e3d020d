using System.Globalization;
using Holdfast.Codec;

namespace Holdfast.Vault;

/// <summary>
/// How many token PINs were tried in a row without being right, in a file, since some tokens take endless tries (SoftHSM does). After five,
/// one an hour is taken: so nobody guesses, and who knows it gets in again without anybody's help. The file is on disk before the token hears
/// the token PIN, so that ending the process gives none back. Someone who puts an old copy of the file in its place gets tries back: it stops
/// those who only have the keyboard, and the token's own counter, where there is one, stops the others.
/// </summary>
internal sealed class TokenPinTries(string path, TimeProvider clock)
{
    /// <summary>The most wrong token PINs in a row without waiting.</summary>
    internal const int Most = 5;

    private const int Bytes = 1 + 8;

    private static readonly TimeSpan Wait = TimeSpan.FromHours(1);

    private (int Count, DateTimeOffset Last) _before;

    /// <summary>How many were tried since one was right. A file that is not one of ours counts as all of them.</summary>
    internal int Count => Read().Count;

    /// <summary>Counts one more, durably.</summary>
    /// <exception cref="TokenException">There are none left for now.</exception>
    internal void Begin()
    {
        _before = Read();
        var (count, last) = _before;
        var now = clock.GetUtcNow();
        var left = last > now ? Wait : last + Wait - now;   // a clock that was put back does not shorten it
        if (count >= Most && left > TimeSpan.Zero) throw new TokenException(TokenFault.TriesUsedUp, string.Create(
            CultureInfo.InvariantCulture, $"{Most} wrong token PINs were given: wait {Math.Ceiling(left.TotalMinutes):F0} minutes before the next try."));
        Write(Math.Min(count + 1, Most), now);
    }

    /// <summary>The last was never judged.</summary>
    internal void TakeBack() => Write(_before.Count, _before.Last);

    /// <summary>The last was right.</summary>
    internal void Forget()
    {
        if (Count != 0) Write(0, clock.GetUtcNow());
    }

    private (int Count, DateTimeOffset Last) Read()
    {
        if (!File.Exists(path)) return (0, DateTimeOffset.UnixEpoch);
        try
        {
            var reader = new TlsReader(DurableFile.Read(path, Bytes));
            int count = reader.ReadUInt8();
            var last = DateTimeOffset.FromUnixTimeMilliseconds((long)reader.ReadUInt64());
            reader.ExpectEnd();
            return count <= Most ? (count, last) : throw new CodecException("not a count of token PINs");
        }
        catch (Exception damaged) when (damaged is CodecException or InvalidDataException or ArgumentOutOfRangeException)
        {
            return (Most, new DateTimeOffset(File.GetLastWriteTimeUtc(path)));   // so that it does not wait for ever
        }
    }

    private void Write(int count, DateTimeOffset last)
    {
        var writer = new TlsWriter();
        writer.WriteUInt8((byte)count);
        writer.WriteUInt64((ulong)Math.Max(0, last.ToUnixTimeMilliseconds()));
        DurableFile.Replace(path, writer.ToArray());
    }
}
