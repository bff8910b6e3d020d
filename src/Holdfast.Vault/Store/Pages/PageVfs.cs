using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static Holdfast.Vault.Pages.NativeSqlite;

namespace Holdfast.Vault.Pages;

/// <summary>
/// The file system that SQLite sees through one connection: a main file and a write-ahead log, and nothing else. Journals and
/// temporary files cannot be opened at all, so none can hold plaintext.
/// </summary>
internal sealed unsafe class PageVfs : IDisposable
{
    private const int LongestPath = 4096;

    private static int _registered;

    private readonly Vfs* _vfs;
    private GCHandle _owner;
    private int _users = 1;   // whoever made it, and each open file
    private int _isGone;

    internal PageVfs(StoreFiles files)
    {
        Files = files;
        Name = $"holdfast-{Interlocked.Increment(ref _registered)}";
        _owner = GCHandle.Alloc(this);
        _vfs = (Vfs*)NativeMemory.AllocZeroed((nuint)sizeof(Vfs));
        *_vfs = new Vfs
        {
            Version = 2,
            FileBytes = sizeof(OpenFile),
            LongestPath = LongestPath,
            Name = (byte*)Marshal.StringToCoTaskMemUTF8(Name),
            Owner = GCHandle.ToIntPtr(_owner),
            Open = &Open,
            Delete = &Delete,
            Access = &Access,
            FullPath = &FullPath,
            Randomness = &Randomness,
            Sleep = &Sleep,
            CurrentTime = &CurrentTime,
            LastError = &LastError,
            CurrentTimeMilliseconds = &CurrentTimeMilliseconds,
        };
        if (sqlite3_vfs_register(_vfs, 0) != Ok) throw new InvalidOperationException("SQLite takes no file system");
    }

    /// <summary>By which a connection asks for it.</summary>
    internal string Name { get; }

    /// <summary>What SQLite may open through it.</summary>
    internal StoreFiles Files { get; }

    /// <summary>No connection finds it any more. A connection that failed to open is closed only when it is collected, and needs it until then.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isGone, 1) != 0) return;
        _ = sqlite3_vfs_unregister(_vfs);
        Release();
    }

    /// <summary>A file has been closed.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _users) > 0) return;
        Marshal.FreeCoTaskMem((nint)_vfs->Name);
        NativeMemory.Free(_vfs);
        _owner.Free();
    }

    private static PageVfs Of(Vfs* vfs) => (PageVfs)GCHandle.FromIntPtr(vfs->Owner).Target!;

    private static string? TextAt(byte* text) => Marshal.PtrToStringUTF8((nint)text);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Open(Vfs* vfs, byte* name, OpenFile* file, int flags, int* flagsOut)
    {
        file->Methods = null;
        var owner = Of(vfs);
        var files = owner.Files;
        try
        {
            SealedFile? opened = TextAt(name) is not { } path ? null
                : (flags & OpenMainFile) != 0 && path == files.MainPath ? files.Main
                : (flags & OpenLog) != 0 && path == files.LogPath ? files.Log
                : null;
            if (opened is null) return CannotOpen;
            Interlocked.Increment(ref owner._users);
            file->Which = GCHandle.ToIntPtr(GCHandle.Alloc(new FileHandle(owner, opened)));
            file->Methods = FileMethods.Table;
            if (flagsOut is not null) *flagsOut = flags;
            return Ok;
        }
        catch (Exception failure)
        {
            files.Failure = failure;
            return CannotOpen;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Delete(Vfs* vfs, byte* name, int syncFolder)
    {
        var files = Of(vfs).Files;
        try
        {
            if (TextAt(name) == files.LogPath && !files.IsClosed) files.Log.Delete();
            return Ok;
        }
        catch (Exception failure)
        {
            files.Failure = failure;
            return ErrorDelete;
        }
    }

    /// <summary>Whether there is a log that says something; journals there are none.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Access(Vfs* vfs, byte* name, int flags, int* isThere)
    {
        var files = Of(vfs).Files;
        try
        {
            string? path = TextAt(name);
            *isThere = path == files.MainPath || (path == files.LogPath && files.Log.HasFrames) ? 1 : 0;
            return Ok;
        }
        catch (Exception failure)
        {
            files.Failure = failure;
            return CannotOpen;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int FullPath(Vfs* vfs, byte* name, int capacity, byte* target)
    {
        var path = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name);
        if (path.Length >= capacity) return CannotOpen;
        path.CopyTo(new Span<byte>(target, capacity));
        target[path.Length] = 0;
        return Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Randomness(Vfs* vfs, int bytes, byte* target)
    {
        try
        {
            Of(vfs).Files.Random.FillPublic(new Span<byte>(target, bytes));
            return bytes;
        }
        catch (Exception failure)
        {
            Of(vfs).Files.Failure = failure;
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Sleep(Vfs* vfs, int microseconds)
    {
        Thread.Sleep(microseconds / 1000);
        return microseconds;
    }

    /// <summary>Nobody asks this store what time it is: 2000-01-01 12:00 does.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CurrentTime(Vfs* vfs, double* julianDay)
    {
        *julianDay = 2451545.0;
        return Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CurrentTimeMilliseconds(Vfs* vfs, long* milliseconds)
    {
        *milliseconds = 2451545L * 86_400_000;
        return Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int LastError(Vfs* vfs, int bytes, byte* text) => 0;
}
