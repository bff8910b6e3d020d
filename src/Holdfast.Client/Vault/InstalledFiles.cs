namespace Holdfast.Client;

/// <summary>Whether an installation stays as the administrator made it.</summary>
internal static class InstalledFiles
{
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>
    /// Whether nobody but root can change what lies in a folder, or put another in its place. Root itself can: to it that is never so.
    /// </summary>
    internal static bool AreFixed(string folder) => OperatingSystem.IsLinux() && !Environment.IsPrivilegedProcess && AreOfRoot(folder);

    /// <summary>Whether all of it is root's, and none of it can be written by others.</summary>
    internal static bool AreOfRoot(string folder) => WithThoseAbove(folder).All(IsFixed) && Directory.EnumerateFileSystemEntries(folder).All(IsFixed);

    private static IEnumerable<string> WithThoseAbove(string folder)
    {
        for (string? path = Path.GetFullPath(folder); path is not null; path = Path.GetDirectoryName(path)) yield return path;
    }

    /// <summary>In a folder with the sticky bit, as /tmp, nobody renames what is root's.</summary>
    private static bool IsFixed(string path) =>
        UnixFile.Describe(path) is (0, var mode)
        && ((mode & OthersWrite) == 0 || (Directory.Exists(path) && mode.HasFlag(UnixFileMode.StickyBit)));
}
