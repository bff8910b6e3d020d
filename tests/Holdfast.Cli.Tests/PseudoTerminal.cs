using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Holdfast.Cli.Processes;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Cli.Tests;

/// <summary>A terminal with an interactive shell in it, as a person's own would be: a command that is stopped comes back with <c>fg</c>. Linux alone.</summary>
internal sealed class PseudoTerminal : IDisposable
{
    private const int ReadWriteNotMine = 0x2 | 0x100 | 0x80000;   // O_RDWR | O_NOCTTY | O_CLOEXEC
    private const int LocalFlags = 12, AttributesCapacity = 256;
    private const byte Echo = 0x08;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60), Pause = TimeSpan.FromMilliseconds(20);

    private readonly FileStream _ours;
    private readonly Process _process;
    private readonly StringBuilder _seen = new();

    /// <summary>Opens the terminal and starts the shell.</summary>
    public PseudoTerminal(HoldfastProcess holdfast)
    {
        int descriptor = Open(ReadWriteNotMine);
        byte[] name = new byte[64];
        if (descriptor < 0 || Grant(descriptor) != 0 || Unlock(descriptor) != 0 || NameOf(descriptor, name, name.Length) != 0)
            throw new InvalidOperationException("there is no pseudo-terminal to be had");
        _ours = new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.ReadWrite, bufferSize: 0);
        string theirs = Encoding.ASCII.GetString(name).TrimEnd('\0');
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec setsid --wait --ctty bash --norc --noprofile -i <>\"$0\" >&0 2>&0", theirs])
        {
            WorkingDirectory = holdfast.Folder,
        };
        start.Environment.Remove("HOLDFAST_PROFILE");
        start.Environment["TERM"] = "dumb";
        start.Environment["PS1"] = "ready> ";
        _process = Process.Start(start)!;
        _ = Task.Run(Read);
    }

    /// <summary>Whether this machine has what it takes.</summary>
    public static bool IsThere => OperatingSystem.IsLinux() && File.Exists("/usr/bin/setsid") && File.Exists("/bin/bash");

    /// <summary>All that was shown so far.</summary>
    public string Seen
    {
        get { lock (_seen) return _seen.ToString(); }
    }

    /// <summary>Whether what is typed is shown.</summary>
    public bool Shows
    {
        get => (Attributes()[LocalFlags] & Echo) != 0;
        set
        {
            byte[] attributes = Attributes();
            attributes[LocalFlags] = (byte)(value ? attributes[LocalFlags] | Echo : attributes[LocalFlags] & ~Echo);
            Assert.Equal(0, Posix.SetTerminal((int)_ours.SafeFileHandle.DangerousGetHandle(), 0, attributes));
        }
    }

    /// <summary>Types.</summary>
    public void Type(string text) => _ours.Write(Encoding.UTF8.GetBytes(text));

    /// <summary>Waits until something holds.</summary>
    public async Task UntilAsync(Func<bool> holds, string what)
    {
        for (long began = Stopwatch.GetTimestamp(); !holds(); await Task.Delay(Pause, TestContext.Current.CancellationToken))
            Assert.True(Stopwatch.GetElapsedTime(began) < Limit, $"{what}; seen: {Seen}");
    }

    /// <summary>Waits until the screen ends so.</summary>
    public Task EndsWithAsync(string text) => UntilAsync(() => Seen.EndsWith(text, StringComparison.Ordinal), $"'{text}' does not come");

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.Dispose();
        _ours.Dispose();
    }

    private byte[] Attributes()
    {
        byte[] attributes = new byte[AttributesCapacity];
        Assert.Equal(0, Posix.GetTerminal((int)_ours.SafeFileHandle.DangerousGetHandle(), attributes));
        return attributes;
    }

    private void Read()
    {
        byte[] buffer = new byte[1024];
        try
        {
            while (_ours.Read(buffer) is > 0 and int length)
                lock (_seen) _seen.Append(Encoding.UTF8.GetString(buffer.AsSpan(0, length)));
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException) { return; }   // the last of them has hung up
    }

    [DllImport("libc", EntryPoint = "posix_openpt")]
    private static extern int Open(int flags);

    [DllImport("libc", EntryPoint = "grantpt")]
    private static extern int Grant(int descriptor);

    [DllImport("libc", EntryPoint = "unlockpt")]
    private static extern int Unlock(int descriptor);

    [DllImport("libc", EntryPoint = "ptsname_r")]
    private static extern int NameOf(int descriptor, byte[] name, nint capacity);
}
