using System.Diagnostics;
using System.Runtime.CompilerServices;
using Holdfast.Client;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Vault;

namespace Holdfast.TokenHost.Tests;

/// <summary>The vault's main loop in a process of its own: this very program, which is that instead of tests where it is told to. A passcode costs little.</summary>
internal sealed class VaultInProcess : IDisposable
{
    private const string Argument = "--run-vault";

    private readonly Process _process;

    internal VaultInProcess(string folder) => _process = Process.Start(
        new ProcessStartInfo(Environment.ProcessPath!, [Argument, folder]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;

    /// <summary>How it ended; its input is closed for that.</summary>
    internal int ExitCode
    {
        get
        {
            _process.StandardInput.Close();
            Assert.True(_process.WaitForExit(TimeSpan.FromMinutes(1)), "the vault does not end");
            return _process.ExitCode;
        }
    }

    [ModuleInitializer]
    internal static void RunInstead()
    {
        if (Environment.GetCommandLineArgs() is not [_, Argument, var folder]) return;
        using Stream input = Console.OpenStandardInput(), output = Console.OpenStandardOutput();
        Environment.Exit(VaultHost.Run(folder, input, output, RandomSource.System, TimeProvider.System, Protections.None, PasscodeCost.Least));
    }

    /// <summary>One frame in, one frame out.</summary>
    internal VaultReply Ask(VaultCall call)
    {
        Say(call);
        return Hear();
    }

    /// <summary>Sends a call whose answer nobody may live to hear.</summary>
    internal void Say(VaultCall call)
    {
        _process.StandardInput.BaseStream.Write(VaultFrame.Wrap(call));
        _process.StandardInput.BaseStream.Flush();
    }

    /// <summary>Bytes that are no call, in a frame.</summary>
    internal VaultReply AskRaw(byte[] body)
    {
        _process.StandardInput.BaseStream.Write([0, 0, 0, (byte)body.Length, .. body]);
        _process.StandardInput.BaseStream.Flush();
        return Hear();
    }

    /// <summary>A call, and all that the token is asked for it; how much that was.</summary>
    internal VaultReply Converse(VaultCall call, TokenHostSettings token, out int questions)
    {
        using var hosts = new TokenHosts(Programs.TokenHost, token, token);
        questions = 0;
        var reply = Ask(call);
        for (; reply is AskToken ask; questions++) reply = Ask(hosts.Answer(ask));
        return reply;
    }

    /// <summary>kill -9.</summary>
    internal void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited) Kill();
        _process.Dispose();
    }

    /// <summary>What it answers next.</summary>
    internal VaultReply Hear()
    {
        Span<byte> header = stackalloc byte[VaultFrame.HeaderBytes];
        _process.StandardOutput.BaseStream.ReadExactly(header);
        byte[] body = new byte[VaultFrame.ReadLength(header)];
        _process.StandardOutput.BaseStream.ReadExactly(body);
        return Tls.Decode<VaultReply>(body);
    }
}
