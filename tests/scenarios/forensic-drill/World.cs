using System.Diagnostics;
using System.Globalization;

namespace Holdfast.Scenarios.ForensicDrill;

/// <summary>
/// A machine of its own, as far as files go: what is done in it sees this system's files, and all that it writes, wherever that is, lies on
/// one disk, an ext4 image. So every file that was made is known, and so are the blocks that no file has any more. It takes root.
/// </summary>
internal sealed class World : IDisposable
{
    private const int ImageBytes = 256 << 20;

    /// <summary>Where a person's own things are, which do not belong to the product: a stick that is taken along.</summary>
    public const string Pocket = "/media/pocket";

    /// <summary>Where the product is installed, by root.</summary>
    public const string Product = "/opt/holdfast";

    /// <summary>Run by root with the folders and then who lives where as its arguments; ends when its input does, and its mounts with it.</summary>
    private const string Build = """
        set -eu
        mount -t tmpfs tmpfs "$1/below"
        mkdir -p "$1/below/opt/holdfast" "$1/below/media/pocket"
        cp -a "$2/." "$1/below/opt/holdfast"
        chmod -R go+rX "$1/below/opt"
        for home in "$@"; do
            case $home in *:*) ;; *) continue ;; esac
            mkdir -p "$1/below${home#*:}"
            chown "${home%%:*}:${home%%:*}" "$1/below${home#*:}"
            chmod 0700 "$1/below${home#*:}"
        done
        mount -t overlay overlay -o "lowerdir=$1/below:/,upperdir=$1/disk/changed,workdir=$1/disk/work" "$1/whole"
        for own in proc sys dev; do mount --rbind /$own "$1/whole/$own"; done
        mount --bind "$1/disk/shm" "$1/whole/dev/shm"
        mount --bind "$1/disk/tmp" "$1/whole/tmp"
        mount --bind "$1/disk/vartmp" "$1/whole/var/tmp"
        mount --bind "$1/pocket" "$1/whole/media/pocket"
        cd "$1/whole"
        pivot_root . .
        umount -l .
        echo ready
        read -r _
        """;

    /// <summary>The folders on the disk, and where they are seen.</summary>
    private static readonly (string Folder, string SeenAt)[] _parts =
        [("changed", ""), ("tmp", "/tmp"), ("vartmp", "/var/tmp"), ("shm", "/dev/shm")];

    private readonly string _folder;
    private Process? _inside;
    private bool _isMounted;

    private World(string folder) => _folder = folder;

    /// <summary>The disk as one file, once <see cref="PutOut"/> has written everything to it.</summary>
    public string Image => Path.Combine(_folder, "disk.img");

    /// <summary>Makes it, or tells why that cannot be done here.</summary>
    /// <param name="folder">An empty folder.</param>
    /// <param name="homes">Folders that users have before anything begins.</param>
    /// <param name="why">Why not.</param>
    public static World? TryMake(string folder, IEnumerable<(int User, string Folder)> homes, out string why)
    {
        var world = new World(folder);
        try
        {
            world.Lay();
            world.Begin(homes);
            why = "";
            return world;
        }
        catch (ScenarioException impossible)
        {
            world.Dispose();
            why = impossible.Message;
            return null;
        }
    }

    /// <summary>Where something inside lies for who is outside: in the person's pocket.</summary>
    public string InPocket(string name) => Path.Combine(_folder, "pocket", name);

    /// <summary>Where a folder that was written inside lies for who is outside.</summary>
    public string Written(string inside) => Path.Combine(_folder, "disk", "changed", inside.TrimStart('/'));

    /// <summary>A command line that runs a program inside, as that user, with nothing in its environment but what a shell has.</summary>
    public string[] Inside(int user, string home, params string[] command) =>
    [
        "nsenter", string.Create(CultureInfo.InvariantCulture, $"--mount=/proc/{_inside!.Id}/ns/mnt"), "--",
        "setpriv", $"--reuid={user}", $"--regid={user}", "--clear-groups", "--",
        "env", "-i", $"--chdir={home}", $"HOME={home}", "PATH=/usr/bin:/bin", "LANG=C.UTF-8", .. command,
    ];

    /// <summary>Every file and folder that was made, changed or deleted, as those inside see it.</summary>
    public IReadOnlyList<string> Files() =>
    [
        .. _parts.SelectMany(part => List(Path.Combine(_folder, "disk", part.Folder), part.SeenAt)).Order(StringComparer.Ordinal),
    ];

    /// <summary>All folders with what was written.</summary>
    public IEnumerable<string> Places() => _parts.Select(part => Path.Combine(_folder, "disk", part.Folder));

    /// <summary>Brings what is in memory to the disk: also what will be deleted later leaves its traces there.</summary>
    public void Sync() => Do("sync", "-f", Path.Combine(_folder, "disk"));

    /// <summary>Puts the machine out: the disk is as its thief finds it.</summary>
    public void PutOut()
    {
        _inside!.StandardInput.Close();
        _inside.WaitForExit();
        Do("umount", Path.Combine(_folder, "disk"));
        _isMounted = false;
    }

    /// <summary>Puts the disk in again, without the machine: to plant something there.</summary>
    public void Mount()
    {
        Do("mount", "-o", "loop", Image, Path.Combine(_folder, "disk"));
        _isMounted = true;
    }

    /// <summary>Writes something into a file of a folder on the disk, amid other things.</summary>
    public void Plant(string place, string name, byte[] leak)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder, "disk", place)).FullName;
        File.WriteAllBytes(Path.Combine(folder, name), [.. new byte[1021], .. leak, .. new byte[7000]]);
    }

    /// <summary>Deletes what was planted under names that end so.</summary>
    public void Unplant(string place, string nameEnd)
    {
        foreach (string file in Directory.EnumerateFiles(Path.Combine(_folder, "disk", place), "*" + nameEnd)) File.Delete(file);
    }

    /// <summary>Takes it out again.</summary>
    public void Unmount()
    {
        Do("umount", Path.Combine(_folder, "disk"));
        _isMounted = false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_inside is { HasExited: false })
        {
            _inside.Kill();
            _inside.WaitForExit();
        }
        if (_isMounted) Do("umount", "--lazy", Path.Combine(_folder, "disk"));
        _inside?.Dispose();
    }

    private void Lay()
    {
        foreach (string name in (string[])["disk", "whole", "pocket", "below"]) Directory.CreateDirectory(Path.Combine(_folder, name));
        using (var image = File.Create(Image)) image.SetLength(ImageBytes);
        Do("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0", Image);
        Mount();
        foreach (string name in (string[])["changed", "work", "tmp", "vartmp", "shm"])
        {
            string made = Directory.CreateDirectory(Path.Combine(_folder, "disk", name)).FullName;
            Do("chmod", name is "changed" or "work" ? "0755" : "1777", made);
        }
        Do("chmod", "0755", _folder);
    }

    private void Begin(IEnumerable<(int User, string Folder)> homes)
    {
        string[] whoLivesWhere = [.. homes.Select(static home => string.Create(CultureInfo.InvariantCulture, $"{home.User}:{home.Folder}"))];
        string[] script = ["--mount", "--propagation", "private", "/bin/sh", "-c", Build, "sh", _folder, Installation.AsShipped().Folder];
        _inside = Command.Start("unshare", [.. script, .. whoLivesWhere]);
        if (_inside.StandardOutput.ReadLine() != "ready") throw new ScenarioException($"There is no machine to drill on: {_inside.StandardError.ReadToEnd().Trim()}");
    }

    /// <summary>Makes a person's pocket.</summary>
    public void GivePocket(int user, string name)
    {
        string made = Directory.CreateDirectory(InPocket(name)).FullName;
        Do("chown", string.Create(CultureInfo.InvariantCulture, $"{user}:{user}"), made);
        Do("chmod", "0700", made);
    }

    private static IEnumerable<string> List(string folder, string seenAt) =>
        Directory.EnumerateFileSystemEntries(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Select(path => seenAt + path[folder.Length..] + (Directory.Exists(path) ? "/" : ""));

    private static void Do(string program, params string[] arguments)
    {
        using var process = Command.Start(program, arguments);
        string said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new ScenarioException($"{program} {string.Join(' ', arguments)}: {said.Trim()}");
    }
}
