using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>The vault's main loop: frames in, frames out, one at a time, until the pipe closes or the vault is locked.</summary>
internal static class VaultHost
{
    /// <summary>Runs until the end.</summary>
    /// <param name="folder">The vault's own folder.</param>
    /// <param name="input">Where calls come from.</param>
    /// <param name="output">Where answers go.</param>
    /// <param name="random">Randomness.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="protections">What protects this process, for who asks how it stands.</param>
    /// <param name="cost">What a try of a passcode is to cost; null for what this machine can bear.</param>
    /// <returns>The process's exit code.</returns>
    internal static int Run(
        string folder, Stream input, Stream output, RandomSource random, TimeProvider clock, Protections protections, PasscodeCost? cost = null)
    {
        using var monitor = new Monitor(folder, random, clock, cost);
        return Run(monitor, input, output, protections);
    }

    /// <summary>The same, with a monitor that somebody else has made.</summary>
    internal static int Run(Monitor monitor, Stream input, Stream output, Protections protections)
    {
        Span<byte> header = stackalloc byte[VaultFrame.HeaderBytes];
        while (!monitor.HasEnded && input.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length)
        {
            int length;
            try { length = VaultFrame.ReadLength(header); }
            catch (CodecException) { return 1; }   // the pipe is out of step: nothing after this can be trusted
            byte[] call = GC.AllocateUninitializedArray<byte>(length, pinned: true);
            if (input.ReadAtLeast(call, length, throwOnEndOfStream: false) < length) return 1;
            var answer = Answer(monitor, call);
            byte[] reply = VaultFrame.Wrap(answer is Status status ? status with { Protections = protections } : answer);
            CryptographicOperations.ZeroMemory(call);
            output.Write(reply);
            output.Flush();
            CryptographicOperations.ZeroMemory(reply);
        }
        return 0;
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
