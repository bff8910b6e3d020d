using System.Runtime.InteropServices;

namespace Holdfast.Vault.Pages;

/// <summary>Where the store's files are.</summary>
internal abstract class Disk
{
    /// <summary>The operating system's.</summary>
    internal static Disk System { get; } = new SystemDisk();

    private const int SharingViolation = unchecked((int)0x80070020);

    /// <summary>Whether a file could not be opened because somebody else has it: Windows says so when it is opened.</summary>
    internal static bool IsInUse(IOException failure) => failure is FileInUse || failure.HResult == SharingViolation;

    /// <summary>Whether there is such a file.</summary>
    internal abstract bool Exists(string path);

    /// <summary>Opens a file that is there.</summary>
    internal abstract DiskFile Open(string path);

    /// <summary>Makes a file, empty, whether or not there was one.</summary>
    internal abstract DiskFile Create(string path);

    /// <summary>Deletes a file, if it is there.</summary>
    internal abstract void Delete(string path);

    /// <summary>Gives a file another's name, which ends the other.</summary>
    internal abstract void Replace(string path, string by);

    /// <summary>Returns when the names in a file's folder are on the disk.</summary>
    internal abstract void SyncNames(string path);
}

/// <summary>The operating system's files.</summary>
internal sealed partial class SystemDisk : Disk
{
    internal override bool Exists(string path) => File.Exists(path);

    internal override DiskFile Open(string path) => new SystemFile(path, FileMode.Open);

    internal override DiskFile Create(string path) => new SystemFile(path, FileMode.Create);

    internal override void Delete(string path) => File.Delete(path);

    internal override void Replace(string path, string by) => File.Move(by, path, overwrite: true);

    /// <summary>POSIX wants the folder itself to be synced; elsewhere a name is as durable as the file. Where a folder cannot be opened, nothing more can be done.</summary>
    internal override void SyncNames(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        int folder = open(Path.GetDirectoryName(path)!, 0);
        if (folder < 0) return;
        _ = fsync(folder);
        _ = close(folder);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial int fsync(int file);

    [LibraryImport("libc")]
    private static partial int close(int file);
}
