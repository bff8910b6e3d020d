using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Vault.Pages;

/// <summary>A file as the disk has it. It is the process's edge: tests put themselves here, and cut writes short.</summary>
internal abstract class DiskFile : IDisposable
{
    /// <summary>The length in bytes.</summary>
    internal abstract long Length { get; }

    /// <summary>Reads as much as there is, and says how much that was.</summary>
    internal abstract int Read(Span<byte> target, long offset);

    /// <summary>Writes all of it, or throws.</summary>
    internal abstract void Write(ReadOnlySpan<byte> source, long offset);

    /// <summary>Cuts the file, or lengthens it with zeros.</summary>
    internal abstract void Truncate(long length);

    /// <summary>Returns when everything that was written is on the disk.</summary>
    internal abstract void Sync();

    /// <summary>Keeps others out, in this process or another, until the file is closed; they may still look at what is there.</summary>
    /// <exception cref="FileInUse">Somebody else has it.</exception>
    internal abstract void Lock();

    public abstract void Dispose();
}

/// <summary>Somebody else has the store open.</summary>
internal sealed class FileInUse() : IOException("Another process has this profile open.");

/// <summary>A file of the operating system.</summary>
internal sealed partial class SystemFile : DiskFile
{
    private const int TryLock = 2;   // F_TLOCK

    private static readonly HashSet<string> Locked = [];   // by this process, whose own locks do not keep it out

    private readonly string _path;
    private readonly SafeFileHandle _handle;
    private bool _isLocked;

    internal SystemFile(string path, FileMode mode)
    {
        _path = path;
        _handle = File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.Read);
        if (mode != FileMode.Open && !OperatingSystem.IsWindows()) File.SetUnixFileMode(_handle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    internal override long Length => RandomAccess.GetLength(_handle);

    internal override int Read(Span<byte> target, long offset)
    {
        int done = 0;
        while (done < target.Length && RandomAccess.Read(_handle, target[done..], offset + done) is > 0 and var read) done += read;
        return done;
    }

    internal override void Write(ReadOnlySpan<byte> source, long offset) => RandomAccess.Write(_handle, source, offset);

    internal override void Truncate(long length) => RandomAccess.SetLength(_handle, length);

    internal override void Sync()
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(_handle);
            return;
        }
        if (fdatasync(_handle) != 0) throw new IOException("the disk did not take what was written", Marshal.GetLastPInvokeError());
    }

    internal override void Lock()
    {
        lock (Locked)
        {
            if (!Locked.Add(_path)) throw new FileInUse();
        }
        _isLocked = true;
        if (!OperatingSystem.IsWindows() && lockf(_handle, TryLock, 0) != 0) throw new FileInUse();
    }

    public override void Dispose()
    {
        _handle.Dispose();
        if (!_isLocked) return;
        _isLocked = false;
        lock (Locked) Locked.Remove(_path);
    }

    /// <summary>Length and content, and not the times: nearly half of what fsync costs.</summary>
    [LibraryImport("libc", SetLastError = true)]
    private static partial int fdatasync(SafeFileHandle file);

    [LibraryImport("libc")]
    private static partial int lockf(SafeFileHandle file, int command, nint bytes);
}
