using System.Net.Sockets;

namespace Holdfast.Client;

/// <summary>Listens on the profile's socket and serves each face that runs as our own user.</summary>
internal sealed class FaceServer(ProfileAgent agent, AgentOptions options, TimeProvider time)
{
    private const int Backlog = 64;

    private static readonly TimeSpan LastAnswers = TimeSpan.FromSeconds(1), Pause = TimeSpan.FromMilliseconds(5), Look = TimeSpan.FromSeconds(20);

    private readonly Signal _quiet = new();
    private readonly IdleTime _idle = new(time);
    private int _faces;

    /// <summary>Serves until something ends the agent, and says what.</summary>
    internal async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        using var listener = Listen(options.Profile.SocketPath);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var accepting = AcceptAsync(listener, stop.Token);
        var quiet = WaitUntilIdleAsync(stop.Token);
        var ended = await Task.WhenAny(agent.Ended, quiet, accepting);
        File.Delete(options.Profile.SocketPath);   // the next command starts a new agent
        await stop.CancelAsync();
        await LetFacesFinishAsync();
        if (ended == quiet) await agent.LockIfOpenAsync();
        return ended == agent.Ended ? "the vault has ended" : ended == quiet ? "no face for a while" : "told to";
    }

    /// <summary>The socket gets its mode before it gets its name, so there is no moment in which others could connect.</summary>
    private static Socket Listen(string path)
    {
        string fresh = path + "~";
        File.Delete(fresh);
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            listener.Bind(new UnixDomainSocketEndPoint(fresh));
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(fresh, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            listener.Listen(Backlog);
            File.Move(fresh, path, overwrite: true);
            return listener;
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    private async Task AcceptAsync(Socket listener, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var socket = await listener.AcceptAsync(cancellationToken);
                if (Peer.IsSelf(socket)) _ = ServeAsync(socket);
                else socket.Dispose();
            }
        }
        catch (OperationCanceledException)
        {
            return;   // told to end
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        _faces++;
        try
        {
            await using var face = new FaceConnection(socket);
            var session = new FaceSession(agent, face);
            await session.RunAsync();
        }
        finally
        {
            _faces--;
            _idle.Restart();
            _quiet.Set();
        }
    }

    /// <summary>Whoever is being answered gets the answer.</summary>
    private async Task LetFacesFinishAsync()
    {
        long began = time.GetTimestamp();
        while (_faces > 0 && time.GetElapsedTime(began) < LastAnswers) await Task.Delay(Pause, time);
    }

    /// <summary>
    /// A locked agent is of no use without a face, unless it fetches; an unlocked one stays for the next command, for a while. Where the machine has slept that
    /// long it locks, whoever was there when it fell asleep.
    /// </summary>
    private async Task WaitUntilIdleAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(_quiet.WaitAsync(enough.Token), Task.Delay(Look, time, enough.Token));
            await enough.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
            bool isEnough = agent.AutoLock != Timeout.InfiniteTimeSpan && (_idle.TakeSleep() >= agent.AutoLock || (_faces == 0 && _idle.Length >= agent.AutoLock));
            if (isEnough || (_faces == 0 && !agent.IsOpen && agent.Fetching is null)) return;
        }
    }
}
