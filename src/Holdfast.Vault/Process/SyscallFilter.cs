using System.Runtime.InteropServices;

namespace Holdfast.Vault;

/// <summary>
/// Which system calls this process may still make: a list of what is allowed, as a seccomp program (seccomp(2)). Everything else fails with
/// EPERM: sockets, programs, processes, tracing, mounts, keys, other namespaces, and every call that is invented after this was written.
/// Which files may be opened is not its business but <see cref="FolderWall"/>'s: a filter sees no paths.
/// </summary>
internal static unsafe class SyscallFilter
{
    private const uint Allow = 0x7fff0000, Refuse = 0x00050000 | Libc.NotPermitted, Unknown = 0x00050000 | Libc.NotImplemented;
    private const ushort Load = 0x20, Equal = 0x15, AtLeast = 0x35, AnyBit = 0x45, Return = 0x06;   // words, and comparisons with a constant
    private const uint NumberOffset = 0, ArchitectureOffset = 4, ArgumentsOffset = 16;   // struct seccomp_data
    private const uint X64 = 0xc000003e, Arm64 = 0xc00000b7;   // AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64
    private const uint X32Numbers = 0x40000000;   // the same calls again, numbered otherwise

    private const uint ProtectExecute = 4, CloneThread = 0x10000, CloneNamespaces = 0x7e020000;
    private const uint TerminalAttributes = 0x5401, SetName = 15, NameMemory = 0x53564d41;
    private const int SetModeFilter = 1, AllThreads = 1;   // SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC

    /// <summary>F_DUPFD to F_SETLKW, the locks of open file descriptions, and F_DUPFD_CLOEXEC.</summary>
    private static readonly uint[] _fileControls = [0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030];

    /// <summary>Puts the filter over every thread of this process, for good.</summary>
    /// <param name="mayMakeCode">Whether memory may become executable: a JIT compiler needs that, native code does not.</param>
    /// <returns>Whether it holds.</returns>
    internal static bool Install(bool mayMakeCode)
    {
        var program = Build(RuntimeInformation.ProcessArchitecture, (uint)Environment.ProcessId, mayMakeCode);
        fixed (Instruction* instructions = program)
        {
            var whole = new Program { Length = (ushort)program.Length, Instructions = instructions };
            return Syscall.Seccomp.Invoke(SetModeFilter, AllThreads, (nint)(&whole)) == 0;
        }
    }

    /// <summary>The program itself.</summary>
    /// <param name="architecture">Whose numbers.</param>
    /// <param name="process">The one process whose threads may be signalled: this.</param>
    /// <param name="mayMakeCode">As in <see cref="Install"/>.</param>
    internal static Instruction[] Build(Architecture architecture, uint process, bool mayMakeCode)
    {
        List<Instruction> program =
        [
            new(Load, 0, 0, ArchitectureOffset),
            new(Equal, 1, 0, architecture == Architecture.X64 ? X64 : Arm64), new(Return, 0, 0, Refuse),
            new(Load, 0, 0, NumberOffset),
            new(AtLeast, 0, 1, X32Numbers), new(Return, 0, 0, Refuse),
        ];
        void Rule(Syscall call, params ReadOnlySpan<Instruction> body)
        {
            if (call.On(architecture) == Syscall.Absent) return;
            program.Add(new(Equal, 0, (byte)body.Length, (uint)call.On(architecture)));
            program.AddRange(body);
        }
        foreach (var call in Syscall.Everyday) Rule(call, new Instruction(Return, 0, 0, Allow));
        foreach (var call in (Syscall[])[Syscall.MemoryMap, Syscall.MemoryProtect])
            Rule(call, mayMakeCode ? [new(Return, 0, 0, Allow)] : WhereNoBit(2, ProtectExecute));
        Rule(
            Syscall.NewThread,
            Argument(0), new(AnyBit, 1, 0, CloneNamespaces), new(AnyBit, 1, 0, CloneThread), new(Return, 0, 0, Refuse), new(Return, 0, 0, Allow));
        Rule(Syscall.NewThread3, new Instruction(Return, 0, 0, Unknown));   // its flags cannot be seen here; the C library then takes clone
        Rule(Syscall.FileControl, WhereOneOf(1, _fileControls));
        Rule(Syscall.DeviceControl, WhereOneOf(1, TerminalAttributes));   // asked of streams, to learn that they are no terminals
        Rule(Syscall.ProcessControl, WhereOneOf(0, SetName, NameMemory));
        Rule(Syscall.ThreadKill, WhereOneOf(0, process));   // the garbage collector stops threads by signals
        Rule(Syscall.Affinity, WhereOneOf(0, 0));   // each new thread of the runtime sets its own, and cannot start without
        Rule(Syscall.ProcessLimit, AskingOnly());
        program.Add(new(Return, 0, 0, Refuse));
        return [.. program];
    }

    private static Instruction Argument(int index, bool high = false) =>
        new(Load, 0, 0, ArgumentsOffset + (8 * (uint)index) + (high ? 4u : 0));

    private static Instruction[] WhereNoBit(int argument, uint bits) =>
        [Argument(argument), new(AnyBit, 1, 0, bits), new(Return, 0, 0, Allow), new(Return, 0, 0, Refuse)];

    /// <summary>The kernel takes these arguments as 32 bits: what is above them is not looked at by either of us.</summary>
    private static Instruction[] WhereOneOf(int argument, params ReadOnlySpan<uint> values)
    {
        var body = new List<Instruction> { Argument(argument) };
        foreach (uint value in values) body.AddRange([new(Equal, 0, 1, value), new(Return, 0, 0, Allow)]);
        body.Add(new(Return, 0, 0, Refuse));
        return [.. body];
    }

    /// <summary>Limits of this process may be read: no process named, no new limit given.</summary>
    private static Instruction[] AskingOnly()
    {
        var body = new List<Instruction>();
        foreach (var part in (Instruction[])[Argument(0), Argument(2), Argument(2, high: true)])
            body.AddRange([part, new(Equal, 1, 0, 0), new(Return, 0, 0, Refuse)]);
        body.Add(new(Return, 0, 0, Allow));
        return [.. body];
    }

    /// <summary>struct sock_filter.</summary>
    internal readonly record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Operand);

    /// <summary>struct sock_fprog.</summary>
    private struct Program
    {
        public ushort Length;
        public Instruction* Instructions;
    }
}
