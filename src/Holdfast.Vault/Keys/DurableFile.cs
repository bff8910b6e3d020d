using System.Security.Cryptography;
using Holdfast.Vault.Pages;

namespace Holdfast.Vault;

/// <summary>Small files that are whole, old or new, whenever the power goes, and of which nothing is left when they are replaced.</summary>
internal static class DurableFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Puts that content in the place of what the file had. What it had is overwritten once it is not needed any more.</summary>
    internal static void Replace(string path, ReadOnlySpan<byte> content)
    {
        string unfinished = path + ".new";
        WriteNew(unfinished, content);
        using var before = File.Exists(path) ? Open(path, FileMode.Open) : null;
        File.Move(unfinished, path, overwrite: true);
        Disk.System.SyncNames(Path.GetFullPath(path));
        if (before is not null) Overwrite(before);
    }

    /// <summary>Overwrites what the file has and puts this in its place, in the same bytes of the disk as far as the file system does so.</summary>
    internal static void OverwriteWith(string path, ReadOnlySpan<byte> content)
    {
        using var file = Open(path, FileMode.OpenOrCreate);
        Overwrite(file);
        file.SetLength(content.Length);
        file.Write(content);
        file.Flush(flushToDisk: true);
    }

    /// <summary>The whole of a file that should be small; a longer one is no file of ours.</summary>
    internal static byte[] Read(string path, int most)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        if (file.Length > most) throw new InvalidDataException();
        byte[] content = new byte[file.Length];
        file.ReadExactly(content);
        return content;
    }

    private static void WriteNew(string path, ReadOnlySpan<byte> content)
    {
        using var file = Open(path, FileMode.Create);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file.SafeFileHandle, OwnerOnly);
        file.Write(content);
        file.Flush(flushToDisk: true);
    }

    private static FileStream Open(string path, FileMode mode)
    {
        var options = new FileStreamOptions
        {
            Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows() && mode != FileMode.Open) options.UnixCreateMode = OwnerOnly;
        return new FileStream(path, options);
    }

    private static void Overwrite(FileStream file)
    {
        byte[] noise = RandomNumberGenerator.GetBytes((int)Math.Min(file.Length, 1 << 16));
        file.Position = 0;
        for (long left = file.Length; left > 0; left -= noise.Length) file.Write(noise.AsSpan(0, (int)Math.Min(left, noise.Length)));
        file.Flush(flushToDisk: true);
        file.Position = 0;
    }
}
