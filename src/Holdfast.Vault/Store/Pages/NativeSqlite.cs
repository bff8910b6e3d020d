using System.Runtime.InteropServices;

namespace Holdfast.Vault.Pages;

/// <summary>
/// What SQLite wants of a file system, and calls of it: https://www.sqlite.org/c3ref/vfs.html and https://www.sqlite.org/c3ref/io_methods.html. And
/// the calls that a statement takes which is run for every message.
/// </summary>
internal static unsafe partial class NativeSqlite
{
    internal const int Ok = 0, Full = 13, CannotOpen = 14, NotFound = 12;
    internal const int ErrorRead = 266, ErrorShortRead = 522, ErrorWrite = 778, ErrorSync = 1034, ErrorTruncate = 1546, ErrorFileSize = 1802;
    internal const int ErrorDelete = 2570, ErrorAuthentication = 8202;   // SQLITE_IOERR_DATA
    internal const int OpenMainFile = 0x100, OpenLog = 0x80000;
    internal const int PowersafeOverwrite = 0x1000;
    internal const int ReserveBytes = 38;   // SQLITE_FCNTL_RESERVE_BYTES
    internal const int CacheUsed = 1;   // SQLITE_DBSTATUS_CACHE_USED
    internal const int Row = 100, Done = 101, Copied = -1, PreparePersistent = 1;   // SQLITE_TRANSIENT, SQLITE_PREPARE_PERSISTENT

    private const string Library = "e_sqlite3";

    [LibraryImport(Library)]
    internal static partial int sqlite3_vfs_register(Vfs* vfs, int makeDefault);

    [LibraryImport(Library)]
    internal static partial int sqlite3_vfs_unregister(Vfs* vfs);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sqlite3_file_control(nint connection, string database, int operation, void* argument);

    [LibraryImport(Library)]
    internal static partial int sqlite3_prepare_v3(nint connection, byte* text, int bytes, uint flags, nint* statement, byte** rest);

    [LibraryImport(Library)]
    internal static partial int sqlite3_bind_int64(nint statement, int index, long value);

    [LibraryImport(Library)]
    internal static partial int sqlite3_bind_blob(nint statement, int index, void* value, int bytes, nint ownership);

    [LibraryImport(Library)]
    internal static partial int sqlite3_bind_zeroblob(nint statement, int index, int bytes);

    [LibraryImport(Library)]
    internal static partial int sqlite3_bind_text16(nint statement, int index, char* value, int bytes, nint ownership);

    [LibraryImport(Library)]
    internal static partial int sqlite3_step(nint statement);

    [LibraryImport(Library)]
    internal static partial int sqlite3_reset(nint statement);

    [LibraryImport(Library)]
    internal static partial int sqlite3_clear_bindings(nint statement);

    [LibraryImport(Library)]
    internal static partial int sqlite3_finalize(nint statement);

    [LibraryImport(Library)]
    internal static partial void* sqlite3_column_blob(nint statement, int column);

    [LibraryImport(Library)]
    internal static partial int sqlite3_column_bytes(nint statement, int column);

    [LibraryImport(Library)]
    internal static partial int sqlite3_changes(nint connection);

    [LibraryImport(Library)]
    internal static partial int sqlite3_extended_errcode(nint connection);

    [LibraryImport(Library)]
    internal static partial int sqlite3_db_status(nint connection, int what, int* present, int* highest, int resets);

    [LibraryImport(Library)]
    internal static partial int sqlite3_db_release_memory(nint connection);

    /// <summary>struct sqlite3_vfs, version 2.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Vfs
    {
        internal int Version, FileBytes, LongestPath;
        internal Vfs* Next;
        internal byte* Name;
        internal nint Owner;
        internal delegate* unmanaged[Cdecl]<Vfs*, byte*, OpenFile*, int, int*, int> Open;
        internal delegate* unmanaged[Cdecl]<Vfs*, byte*, int, int> Delete;
        internal delegate* unmanaged[Cdecl]<Vfs*, byte*, int, int*, int> Access;
        internal delegate* unmanaged[Cdecl]<Vfs*, byte*, int, byte*, int> FullPath;
        internal void* OpenLibrary, LibraryError, FindSymbol, CloseLibrary;
        internal delegate* unmanaged[Cdecl]<Vfs*, int, byte*, int> Randomness;
        internal delegate* unmanaged[Cdecl]<Vfs*, int, int> Sleep;
        internal delegate* unmanaged[Cdecl]<Vfs*, double*, int> CurrentTime;
        internal delegate* unmanaged[Cdecl]<Vfs*, int, byte*, int> LastError;
        internal delegate* unmanaged[Cdecl]<Vfs*, long*, int> CurrentTimeMilliseconds;
    }

    /// <summary>struct sqlite3_file, and behind it which of our files it is.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct OpenFile
    {
        internal Methods* Methods;
        internal nint Which;
    }

    /// <summary>struct sqlite3_io_methods, version 1: without shared memory, so that the write-ahead log belongs to one connection.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Methods
    {
        internal int Version;
        internal delegate* unmanaged[Cdecl]<OpenFile*, int> Close;
        internal delegate* unmanaged[Cdecl]<OpenFile*, byte*, int, long, int> Read;
        internal delegate* unmanaged[Cdecl]<OpenFile*, byte*, int, long, int> Write;
        internal delegate* unmanaged[Cdecl]<OpenFile*, long, int> Truncate;
        internal delegate* unmanaged[Cdecl]<OpenFile*, int, int> Sync;
        internal delegate* unmanaged[Cdecl]<OpenFile*, long*, int> FileSize;
        internal delegate* unmanaged[Cdecl]<OpenFile*, int, int> Lock;
        internal delegate* unmanaged[Cdecl]<OpenFile*, int, int> Unlock;
        internal delegate* unmanaged[Cdecl]<OpenFile*, int*, int> CheckReservedLock;
        internal delegate* unmanaged[Cdecl]<OpenFile*, int, void*, int> FileControl;
        internal delegate* unmanaged[Cdecl]<OpenFile*, int> SectorSize;
        internal delegate* unmanaged[Cdecl]<OpenFile*, int> DeviceCharacteristics;
    }
}
