using System.Runtime.InteropServices;

namespace Holdfast.Vault;

/// <summary>
/// Which files this process may open: Landlock (landlock(7)). A wall binds the thread that builds it and what that thread starts later,
/// programs included, and can only be made higher. The token host has one of its own, <c>Walls/Landlock.cs</c>: what the kernel learns to
/// forbid is added in both.
/// </summary>
internal sealed unsafe class FolderWall : IDisposable
{
    internal const ulong Execute = 1 << 0, WriteFile = 1 << 1, ReadFile = 1 << 2, ReadFolder = 1 << 3;
    internal const ulong Read = ReadFile | ReadFolder;

    private const ulong RemoveFolder = 1 << 4, RemoveFile = 1 << 5, MakeFolder = 1 << 7, MakeFile = 1 << 8;
    private const ulong Refer = 1 << 13, Truncate = 1 << 14;
    private const ulong EveryTcp = 0b11, EveryScope = 0b11;   // bind, connect; abstract sockets and signals of others
    private const int FirstWithNetwork = 4, FirstWithScopes = 6, RulePathBeneath = 1, AskVersion = 1;

    /// <summary>All of what a store does in its folder: no links, sockets, pipes or devices.</summary>
    internal const ulong Own = WriteFile | Read | RemoveFolder | RemoveFile | MakeFolder | MakeFile | Refer | Truncate;

    /// <summary>The rights that each version of the kernel's interface knows: a wall forbids all of those.</summary>
    private static readonly ulong[] _known = [0, 0x1fff, 0x3fff, 0x7fff, 0x7fff, 0xffff];

    private readonly ulong _rights;
    private readonly int _ruleset;

    private FolderWall(int ruleset, ulong rights) => (_ruleset, _rights) = (ruleset, rights);

    /// <summary>The version of the interface that the kernel has; 0 where there is none.</summary>
    internal static int Version { get; } = (int)Math.Max(0, Syscall.LandlockCreateRuleset.Invoke(0, 0, AskVersion));

    /// <summary>A wall without a gate: nothing may be opened, nothing connected to. Null where the kernel has none.</summary>
    /// <param name="scoped">Whether signals to other processes are walled off, too: once is enough.</param>
    internal static FolderWall? Plan(bool scoped)
    {
        if (Version == 0) return null;
        ulong rights = _known[Math.Min(Version, _known.Length - 1)];
        var ruleset = new Ruleset
        {
            Files = rights,
            Network = Version >= FirstWithNetwork ? EveryTcp : 0,
            Scopes = scoped && Version >= FirstWithScopes ? EveryScope : 0,
        };
        // A kernel refuses what is longer than it knows, unless the rest is zero.
        int descriptor = (int)Syscall.LandlockCreateRuleset.Invoke((nint)(&ruleset), sizeof(Ruleset));
        return descriptor < 0 ? null : new(descriptor, rights);
    }

    /// <summary>A gate: what lies at or below a path may be used so. What is not there needs none.</summary>
    internal void Open(string path, ulong rights)
    {
        const ulong OfFiles = Execute | WriteFile | ReadFile | Truncate;
        int descriptor = Libc.Open(path, Libc.OpenPath | Libc.CloseOnExec);
        if (descriptor < 0) return;
        ulong fitting = Directory.Exists(path) ? _rights : _rights & OfFiles;
        var rule = new PathBeneath { Rights = rights & fitting, Descriptor = descriptor };
        _ = Syscall.LandlockAddRule.Invoke(_ruleset, RulePathBeneath, (nint)(&rule));   // a gate that could not be made is a wall
        _ = Libc.Close(descriptor);
    }

    /// <summary>Builds it around the calling thread.</summary>
    /// <returns>Whether it stands.</returns>
    internal bool Raise() => Syscall.LandlockRestrictSelf.Invoke(_ruleset, 0) == 0;

    public void Dispose() => _ = Libc.Close(_ruleset);

    /// <summary>struct landlock_ruleset_attr.</summary>
    private struct Ruleset
    {
        public ulong Files, Network, Scopes;
    }

    /// <summary>struct landlock_path_beneath_attr, which is packed.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct PathBeneath
    {
        public ulong Rights;
        public int Descriptor;
    }
}
