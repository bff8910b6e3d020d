using System.Diagnostics;
using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Store.Bench;

/// <summary>A vault that is asked: the installed process over its pipe, or its monitor in this process.</summary>
internal interface IVault : IDisposable
{
    /// <summary>Makes a call and gives the answer's frame, to be decoded where time does not count.</summary>
    byte[] Exchange(byte[] call);
}

/// <summary>The installed vault, spoken to over its pipe as Client does.</summary>
internal sealed class VaultPipe : IVault
{
    private readonly Process _process;
    private readonly Stream _input, _output;

    internal VaultPipe(string program, string folder)
    {
        _process = Process.Start(new ProcessStartInfo(program, [folder]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        (_input, _output) = (_process.StandardInput.BaseStream, _process.StandardOutput.BaseStream);
    }

    internal int Id => _process.Id;

    public byte[] Exchange(byte[] call)
    {
        _input.Write(call);
        _input.Flush();
        Span<byte> header = stackalloc byte[VaultFrame.HeaderBytes];
        _output.ReadExactly(header);
        var answer = new byte[VaultFrame.ReadLength(header)];
        _output.ReadExactly(answer);
        return answer;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}

/// <summary>Asking, with types.</summary>
internal static class Asking
{
    internal static T Ask<T>(this IVault vault, VaultCall call) where T : VaultReply => Read<T>(vault.Exchange(VaultFrame.Wrap(call)));

    internal static T Read<T>(byte[] answer) where T : VaultReply => Tls.Decode<VaultReply>(answer) switch
    {
        T expected => expected,
        Failed failed => throw new InvalidOperationException($"{failed.Error}: {failed.Reason}"),
        var other => throw new InvalidOperationException(other.ToString()),
    };
}
