using System.Diagnostics;

namespace Holdfast.Server.Tests.Faults;

/// <summary>
/// An ext4 on a loop device whose image lies on a small tmpfs: once that is full, the device refuses what is written, and the system makes the file
/// system read-only, as it does on a disk that dies. Needs root.
/// </summary>
internal sealed class FailingDevice : IDisposable
{
    private readonly string _backing = Directory.CreateTempSubdirectory("holdfast-test-device-").FullName;
    private readonly string _folder = Directory.CreateTempSubdirectory("holdfast-test-").FullName;
    private string? _device;
    private bool _hasBacking, _isMounted;

    private FailingDevice()
    {
    }

    /// <summary>The file system's only folder that is used.</summary>
    public string Data => Path.Combine(_folder, "data");

    private string Image => Path.Combine(_backing, "image");

    /// <summary>Makes one; null where this user may not.</summary>
    public static FailingDevice? TryMake()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) return null;
        var device = new FailingDevice();
        if (device.TryMount()) return device;
        device.Dispose();
        return null;
    }

    /// <summary>From now on nothing new can be written.</summary>
    public void Fill()
    {
        using var filler = File.Create(Path.Combine(_backing, "filler"));
        byte[] some = new byte[1 << 20];
        try { while (true) filler.Write(some); }
        catch (IOException) { return; }   // full
    }

    /// <summary>The device takes writes again, and the file system is mounted anew.</summary>
    public bool TryMend()
    {
        File.Delete(Path.Combine(_backing, "filler"));
        _isMounted = !Run("umount", _folder, out _);
        if (_isMounted) return false;
        _isMounted = Run("mount", $"{_device} {_folder}", out _);
        return _isMounted;
    }

    public void Dispose()
    {
        if (_isMounted) Run("umount", $"-l {_folder}", out _);
        if (_device is not null) Run("losetup", $"-d {_device}", out _);
        if (_hasBacking) Run("umount", $"-l {_backing}", out _);
        Directory.Delete(_folder);
        Directory.Delete(_backing);
    }

    private bool TryMount()
    {
        _hasBacking = Run("mount", $"-t tmpfs -o size=24m holdfast-test {_backing}", out _);
        if (!_hasBacking) return false;
        using (var image = File.Create(Image)) image.SetLength(64 << 20);
        if (!Run("mkfs.ext4", $"-q -F -E lazy_itable_init=1,lazy_journal_init=1 -J size=4 {Image}", out _)) return false;
        if (!Run("losetup", $"-f --show {Image}", out string device)) return false;
        _device = device.Trim();
        _isMounted = Run("mount", $"-o errors=remount-ro,noinit_itable {_device} {_folder}", out _);
        if (_isMounted) Directory.CreateDirectory(Data);
        return _isMounted;
    }

    private static bool Run(string command, string arguments, out string output)
    {
        output = "";
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception) { return false; }
    }
}
