namespace Holdfast.Vault.Drill;

/// <summary>What a program of the same user tries at an installation: to have another library loaded with the vault, or another vault started.</summary>
internal static class Replacing
{
    public static IEnumerable<Attempt> All(string folder) =>
    [
        .. Directory.GetFiles(folder).SelectMany(Of),
        Try("a new library", () => File.WriteAllText(Path.Combine(folder, "libnew.so"), "")),
        Try("another mode", () => Chmod(folder)),
        Try("another folder in its place", () => Directory.Move(folder, folder + ".old")),
    ];

    private static IEnumerable<Attempt> Of(string file)
    {
        string name = Path.GetFileName(file);
        yield return Try($"{name}: write", () => File.OpenHandle(file, FileMode.Open, FileAccess.Write).Dispose());
        yield return Try($"{name}: mode", () => Chmod(file));
        yield return Try($"{name}: another in its place", () =>
        {
            string other = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
            File.WriteAllText(other, "");
            try { File.Move(other, file, overwrite: true); }
            finally { File.Delete(other); }
        });
        yield return Try($"{name}: delete", () => File.Delete(file));
    }

    private static void Chmod(string path)
    {
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.OtherWrite);
    }

    private static Attempt Try(string name, Action act) => new(name, () =>
    {
        try
        {
            act();
            return 0;
        }
        catch (Exception refused) when (refused is UnauthorizedAccessException or IOException) { return -1; }
    });
}
