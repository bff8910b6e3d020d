using System.Runtime.InteropServices;

namespace Holdfast.Vault.Drill;

/// <summary>Something that a process may or may not do.</summary>
/// <param name="Name">What.</param>
/// <param name="Try">Does it: less than 0 where the kernel refused, and the reason is the last system error.</param>
internal sealed record Attempt(string Name, Func<nint> Try)
{
    /// <summary>The line that says what became of it: <c>done</c>, or the number of the error.</summary>
    public string Run() => $"{Name}\t{(Try() >= 0 ? "done" : $"error {Marshal.GetLastPInvokeError()}")}";
}

/// <summary>Attempts, one after the other.</summary>
internal static class Attempts
{
    public static void Report(IEnumerable<Attempt> attempts)
    {
        foreach (var attempt in attempts) Console.WriteLine(attempt.Run());
    }

    /// <summary>A system call by its numbers on the two architectures.</summary>
    public static Attempt Call(string name, int x64, int arm64, nint a = 0, nint b = 0, nint c = 0, nint d = 0) =>
        new(name, () => Invoke(x64, arm64, a, b, c, d));

    public static nint Invoke(int x64, int arm64, nint a = 0, nint b = 0, nint c = 0, nint d = 0) =>
        Native.Call(RuntimeInformation.ProcessArchitecture == Architecture.X64 ? x64 : arm64, a, b, c, d);

    /// <summary>Opens a file; flags as in open(2).</summary>
    public static Attempt Open(string name, string path, int flags = 0) => new(name, () => Native.Open(path, flags, 0x180));
}

/// <summary>The C library.</summary>
internal static partial class Native
{
    public const int WriteOnly = 1, ReadWrite = 2, Create = 0x40;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    public static partial nint Call(nint number, nint a = 0, nint b = 0, nint c = 0, nint d = 0, nint e = 0, nint f = 0);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, int mode);
}
