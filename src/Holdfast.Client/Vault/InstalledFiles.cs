namespace Holdfast.Client;

/// <summary>Whether an installation stays as the administrator made it.</summary>
internal static class InstalledFiles
{
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>How many links Linux follows on one way.</summary>
    private const int MostLinks = 40;

    /// <summary>
    /// Whether nobody but root can change what lies in a folder, or put another in its place. Root itself can: to it that is never so.
    /// </summary>
    internal static bool AreFixed(string folder) => OperatingSystem.IsLinux() && !Environment.IsPrivilegedProcess && AreOfRoot(folder);

    /// <summary>Whether all of it is root's, and none of it can be written by others.</summary>
    internal static bool AreOfRoot(string folder) => WithThoseAbove(folder).All(IsFixed) && Directory.EnumerateFileSystemEntries(folder).All(IsFixed);

    /// <summary>
    /// Whether nobody but root can change a file, or have its path lead to another: each folder and link that the system passes on its way there is
    /// looked at, as it passes them. So is one that is not there, if nobody else can put it there.
    /// </summary>
    /// <param name="path">An absolute path.</param>
    internal static bool IsOfRoot(string path)
    {
        if (path.Contains('\0', StringComparison.Ordinal) || !IsFixed("/")) return false;
        var (left, reached, links) = (new Stack<string>(StepsFromLast(path)), "/", 0);
        while (left.TryPop(out string? step))
        {
            string next = step == ".." ? Path.GetDirectoryName(reached) ?? "/" : Path.Combine(reached, step);
            if (UnixFile.Describe(next, ofLink: true) is not var (owner, mode)) return IsMissing(next) && AreOfRootAlone(reached);
            if (owner != 0) return false;
            if (new FileInfo(next).LinkTarget is { } target)
            {
                if (++links > MostLinks) return false;
                if (target.StartsWith('/')) reached = "/";
                foreach (string behind in StepsFromLast(target)) left.Push(behind);
                continue;
            }
            if (!IsFixed(next, mode)) return false;
            reached = next;
        }
        return true;
    }

    private static IEnumerable<string> StepsFromLast(string path) =>
        path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(static step => step != ".").Reverse();

    private static bool IsMissing(string path) => OperatingSystem.IsLinux() && !Path.Exists(path);

    /// <summary>Whether others cannot even put something new there, as they can in /tmp.</summary>
    private static bool AreOfRootAlone(string folder) => UnixFile.Describe(folder) is (0, var mode) && (mode & OthersWrite) == 0;

    private static IEnumerable<string> WithThoseAbove(string folder)
    {
        for (string? path = Path.GetFullPath(folder); path is not null; path = Path.GetDirectoryName(path)) yield return path;
    }

    /// <summary>In a folder with the sticky bit, as /tmp, nobody renames what is root's.</summary>
    private static bool IsFixed(string path) => UnixFile.Describe(path) is (0, var mode) && IsFixed(path, mode);

    private static bool IsFixed(string path, UnixFileMode mode) =>
        (mode & OthersWrite) == 0 || (Directory.Exists(path) && mode.HasFlag(UnixFileMode.StickyBit));
}
