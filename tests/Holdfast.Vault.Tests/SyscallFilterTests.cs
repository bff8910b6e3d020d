using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Holdfast.Vault.Tests;

/// <summary>The filter's program, run here as the kernel runs it: so both architectures are judged on any machine (ATTACKS D-2, D-25).</summary>
public sealed partial class SyscallFilterTests
{
    private const uint Allowed = 0x7fff0000, Refused = 0x00050001, Unknown = 0x00050026;
    private const uint OwnProcess = 4711, ProtectRead = 1, ProtectExecute = 4, Thread = 0x003d0f00;   // as the C library starts threads

    [Theory, InlineData(Architecture.X64), InlineData(Architecture.Arm64)]
    public void NothingIsAllowedThatIsNotOnTheList(Architecture architecture)
    {
        var everyday = Syscall.Everyday.Select(call => call.On(architecture)).Where(static number => number != Syscall.Absent).ToHashSet();
        var judged = Judged().Select(call => call.On(architecture)).ToHashSet();
        for (int number = 0; number < 2000; number++)
            if (!judged.Contains(number))
                Assert.Equal((number, everyday.Contains(number) ? Allowed : Refused), (number, Run(architecture, (uint)number)));
        Assert.InRange(everyday.Count, 60, 100);
    }

    [Theory, InlineData(Architecture.X64), InlineData(Architecture.Arm64)]
    public void SomeAreJudgedByTheirArguments(Architecture architecture)
    {
        uint Of(Syscall call, params ulong[] arguments) => Run(architecture, (uint)call.On(architecture), arguments);
        Assert.Equal(Allowed, Of(Syscall.NewThread, Thread));
        Assert.Equal(Refused, Of(Syscall.NewThread, 17));                      // a process
        Assert.Equal(Refused, Of(Syscall.NewThread, Thread | 0x40000000));     // in a network of its own
        Assert.Equal(Unknown, Of(Syscall.NewThread3));
        Assert.Equal(Allowed, Of(Syscall.MemoryMap, 0, 4096, ProtectRead));
        Assert.Equal(Refused, Of(Syscall.MemoryMap, 0, 4096, ProtectRead | ProtectExecute));
        Assert.Equal(Refused, Of(Syscall.MemoryProtect, 0, 4096, ProtectExecute));
        Assert.Equal(Allowed, Run(architecture, (uint)Syscall.MemoryProtect.On(architecture), [0, 4096, ProtectExecute], mayMakeCode: true));
        Assert.Equal(Allowed, Of(Syscall.ThreadKill, OwnProcess, 4712, 34));
        Assert.Equal(Refused, Of(Syscall.ThreadKill, OwnProcess + 1, 4712, 34));
        Assert.Equal(Allowed, Of(Syscall.Affinity, 0, 8));
        Assert.Equal(Refused, Of(Syscall.Affinity, OwnProcess + 1, 8));
        Assert.Equal(Allowed, Of(Syscall.FileControl, 3, 6));                  // F_SETLK
        Assert.Equal(Refused, Of(Syscall.FileControl, 3, 8));                  // F_SETOWN
        Assert.Equal(Allowed, Of(Syscall.DeviceControl, 1, 0x5401));           // TCGETS
        Assert.Equal(Refused, Of(Syscall.DeviceControl, 0, 0x5412));           // TIOCSTI
        Assert.Equal(Allowed, Of(Syscall.ProcessControl, 15));                 // PR_SET_NAME
        Assert.Equal(Refused, Of(Syscall.ProcessControl, 4, 1));               // PR_SET_DUMPABLE
        Assert.Equal(Allowed, Of(Syscall.ProcessLimit, 0, 7, 0));
        Assert.Equal(Refused, Of(Syscall.ProcessLimit, 0, 4, 0x7f00_0000_1000));
        Assert.Equal(Refused, Of(Syscall.ProcessLimit, 0, 4, 0x7f00_0000_0000));   // a pointer whose lower half is zero
        Assert.Equal(Refused, Of(Syscall.ProcessLimit, 1, 7, 0));
    }

    [Fact]
    public void OtherArchitecturesAndNumbersAreRefused()
    {
        foreach (var (own, other) in ((Architecture, Architecture)[])[(Architecture.X64, Architecture.Arm64), (Architecture.Arm64, Architecture.X64)])
            Assert.Equal(Refused, Run(SyscallFilter.Build(own, OwnProcess, mayMakeCode: false), Code(other), 0, []));
        Assert.Equal(Refused, Run(SyscallFilter.Build(Architecture.X64, OwnProcess, mayMakeCode: false), 0x40000003, 0, []));   // i386
        Assert.Equal(Refused, Run(Architecture.X64, 0x40000000));                                                               // read, as x32
    }

    /// <summary>The kernel's own headers, where they are installed.</summary>
    [Theory]
    [InlineData(Architecture.X64, "/usr/include/x86_64-linux-gnu/asm/unistd_64.h")]
    [InlineData(Architecture.Arm64, "/usr/include/asm-generic/unistd.h")]
    public void NumbersAreTheKernels(Architecture architecture, string header)
    {
        Assert.SkipUnless(File.Exists(header), "the kernel's headers are not installed");
        var numbers = new Dictionary<string, int>();
        foreach (Match match in Definition().Matches(File.ReadAllText(header))) numbers.TryAdd(match.Groups[1].Value, int.Parse(match.Groups[2].Value));
        if (architecture == Architecture.Arm64) numbers["newfstatat"] = numbers["fstatat"];   // its name there
        foreach (var call in Syscall.Everyday.Concat(Judged()))
            Assert.Equal((call.Name, numbers.GetValueOrDefault(call.Name, Syscall.Absent)), (call.Name, call.On(architecture)));
    }

    private static Syscall[] Judged() =>
    [
        Syscall.MemoryMap, Syscall.MemoryProtect, Syscall.NewThread, Syscall.NewThread3, Syscall.FileControl, Syscall.DeviceControl,
        Syscall.ProcessControl, Syscall.ProcessLimit, Syscall.ThreadKill, Syscall.Affinity,
    ];

    private static uint Code(Architecture architecture) => architecture == Architecture.X64 ? 0xc000003e : 0xc00000b7;

    private static uint Run(Architecture architecture, uint number, ulong[]? arguments = null, bool mayMakeCode = false) =>
        Run(SyscallFilter.Build(architecture, OwnProcess, mayMakeCode), Code(architecture), number, arguments ?? []);

    /// <summary>The five instructions that the filter has, over struct seccomp_data.</summary>
    private static uint Run(SyscallFilter.Instruction[] program, uint architecture, uint number, ulong[] arguments)
    {
        var data = new byte[64];
        BitConverter.TryWriteBytes(data, number);
        BitConverter.TryWriteBytes(data.AsSpan(4), architecture);
        for (int i = 0; i < arguments.Length; i++) BitConverter.TryWriteBytes(data.AsSpan(16 + (8 * i)), arguments[i]);
        uint accumulator = 0;
        for (int at = 0; ; at++)
        {
            var step = program[at];
            switch (step.Code)
            {
                case 0x20: accumulator = BitConverter.ToUInt32(data, (int)step.Operand); break;
                case 0x15: at += accumulator == step.Operand ? step.IfTrue : step.IfFalse; break;
                case 0x35: at += accumulator >= step.Operand ? step.IfTrue : step.IfFalse; break;
                case 0x45: at += (accumulator & step.Operand) != 0 ? step.IfTrue : step.IfFalse; break;
                case 0x06: return step.Operand;
                default: throw new InvalidOperationException($"an instruction that the filter should not have: {step.Code}");
            }
        }
    }

    [GeneratedRegex(@"^#define __NR(?:3264)?_(\w+) (\d+)\s*$", RegexOptions.Multiline)]
    private static partial Regex Definition();
}
