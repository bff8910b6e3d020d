using System.Globalization;
using Holdfast.Cryptography;

namespace Holdfast.Client;

/// <summary>
/// A file that comes from others. It grows under a name of its own, for its owner only, and gets its real name when all of it
/// has been checked; on any failure nothing is left.
/// </summary>
internal static class ReceivedFile
{
    private const int MostNames = 1000;

    /// <summary>Saves what <paramref name="fill"/> writes, and says where.</summary>
    internal static async Task<string> SaveAsync(string folder, string name, RandomSource random, Func<FileStream, Task> fill)
    {
        string temporary = Path.Combine(folder, $".holdfast-{Convert.ToHexStringLower(random.PublicBytes(8))}.part");
        var file = Create(temporary);
        try
        {
            await using (file) await fill(file);
            return Name(temporary, folder, SafeFileName.Of(name));
        }
        finally
        {
            File.Delete(temporary);   // there no more where all went well
        }
    }

    private static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    /// <summary>A name is taken by making it anew, which follows no link and overwrites nothing; then the file moves over it in one step.</summary>
    private static string Name(string temporary, string folder, string name)
    {
        for (int number = 1; number <= MostNames; number++)
        {
            string path = Path.Combine(folder, SafeFileName.Numbered(name, number));
            try { Create(path).Dispose(); }
            catch (IOException) when (Path.Exists(path) || new FileInfo(path).LinkTarget is not null) { continue; }
            File.Move(temporary, path, overwrite: true);
            Folder.Flush(folder);   // else the name may be lost with the power, and with it the file
            return path;
        }
        throw new AttachmentException(AttachmentProblem.Refused, $"There are {MostNames.ToString(CultureInfo.InvariantCulture)} files of this name in the folder: save this one in another.");
    }
}
