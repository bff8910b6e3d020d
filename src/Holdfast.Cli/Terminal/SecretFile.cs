namespace Holdfast.Cli.Terminal;

/// <summary>A passcode or token PIN in a file: its first line.</summary>
internal static class SecretFile
{
    /// <summary>Reads it; the caller wipes it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="kind">What it is, in words.</param>
    /// <param name="most">The most bytes; longer is refused rather than cut.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<byte[]> ReadAsync(string file, string kind, int most, CancellationToken cancellationToken)
    {
        byte[] bytes = GC.AllocateArray<byte>(most + 2, pinned: true);
        try
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            int length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
            var line = bytes.AsSpan(0, length);
            if (line.IndexOf((byte)'\n') is >= 0 and int end) line = line[..end];
            line = line.TrimEnd((byte)'\r');
            if (line.Length > most) throw Failure.Usage($"The {kind} in the file is longer than {most} bytes.");
            return line.IsEmpty ? throw Failure.Usage($"The {kind} file is empty: its first line is the {kind}.") : Passcodes.Pinned(line);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw Failure.Usage($"The {kind} file cannot be read: {unreadable.Message}");
        }
        finally { Array.Clear(bytes); }
    }
}
