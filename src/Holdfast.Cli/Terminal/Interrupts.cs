using System.Runtime.InteropServices;

namespace Holdfast.Cli.Terminal;

/// <summary>Ctrl-C, SIGTERM and SIGHUP ask the command to end; a second one ends it at once.</summary>
internal sealed class Interrupts : IDisposable
{
    private readonly CancellationTokenSource _asked = new();
    private readonly PosixSignalRegistration[] _registrations;

    public Interrupts() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Ask),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Ask),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, Ask),
    ];

    public CancellationToken Token => _asked.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _asked.Dispose();
    }

    private void Ask(PosixSignalContext signal)
    {
        if (_asked.IsCancellationRequested) return;
        signal.Cancel = true;
        _asked.Cancel();
    }
}
