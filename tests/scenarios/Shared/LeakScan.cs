using System.Text;

namespace Holdfast.Scenarios;

/// <summary>Reads every byte of every file below a folder and tells where something lies that must not.</summary>
/// <param name="everywhere">What must not lie there.</param>
/// <param name="most">How many findings are enough to see what is wrong.</param>
internal sealed class LeakScan(Needles everywhere, int most = 20)
{
    private const int LeastText = 12, LeastDistinct = 6, Window = 64, PieceBytes = 16 << 20;

    private long _bytes;
    private int _files;

    /// <summary>How much was read.</summary>
    public string Extent => $"{_files} files, {_bytes} bytes, {everywhere.Count} forms";

    /// <summary>All that is found below the folder, up to a number that is enough to see what is wrong.</summary>
    public IReadOnlyList<string> Find(string folder)
    {
        // Of /proc/PID's kind of file there is none here; a socket has no content of its own.
        var files = Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Where(static path => (File.GetAttributes(path) & FileAttributes.Device) == 0 && !path.Contains(".sock", StringComparison.Ordinal));
        return [.. files.AsParallel().SelectMany(FindIn).Take(most)];
    }

    /// <summary>A line worth looking for: long enough, and not a row of dashes or blanks that lies anywhere by chance.</summary>
    public static bool IsTelling(string line)
    {
        string trimmed = line.Trim();
        return Encoding.UTF8.GetByteCount(trimmed) >= LeastText && trimmed.Distinct().Count() >= LeastDistinct;
    }

    /// <summary>The lines of a text file that are worth looking for.</summary>
    public static IEnumerable<string> TellingLines(string path) =>
        File.ReadLines(path).Select(static line => line.Trim()).Where(IsTelling).Distinct();

    /// <summary>Samples of a file: windows at equal distances.</summary>
    public static IEnumerable<byte[]> Windows(string path, int count)
    {
        using var file = File.OpenRead(path);
        long step = Math.Max(1, (file.Length - Window) / count);
        for (long at = 0; at + Window <= file.Length; at += step)
        {
            byte[] window = new byte[Window];
            file.Position = at;
            file.ReadExactly(window);
            if (window.Distinct().Count() >= LeastDistinct) yield return window;
        }
    }

    /// <summary>All that is found in one file, be it a disk's image, up to that number.</summary>
    public IReadOnlyList<string> FindInFile(string path) => [.. FindIn(path).Take(most)];

    private IEnumerable<string> FindIn(string path)
    {
        // A form is at most a line in hexadecimal in UTF-16; pieces overlap by more than that.
        const int Overlap = 4096;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        byte[] piece = new byte[(int)Math.Min(PieceBytes, file.Length + Window)];
        Interlocked.Increment(ref _files);
        Interlocked.Add(ref _bytes, file.Length);
        int kept = 0;
        for (long start = 0; ;)
        {
            int read = file.ReadAtLeast(piece.AsSpan(kept), piece.Length - kept, throwOnEndOfStream: false), length = kept + read;
            foreach (var (offset, what) in everywhere.FindAll(piece.AsMemory(0, length))) yield return $"{path} at {start + offset}: {what}";
            if (length < piece.Length || piece.Length <= Overlap) yield break;
            piece.AsSpan(length - Overlap, Overlap).CopyTo(piece);
            (kept, start) = (Overlap, start + length - Overlap);
        }
    }
}
