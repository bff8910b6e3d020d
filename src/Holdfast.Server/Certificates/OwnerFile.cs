using System.Text;
using Holdfast.Server.Storage;

namespace Holdfast.Server.Certificates;

/// <summary>Files only the server's own user may read.</summary>
internal static class OwnerFile
{
    /// <summary>Writes a whole new file and waits until it is on disk.</summary>
    public static void Write(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var stream = new FileStream(path, options);
        stream.Write(Encoding.ASCII.GetBytes(text));
        DiskSync.Wait(stream);
    }
}
