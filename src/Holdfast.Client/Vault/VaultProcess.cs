using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>
/// The vault: a child process, spoken to over its standard streams, one call at a time, in the order they were made. It ends
/// when its input closes, so it never outlives this process however this process dies.
/// </summary>
internal sealed class VaultProcess : IDisposable
{
    private const int UsualReplyBytes = 4 << 10;

    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly BlockingCollection<PendingCall> _calls = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Thread _speaking;

    private VaultProcess(VaultLaunch launch)
    {
        Protections = launch.Protections;
        _speaking = new Thread(Speak) { IsBackground = true, Name = "vault" };
        _process = StartOn(_speaking, launch.Start);
        _ = NoticeEndAsync();
    }

    /// <summary>What protects the vault from outside; what it does itself it says in its <see cref="Status"/>.</summary>
    internal Protections Protections { get; }

    /// <summary>Completes when the process has ended or can no longer be spoken to.</summary>
    internal Task Ended => _ended.Task;

    /// <summary>Starts the vault of a profile.</summary>
    /// <param name="program">Its executable.</param>
    /// <param name="folder">Its own folder in the profile.</param>
    internal static VaultProcess Start(string program, string folder) => new(VaultLaunch.Of(program, folder));

    /// <summary>Makes a call whose answer is a <typeparamref name="T"/>. Once it is made it is not taken back: cancelling only stops the waiting.</summary>
    /// <exception cref="VaultRefusedException">The vault refused.</exception>
    /// <exception cref="VaultEndedException">The vault has ended.</exception>
    internal async Task<T> CallAsync<T>(VaultCall call, CancellationToken cancellationToken, TokenHosts? tokens = null) where T : VaultReply =>
        await CallAsync(call, cancellationToken, tokens) as T ?? throw new InvalidDataException("the vault gave an answer to another question");

    /// <summary>Makes a call and gives any answer but a refusal.</summary>
    /// <exception cref="VaultRefusedException">The vault refused.</exception>
    /// <exception cref="VaultEndedException">The vault has ended.</exception>
    internal async Task<VaultReply> CallAsync(VaultCall call, CancellationToken cancellationToken, TokenHosts? tokens = null)
    {
        var pending = new PendingCall(call, tokens, new(TaskCreationOptions.RunContinuationsAsynchronously));
        try { _calls.Add(pending, CancellationToken.None); }
        catch (InvalidOperationException) { throw new VaultEndedException(); }   // no more calls are taken
        var reply = await pending.Reply.Task.WaitAsync(cancellationToken);
        if (reply is not Failed failed) return reply;
        string? keptBack = failed.Error == VaultError.TokenFailed ? tokens?.Refusal : null;   // to the vault, nobody has answered
        throw new VaultRefusedException(failed.Error, keptBack ?? failed.Reason);
    }

    /// <summary>Ends the vault; when this returns, its memory is gone.</summary>
    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit(EndPatience);   // a killed process is a moment later still one with its memory
        _calls.CompleteAdding();
        _speaking.Join(EndPatience);
        _process.Dispose();
    }

    /// <summary>It may end while nobody speaks with it.</summary>
    private async Task NoticeEndAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);   // whoever started it may be waiting for its end
        _calls.CompleteAdding();
        _ended.TrySetResult();
    }

    /// <summary>
    /// The thread that speaks with the vault is the one that starts it: it asks the system to end it with its parent (PR_SET_PDEATHSIG),
    /// and that is the thread, not the process.
    /// </summary>
    private static Process StartOn(Thread speaking, ProcessStartInfo start)
    {
        var attempt = new Attempt(start);
        speaking.Start(attempt);
        attempt.Done.Wait();
        attempt.Failure?.Throw();
        return attempt.Process!;
    }

    private void Speak(object? attempt)
    {
        if (((Attempt)attempt!).Run() is not { } process) return;
        using Stream input = process.StandardInput.BaseStream, output = process.StandardOutput.BaseStream;
        PendingCall? pending = null;
        try
        {
            while (_calls.TryTake(out pending, Timeout.Infinite)) pending.Reply.SetResult(Exchange(input, output, pending));
        }
        catch (Exception broken) when (broken is IOException or CodecException or ObjectDisposedException)
        {
            _calls.CompleteAdding();
        }
        _ended.TrySetResult();
        pending?.Reply.TrySetException(new VaultEndedException());
        while (_calls.TryTake(out var left)) left.Reply.TrySetException(new VaultEndedException());
        WaitForLastEnd(output);
    }

    /// <summary>
    /// The pipe ends when no process has it any more, and a process lets go of it after its memory: behind an outer wall there are several.
    /// </summary>
    private static void WaitForLastEnd(Stream output)
    {
        Span<byte> ignored = stackalloc byte[256];
        try { while (output.Read(ignored) > 0) { } }
        catch (IOException) { return; }
    }

    /// <summary>Where the vault needs a token for its answer, it asks that first, as often as it must.</summary>
    private static VaultReply Exchange(Stream input, Stream output, PendingCall pending)
    {
        var reply = Exchange(input, output, pending.Call);
        while (reply is AskToken ask) reply = Exchange(input, output, pending.Tokens?.Answer(ask) ?? new TokenAnswered(default));
        return reply;
    }

    private static VaultReply Exchange(Stream input, Stream output, VaultCall call)
    {
        byte[] frame = VaultFrame.Wrap(call);
        try
        {
            input.Write(frame);
            input.Flush();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(frame);   // a passcode may be in it
        }
        return ReadReply(output);
    }

    /// <summary>There is one answer at a time, so a read never takes in more than that; most take one.</summary>
    private static VaultReply ReadReply(Stream output)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(UsualReplyBytes);
        try
        {
            int filled = output.ReadAtLeast(buffer, VaultFrame.HeaderBytes), whole = VaultFrame.HeaderBytes + VaultFrame.ReadLength(buffer);
            if (filled > whole) throw new CodecException("the vault answered more than it was asked");
            if (whole > buffer.Length) Grow(ref buffer, filled, whole);
            output.ReadExactly(buffer.AsSpan(filled, whole - filled));
            return Tls.Decode<VaultReply>(buffer.AsSpan(VaultFrame.HeaderBytes, whole - VaultFrame.HeaderBytes));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);   // an attachment's key may be in it
        }
    }

    private static void Grow(ref byte[] buffer, int filled, int whole)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(whole);
        buffer.AsSpan(0, filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        buffer = larger;
    }

    private sealed record Attempt(ProcessStartInfo Start)
    {
        internal ManualResetEventSlim Done { get; } = new();

        internal Process? Process { get; private set; }

        internal ExceptionDispatchInfo? Failure { get; private set; }

        internal Process? Run()
        {
            try { Process = Process.Start(Start) ?? throw new VaultEndedException(); }
            catch (Exception failed) { Failure = ExceptionDispatchInfo.Capture(failed); }   // thrown where the start was asked for
            var process = Process;
            Done.Set();
            return process;
        }
    }

    private sealed record PendingCall(VaultCall Call, TokenHosts? Tokens, TaskCompletionSource<VaultReply> Reply);
}
