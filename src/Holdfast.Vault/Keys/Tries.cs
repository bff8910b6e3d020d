using System.Globalization;
using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// Counts wrong passcodes in a row, on disk before each is tried, so that ending the vault in the middle gains nothing; and makes the
/// next wait. Who can write the folder can reset the count, and who has copied the disk needs none: there a passcode costs what
/// <see cref="PasscodeCost"/> says, unless the key hangs on a token.
/// </summary>
internal sealed class Tries(string folder, TimeProvider clock)
{
    private const uint Magic = 0x48465431;   // "HFT1"
    private const int Bytes = 4 + 4 + 8, CountWhereDamaged = 3;

    private static readonly TimeSpan[] Waits =
    [
        TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30),
        TimeSpan.FromMinutes(5), TimeSpan.FromHours(1),
    ];

    private (int Failures, DateTimeOffset Last) _before;

    /// <summary>How many wrong passcodes there have been since the last right one, this one included while it is tried.</summary>
    internal int Failures => Read().Failures;

    /// <summary>How many there had been before the try that was begun last.</summary>
    internal int FailuresBefore => _before.Failures;

    private string Path => System.IO.Path.Combine(folder, "tries");

    /// <summary>Counts a try as a wrong one until <see cref="Succeed"/>.</summary>
    /// <exception cref="VaultException">It comes too early, and is not counted.</exception>
    internal void Begin()
    {
        _before = Read();
        var (failures, last) = _before;
        var now = clock.GetUtcNow();
        var wait = Waits[Math.Min(failures, Waits.Length - 1)];
        var left = last > now ? wait : last + wait - now;   // a clock that was put back does not shorten it
        if (left > TimeSpan.Zero)
            throw new VaultException(VaultError.TooManyTries, $"There were {failures} wrong passcodes: wait {InWords(left)} before the next try.");
        Write(failures + 1, now);
    }

    /// <summary>The passcode was not judged: all is as before <see cref="Begin"/>.</summary>
    internal void TakeBack() => Write(_before.Failures, _before.Last);

    /// <summary>The passcode was right.</summary>
    internal void Succeed() => Write(0, clock.GetUtcNow());

    private static string InWords(TimeSpan left) => left.TotalSeconds <= 90
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(left.TotalSeconds):F0} seconds")
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(left.TotalMinutes):F0} minutes");

    private (int Failures, DateTimeOffset Last) Read()
    {
        if (!File.Exists(Path)) return (0, DateTimeOffset.MinValue);
        try
        {
            var reader = new TlsReader(DurableFile.Read(Path, Bytes));
            if (reader.ReadUInt32() != Magic) throw new CodecException("not a count of tries");
            var read = ((int)Math.Min(reader.ReadUInt32(), 1_000), DateTimeOffset.FromUnixTimeMilliseconds((long)reader.ReadUInt64()));
            reader.ExpectEnd();
            return read;
        }
        catch (Exception damaged) when (damaged is CodecException or InvalidDataException or ArgumentOutOfRangeException)
        {
            return (CountWhereDamaged, clock.GetUtcNow() - Waits[CountWhereDamaged]);
        }
    }

    private void Write(int failures, DateTimeOffset now)
    {
        var writer = new TlsWriter();
        writer.WriteUInt32(Magic);
        writer.WriteUInt32((uint)failures);
        writer.WriteUInt64((ulong)Math.Max(0, now.ToUnixTimeMilliseconds()));
        DurableFile.Replace(Path, writer.ToArray());
    }
}
