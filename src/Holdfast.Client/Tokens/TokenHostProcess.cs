using System.Diagnostics;
using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>
/// The token host: a child process that has a foreign module in it. We carry frames between it and the vault, unread: what the vault asks is
/// blinded, so that its answers tell us nothing. A host that takes too long for one answer is ended.
/// </summary>
internal sealed class TokenHostProcess : IDisposable
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly TimeSpan _patience;
    private bool _hasEnded;

    private TokenHostProcess(Process process, TimeSpan patience) => (_process, _patience) = (process, patience);

    /// <summary>The process's id.</summary>
    internal int Id => _process.Id;

    /// <summary>Starts a host; it loads nothing until it is asked for tokens.</summary>
    /// <param name="program">Its executable.</param>
    /// <param name="settings">What it speaks to.</param>
    /// <param name="patience">How long one answer may take.</param>
    internal static TokenHostProcess Start(string program, TokenHostSettings settings, TimeSpan? patience = null)
    {
        var start = new ProcessStartInfo(program, settings.Arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        string? runtime = Environment.GetEnvironmentVariable("DOTNET_ROOT");
        start.Environment.Clear();
        foreach (var (name, value) in settings.Variables) start.Environment[name] = value;
        if (runtime is not null) start.Environment["DOTNET_ROOT"] = runtime;
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        var process = Process.Start(start) ?? throw new InvalidOperationException("the token host did not start");
        return new TokenHostProcess(process, patience ?? TimeSpan.FromSeconds(TokenLimits.AnswerSeconds));
    }

    /// <summary>Carries one frame there, and the answer's body back. It is not to be called again before it has ended.</summary>
    /// <returns>Null where none came in time, or none that is a frame: the host is then gone, and a new one must be started.</returns>
    internal byte[]? Exchange(ReadOnlyMemory<byte> frame)
    {
        if (_hasEnded) return null;
        byte[]? body = null;
        // On a thread of its own: a module may have left a process that holds the pipe open, and then a read ends never.
        var asking = new Thread(() => body = TryExchange(frame.Span)) { IsBackground = true, Name = "token host" };
        asking.Start();
        bool hasEnded = asking.Join(_patience);
        if (hasEnded && body is not null) return body;
        _hasEnded = true;
        Kill();
        return null;
    }

    /// <summary>Ends the host; when this returns, its memory is gone.</summary>
    public void Dispose()
    {
        _hasEnded = true;
        _process.StandardInput.BaseStream.Dispose();   // so it flushes what it has left in a TPM
        if (!_process.WaitForExit(TimeSpan.FromSeconds(1))) Kill();
        _process.WaitForExit(EndPatience);
        _process.Dispose();
    }

    private byte[]? TryExchange(ReadOnlySpan<byte> frame)
    {
        try
        {
            Stream input = _process.StandardInput.BaseStream, output = _process.StandardOutput.BaseStream;
            input.Write(frame);
            input.Flush();
            Span<byte> header = stackalloc byte[TokenFrame.HeaderBytes];
            output.ReadExactly(header);
            byte[] body = GC.AllocateUninitializedArray<byte>(TokenFrame.ReadLength(header), pinned: true);
            output.ReadExactly(body);
            return body;
        }
        catch (Exception gone) when (gone is IOException or CodecException or ObjectDisposedException or InvalidOperationException) { return null; }
    }

    /// <summary>With all that it started. It may have ended by itself in the meantime.</summary>
    private void Kill()
    {
        try { _process.Kill(entireProcessTree: true); }
        catch (Exception ended) when (ended is InvalidOperationException or AggregateException)
        {
            return;   // it, or some of what it started
        }
    }
}
