using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Holdfast.Client;

/// <summary>A face's connection to its profile's agent. One command at a time; hanging up ends the one that runs.</summary>
public sealed class AgentLink : IAsyncDisposable
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(20), Pause = TimeSpan.FromMilliseconds(15), EndTime = TimeSpan.FromSeconds(10);

    private readonly NetworkStream _stream;
    private readonly int? _agent;

    private AgentLink(NetworkStream stream, int? agent) => (_stream, _agent) = (stream, agent);

    /// <summary>Connects to the profile's agent, or returns null where none runs.</summary>
    /// <exception cref="FaceException">Someone else listens there.</exception>
    public static async Task<AgentLink?> TryConnectAsync(Profile profile, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(profile.SocketPath), cancellationToken);
            if (!Peer.IsSelf(socket))
                throw new FaceException(ExitCode.Failed, FaceCode.Refused, "Another user listens on this profile's socket: nothing was sent to it.");
            return new AgentLink(new NetworkStream(socket, ownsSocket: true), Peer.ProcessOf(socket));
        }
        catch (SocketException)   // no file, or nobody behind it
        {
            socket.Dispose();
            profile.RequireAccess();
            return null;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Connects to the profile's agent and starts it first where none runs.</summary>
    /// <exception cref="FaceException">It could not be started.</exception>
    public static async Task<AgentLink> ConnectAsync(Profile profile, AgentLaunch launch, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await TryConnectAsync(profile, cancellationToken) is { } running) return running;
        profile.Prepare();
        long began = time.GetTimestamp();
        using var agent = launch.Start();
        while (time.GetElapsedTime(began) < StartTime)
        {
            await Task.Delay(Pause, time, cancellationToken);
            if (await TryConnectAsync(profile, cancellationToken) is { } link) return link;
            if (agent.HasExited && !IsTaken(profile)) break;   // where it is taken, another command was faster
        }
        throw new FaceException(ExitCode.Failed, FaceCode.AgentEnded, "The agent could not be started: look whether the disk is full, and whether the vault's program is in its place beside this one.");
    }

    /// <summary>Carries out a command: its items as they come.</summary>
    /// <exception cref="FaceException">It failed, or the agent ended.</exception>
    public async IAsyncEnumerable<FaceAnswer> AskAsync(FaceCommand command, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await WriteAsync(command, cancellationToken);
        while (await ReadItemAsync(cancellationToken) is { } item) yield return item;
    }

    /// <summary>Carries out a command that answers with one item.</summary>
    /// <exception cref="FaceException">It failed, or the agent ended.</exception>
    public async Task<T> AskOneAsync<T>(FaceCommand command, CancellationToken cancellationToken) where T : FaceAnswer
    {
        T? answer = null;
        await foreach (var item in AskAsync(command, cancellationToken)) answer = item as T ?? answer;
        return answer ?? throw new FaceException(ExitCode.Failed, FaceCode.Internal, "The agent gave another answer than this program understands: end it with \"holdfast lock\" and try again.");
    }

    /// <summary>Carries out a command that answers with nothing but that it is done.</summary>
    /// <exception cref="FaceException">It failed, or the agent ended.</exception>
    public async Task DoAsync(FaceCommand command, CancellationToken cancellationToken)
    {
        await WriteAsync(command, cancellationToken);
        while (await ReadItemAsync(cancellationToken) is not null) continue;
    }

    /// <summary>
    /// Locks the profile and waits until the agent's process, which the vault's went before, is no more: locked means gone. The agent
    /// has to be another process than this one.
    /// </summary>
    /// <exception cref="FaceException">It failed, or the process is still there after ten seconds.</exception>
    public Task LockAsync(TimeProvider time, CancellationToken cancellationToken) => EndAsync(new LockCommand(), time, cancellationToken);

    /// <summary>Destroys the profile's keys and files; returns when agent and vault have ended.</summary>
    /// <exception cref="FaceException">They do not end.</exception>
    public Task WipeAsync(TimeProvider time, CancellationToken cancellationToken) => EndAsync(new WipeCommand(), time, cancellationToken);

    private async Task EndAsync(FaceCommand command, TimeProvider time, CancellationToken cancellationToken)
    {
        await DoAsync(command, cancellationToken);
        await _stream.DisposeAsync();   // the agent waits for faces that are still there
        long began = time.GetTimestamp();
        while (_agent is { } process && Peer.IsAlive(process))
        {
            if (time.GetElapsedTime(began) >= EndTime)
                throw new FaceException(ExitCode.Failed, FaceCode.Internal, $"The vault is locked, but process {process}, the agent, does not end: end it by hand.");
            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    /// <summary>Sends texts as they come; yields as the server acknowledges, and ends when all are acknowledged.</summary>
    /// <exception cref="FaceException">It failed, or the agent ended; what was yielded before stays acknowledged.</exception>
    public async IAsyncEnumerable<SentAnswer> SendTextsAsync(
        string conversation, IAsyncEnumerable<string> texts, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await WriteAsync(new SendTextCommand(conversation), cancellationToken);
        var writing = TextBatches.WriteAsync(texts, lines => WriteAsync(lines, stop.Token), stop.Token);
        try
        {
            while (await ReadItemAsync(cancellationToken) is { } item)
                if (item is SentAnswer sent) yield return sent;
        }
        finally
        {
            await stop.CancelAsync();
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);   // a failure is in the agent's answer already
        }
        if (writing.IsFaulted) await writing;   // the source of the texts broke
    }

    /// <summary>Hangs up.</summary>
    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private static bool IsTaken(Profile profile)
    {
        try
        {
            using var probe = new FileStream(profile.LockPath, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (Exception missing) when (missing is FileNotFoundException or UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private async ValueTask WriteAsync(FaceCommand command, CancellationToken cancellationToken)
    {
        try { await FaceFrame.WriteAsync(_stream, command, FaceJson.Default.FaceCommand, cancellationToken); }
        catch (IOException) { throw Ended(); }
    }

    private async ValueTask<FaceAnswer?> ReadItemAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await FaceFrame.ReadAsync(_stream, FaceJson.Default.FaceAnswer, cancellationToken) switch
            {
                null => throw Ended(),
                DoneAnswer => null,
                FailedAnswer failed => throw new FaceException(failed.Exit, failed.Code, failed.Message),
                var item => item,
            };
        }
        catch (Exception broken) when (broken is IOException or InvalidDataException) { throw Ended(); }
    }

    private static FaceException Ended() =>
        new(ExitCode.Failed, FaceCode.AgentEnded, "The agent ended before the command was done. Nothing that was acknowledged is lost.");
}
