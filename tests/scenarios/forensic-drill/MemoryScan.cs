using System.Globalization;

namespace Holdfast.Scenarios.ForensicDrill;

/// <summary>Reads all the memory of a process that root can read, and tells what lies in it.</summary>
internal sealed class MemoryScan(Needles needles)
{
    private const int PieceBytes = 4 << 20, Overlap = 4096;

    /// <summary>How many bytes were read.</summary>
    public long Bytes { get; private set; }

    /// <summary>How many mappings nobody may read, not even root: memory that the kernel itself has no page for.</summary>
    public int Closed { get; private set; }

    /// <summary>What was found, each with the mapping it lay in.</summary>
    public IReadOnlyList<(string What, string Where)> Find(int process)
    {
        var found = new List<(string, string)>();
        using var memory = File.OpenHandle(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/mem"));
        foreach (string map in File.ReadAllLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/maps")))
        {
            string[] parts = map.Split(' ', StringSplitOptions.RemoveEmptyEntries), bounds = parts[0].Split('-');
            // What is a file's and cannot be written is the file's still; [vvar] and [vsyscall] are the kernel's.
            bool isFile = parts.Length > 5 && parts[5].StartsWith('/') && !parts[1].Contains('w') && !parts[5].StartsWith("/memfd:", StringComparison.Ordinal);
            if (!parts[1].StartsWith('r') || isFile || map.Contains("[vvar", StringComparison.Ordinal) || map.Contains("[vsyscall]", StringComparison.Ordinal)) continue;
            Find(memory, Number(bounds[0]), Number(bounds[1]), parts.Length > 5 ? parts[5] : "anonymous", found);
        }
        return found;
    }

    private void Find(Microsoft.Win32.SafeHandles.SafeFileHandle memory, long from, long to, string where, List<(string, string)> found)
    {
        byte[] piece = new byte[(int)Math.Min(PieceBytes, to - from)];
        for (long at = from; at < to;)
        {
            int length = (int)Math.Min(piece.Length, to - at), read;
            try { read = RandomAccess.Read(memory, piece.AsSpan(0, length), at); }
            catch (IOException)
            {
                Closed++;
                return;
            }
            if (read <= 0) return;
            Bytes += read;
            foreach (var (_, what) in needles.FindAll(piece.AsMemory(0, read))) found.Add((what, where));
            if (at + read >= to) return;
            at += Math.Max(read - Overlap, 1);
        }
    }

    private static long Number(string digits) => long.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
