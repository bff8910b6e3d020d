using System.Security.Cryptography;
using System.Text;

namespace Holdfast.Client;

/// <summary>A profile's folder: what in it is the vault's, and where the agent is reached.</summary>
/// <param name="directory">The folder; it need not exist yet.</param>
public sealed class Profile(string directory)
{
    private const int LongestSocketPath = 100;   // the platform's own limit is a little above

    /// <summary>The folder's full path.</summary>
    public string Directory { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));

    /// <summary>The vault's own folder.</summary>
    public string VaultDirectory => Path.Combine(Directory, "vault");

    /// <summary>Held by the agent while it lives: one agent for one profile.</summary>
    public string LockPath => Path.Combine(Directory, "agent.lock");

    /// <summary>What was fetched while the profile was locked, sealed; there only where its owner has it so.</summary>
    internal string SpoolPath => Path.Combine(Directory, "spool");

    /// <summary>There while a join has not been carried to its end.</summary>
    internal string JoiningPath => Path.Combine(Directory, "joining");

    /// <summary>Whether a join was interrupted here: typed again with the same invite, it goes on.</summary>
    public bool IsJoining => File.Exists(JoiningPath);

    /// <summary>Where the agent listens.</summary>
    public string SocketPath
    {
        get
        {
            string usual = Path.Combine(Directory, "agent.sock");
            return Encoding.UTF8.GetByteCount(usual) <= LongestSocketPath ? usual : Path.Combine(SocketFolder, $"{ShortName}.sock");
        }
    }

    /// <summary>Whether a profile was ever made here.</summary>
    public bool Exists =>
        System.IO.Directory.Exists(VaultDirectory) && System.IO.Directory.EnumerateFileSystemEntries(VaultDirectory).Any();

    private static string SocketFolder => Path.Combine("/tmp", $"holdfast-{Peer.Own()}");

    private string ShortName => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Directory)).AsSpan(..16));

    /// <summary>Makes the folders that are missing, for their owner only, and sees that the profile can be written.</summary>
    /// <exception cref="FaceException">It cannot be made or written; the message names it and says why.</exception>
    public void Prepare()
    {
        try
        {
            Folder.MakePrivate(Directory);
            MakeSocketFolder(Path.GetDirectoryName(SocketPath)!);
            using var writable = new FileStream(LockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);   // takes nothing from an agent
        }
        catch (UnauthorizedAccessException denied) { throw FaceFailure.Denied(denied); }
        catch (IOException held) when (File.Exists(LockPath) && IsHeld(held))
        {
            return;   // by an agent: it lives in this folder
        }
        catch (IOException failed)
        {
            throw new FaceException(ExitCode.Failed, FaceCode.StorageFailed, $"The profile's folder {Directory} cannot be used: {failed.Message}");
        }
    }

    /// <summary>Takes away what is ours of a profile that was wiped; what else is in the folder stays.</summary>
    public void RemoveLeftovers()
    {
        foreach (string file in (string[])[JoiningPath, SocketPath, SpoolPath, SpoolPath + ".new", LockPath]) File.Delete(file);
        foreach (string folder in (string[])[VaultDirectory, Directory])
        {
            if (System.IO.Directory.Exists(folder) && !System.IO.Directory.EnumerateFileSystemEntries(folder).Any()) System.IO.Directory.Delete(folder);
        }
    }

    /// <summary>Tells a profile that is not there from one that may not be looked at.</summary>
    /// <exception cref="FaceException">The folder, or one above it, may not be entered.</exception>
    internal void RequireAccess()
    {
        try { _ = System.IO.Directory.EnumerateFileSystemEntries(Directory).Any(); }
        catch (UnauthorizedAccessException denied) { throw FaceFailure.Denied(denied); }
        catch (IOException) { return; }   // not there, or no folder: told where it is made
    }

    private static bool IsHeld(IOException failed) => (failed.HResult & 0xffff) is 11 or 35 or 32 or 33;   // EWOULDBLOCK; sharing and lock violations

    private static void MakeSocketFolder(string folder)
    {
        Folder.MakePrivate(folder);
        if (!OperatingSystem.IsWindows() && folder == SocketFolder)   // in a folder shared by all: only its owner can do this
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
