using System.Security.Cryptography;
using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>The vault's main loop: frames in, frames out, one at a time, until the pipe closes or the vault is locked.</summary>
internal static class VaultHost
{
    /// <summary>So long nothing must have been asked before a moment is quiet.</summary>
    private static readonly TimeSpan _quiet = TimeSpan.FromMilliseconds(150);

    /// <summary>Runs until the end.</summary>
    /// <param name="folder">The vault's own folder.</param>
    /// <param name="input">Where calls come from.</param>
    /// <param name="output">Where answers go.</param>
    /// <param name="random">Randomness.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="protections">What protects this process, for who asks how it stands.</param>
    /// <param name="cost">What a try of a passcode is to cost; null for what this machine can bear.</param>
    /// <param name="comes">Whether a call comes within a time; null where that cannot be told, and no moment is known to be quiet.</param>
    /// <returns>The process's exit code.</returns>
    internal static int Run(
        string folder, Stream input, Stream output, RandomSource random, TimeProvider clock, Protections protections, PasscodeCost? cost = null,
        Func<TimeSpan, bool>? comes = null) =>
        Run(pipe => new Monitor(folder, random, clock, cost, pipe.To), input, output, protections, comes);

    /// <summary>The same, with a monitor that somebody else makes.</summary>
    internal static int Run(Func<VaultPipe, Monitor> make, Stream input, Stream output, Protections protections, Func<TimeSpan, bool>? comes = null)
    {
        var pipe = new VaultPipe(input, output);
        using var monitor = make(pipe);
        while (!monitor.HasEnded)
        {
            if (comes is not null && !pipe.IsInterrupted) Rest(monitor, comes);
            if (pipe.Read() is not { } call) break;
            var answer = Answer(monitor, call);
            CryptographicOperations.ZeroMemory(call);
            if (pipe.IsInterrupted) continue;   // each frame has one answer, and this call's was the question to the token
            pipe.Write(answer is Status status ? status with { Protections = protections } : answer);
        }
        return pipe.IsOutOfStep ? 1 : 0;
    }

    /// <summary>While nobody asks for anything, what can wait is done, a piece at a time.</summary>
    private static void Rest(Monitor monitor, Func<TimeSpan, bool> comes)
    {
        try
        {
            for (var quiet = _quiet; !comes(quiet) && monitor.Work(); quiet = TimeSpan.Zero) { }
        }
        catch (Exception)
        {
            // As below: it costs nobody the vault. Whatever it is, the call that needs this done meets it again and says so.
        }
    }

    /// <summary>The last resort of the main loop: a bug of ours costs one call, which changed nothing, and not the process.</summary>
    private static VaultReply Answer(Monitor monitor, byte[] call)
    {
        // What is opened with a profile stays until the vault ends: its keys, and the store's.
        using var longLived = monitor.Opened is null ? SecretArena.LongLived() : SecretArena.ShortLived();
        try
        {
            return monitor.Answer(call);
        }
        catch (Exception bug)
        {
            return new Failed(VaultError.Refused, $"The vault met an unexpected error ({bug.GetType().Name}) and changed nothing. Please report it.");
        }
    }
}
