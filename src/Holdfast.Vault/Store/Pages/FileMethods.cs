using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static Holdfast.Vault.Pages.NativeSqlite;

namespace Holdfast.Vault.Pages;

/// <summary>
/// What SQLite does with an open file. No exception may leave these functions, for native code is above them: each becomes the
/// code that SQLite understands, and is kept for whoever asked SQLite.
/// </summary>
internal static unsafe class FileMethods
{
    /// <summary>The table of them, for as long as the process lives.</summary>
    internal static Methods* Table { get; } = MakeTable();

    private static Methods* MakeTable()
    {
        var table = (Methods*)NativeMemory.AllocZeroed((nuint)sizeof(Methods));
        *table = new Methods
        {
            Version = 1,
            Close = &Close,
            Read = &Read,
            Write = &Write,
            Truncate = &Truncate,
            Sync = &Sync,
            FileSize = &FileSize,
            Lock = &Agree,
            Unlock = &Agree,
            CheckReservedLock = &CheckReservedLock,
            FileControl = &FileControl,
            SectorSize = &SectorSize,
            DeviceCharacteristics = &DeviceCharacteristics,
        };
        return table;
    }

    private static FileHandle Of(OpenFile* file) => (FileHandle)GCHandle.FromIntPtr(file->Which).Target!;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Close(OpenFile* file)
    {
        Of(file).Close();
        GCHandle.FromIntPtr(file->Which).Free();
        file->Methods = null;
        return Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Read(OpenFile* file, byte* target, int bytes, long offset)
    {
        var handle = Of(file);
        try
        {
            var span = new Span<byte>(target, bytes);
            int read = handle.File.Read(span, offset);
            if (read == bytes) return Ok;
            span[read..].Clear();
            return ErrorShortRead;
        }
        catch (Exception failure)
        {
            return handle.Failed(failure, ErrorRead);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(OpenFile* file, byte* source, int bytes, long offset)
    {
        var handle = Of(file);
        try
        {
            handle.File.Write(new ReadOnlySpan<byte>(source, bytes), offset);
            return Ok;
        }
        catch (Exception failure)
        {
            return handle.Failed(failure, ErrorWrite);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Truncate(OpenFile* file, long size)
    {
        var handle = Of(file);
        try
        {
            handle.File.Truncate(size);
            return Ok;
        }
        catch (Exception failure)
        {
            return handle.Failed(failure, ErrorTruncate);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Sync(OpenFile* file, int flags)
    {
        var handle = Of(file);
        try
        {
            handle.File.Sync();
            return Ok;
        }
        catch (Exception failure)
        {
            return handle.Failed(failure, ErrorSync);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int FileSize(OpenFile* file, long* size)
    {
        var handle = Of(file);
        try
        {
            *size = handle.File.Size;
            return Ok;
        }
        catch (Exception failure)
        {
            return handle.Failed(failure, ErrorFileSize);
        }
    }

    /// <summary>The files are locked from when they are opened: no other process has them.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Agree(OpenFile* file, int level) => Ok;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CheckReservedLock(OpenFile* file, int* isReserved)
    {
        *isReserved = 0;
        return Ok;
    }

    /// <summary>No hints of sizes, no chunks, no memory maps.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int FileControl(OpenFile* file, int operation, void* argument) => NotFound;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int SectorSize(OpenFile* file) => SealedFile.PageBytes;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int DeviceCharacteristics(OpenFile* file) => PowersafeOverwrite;
}
