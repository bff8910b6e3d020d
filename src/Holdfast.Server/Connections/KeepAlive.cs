namespace Holdfast.Server.Connections;

/// <summary>Asks a silent peer whether it is there, and ends the connection of one that does not answer.</summary>
internal sealed class KeepAlive : IDisposable
{
    /// <summary>How long a device may be silent before it is asked.</summary>
    public static readonly TimeSpan PingAfter = TimeSpan.FromMinutes(3);

    /// <summary>How long it has for the answer.</summary>
    public static readonly TimeSpan PongTime = TimeSpan.FromMinutes(1);

    private readonly FrameReader _frames;
    private readonly Outbound _outbound;
    private readonly Action _gone;
    private readonly TimeSpan _pingAfter, _pongTime;
    private readonly Timer _timer;

    /// <param name="frames">Tells how long the peer has been silent.</param>
    /// <param name="outbound">Where to ask.</param>
    /// <param name="gone">Ends the connection.</param>
    /// <param name="pingAfter">How long a peer may be silent.</param>
    /// <param name="pongTime">How long it has for the answer, at least.</param>
    public KeepAlive(FrameReader frames, Outbound outbound, Action gone, TimeSpan pingAfter, TimeSpan pongTime)
    {
        (_frames, _outbound, _gone, _pingAfter, _pongTime) = (frames, outbound, gone, pingAfter, pongTime);
        _timer = new Timer(static alive => ((KeepAlive)alive!).Look(), this, pongTime, pongTime);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var silence = _frames.Silence;
        if (silence >= _pingAfter + _pongTime) _gone();
        else if (silence >= _pingAfter) _outbound.Ping();
    }
}
