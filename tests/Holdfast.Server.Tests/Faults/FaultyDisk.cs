using System.Diagnostics;
using System.IO.MemoryMappedFiles;

namespace Holdfast.Server.Tests.Faults;

/// <summary>What the server asks of its disk.</summary>
[Flags]
internal enum DiskCalls
{
    Read = 1,
    Write = 2,
    Sync = 4,
    Truncate = 8,
}

/// <summary>Of which file.</summary>
[Flags]
internal enum DiskFiles
{
    Database = 1,
    Log = 2,
    Index = 4,
    Blob = 8,
}

/// <summary>How a call fails.</summary>
internal enum DiskFault
{
    /// <summary>EIO.</summary>
    Failing = 1,

    /// <summary>ENOSPC.</summary>
    Full = 2,

    /// <summary>Half of it is done, and the caller told so.</summary>
    Short = 3,

    /// <summary>The process dies; of what was not synced each sector of 512 bytes is there or not.</summary>
    Power = 4,

    /// <summary>EROFS.</summary>
    ReadOnly = 5,
}

/// <summary>The disk of one server process, which fails when it is told to: <c>faulty-disk.c</c>, loaded into it before the C library.</summary>
internal sealed class FaultyDisk : IDisposable
{
    private const int Numbers = 16, KeptOfThousand = 500;

    private static readonly Lazy<(string? Library, string Problem)> Compiled = new(Compile);

    private readonly string _path = Path.GetTempFileName();
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _shared;

    public FaultyDisk()
    {
        File.WriteAllBytes(_path, new byte[Numbers * sizeof(int)]);
        _file = MemoryMappedFile.CreateFromFile(_path, FileMode.Open);
        _shared = _file.CreateViewAccessor(0, Numbers * sizeof(int));
    }

    /// <summary>The places of the shared numbers, in the order in which the library has them.</summary>
    private enum Number
    {
        Armed,
        Calls,
        Files,
        Count,
        Kind,
        Times,
        Fired,
        Seed,
        Kept,
        Stale,
        Seen,
        LostAtEnd,
    }

    /// <summary>Why there is none on this machine; null where there is.</summary>
    public static string? Missing => Compiled.Value.Library is null ? Compiled.Value.Problem : null;

    /// <summary>With which environment a server has this disk.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["LD_PRELOAD"] = Compiled.Value.Library!, ["HOLDFAST_FAULTS"] = _path,
    };

    /// <summary>How many calls have failed since the disk was last told to.</summary>
    public int Fired => this[Number.Fired];

    /// <summary>How many calls there were that it was told of.</summary>
    public int Seen => this[Number.Seen];

    /// <summary>What the next process finds in the write-ahead log is in the system's memory alone.</summary>
    public bool IsLogStale
    {
        set => this[Number.Stale] = value ? 1 : 0;
    }

    /// <summary>The power is lost when the process has ended by itself.</summary>
    public bool IsLostAtEnd
    {
        set => this[Number.LostAtEnd] = value ? 1 : 0;
    }

    private int this[Number number]
    {
        get => _shared.ReadInt32((int)number * sizeof(int));
        set => _shared.Write((int)number * sizeof(int), value);
    }

    /// <summary>The <paramref name="nth"/> such call from now on fails, and those behind it.</summary>
    /// <param name="calls">Which calls count.</param>
    /// <param name="files">On which files.</param>
    /// <param name="fault">How.</param>
    /// <param name="nth">Which, from 1.</param>
    /// <param name="times">How many in a row; -1 for all.</param>
    /// <param name="seed">What is lost with the power follows from it.</param>
    public void Fail(DiskCalls calls, DiskFiles files, DiskFault fault, int nth = 1, int times = 1, int seed = 0)
    {
        Mend();
        (this[Number.Calls], this[Number.Files], this[Number.Kind]) = ((int)calls, (int)files, (int)fault);
        (this[Number.Count], this[Number.Times], this[Number.Seed], this[Number.Kept]) = (nth, times, seed, KeptOfThousand);
        (this[Number.Fired], this[Number.Seen]) = (0, 0);
        Thread.MemoryBarrier();
        this[Number.Armed] = 1;
    }

    /// <summary>From now on nothing fails.</summary>
    public void Mend() => this[Number.Armed] = 0;

    public void Dispose()
    {
        _shared.Dispose();
        _file.Dispose();
        File.Delete(_path);
    }

    private static (string? Library, string Problem) Compile()
    {
        if (!OperatingSystem.IsLinux()) return (null, "a disk that fails is made for Linux");
        string source = Path.Combine(AppContext.BaseDirectory, "Faults", "faulty-disk.c");
        string library = Path.Combine(Directory.CreateTempSubdirectory("holdfast-test-disk-").FullName, "faulty-disk.so");
        try
        {
            using var compiler = Process.Start(new ProcessStartInfo("gcc", ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", library, source, "-ldl"]))!;
            compiler.WaitForExit();
            Assert.Equal(0, compiler.ExitCode);
            return (library, "");
        }
        catch (System.ComponentModel.Win32Exception) { return (null, "a disk that fails is compiled by gcc: install it"); }
    }
}
