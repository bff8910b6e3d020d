using Microsoft.Extensions.Hosting;

namespace Holdfast.Server.Web;

/// <summary>The host ends when it is told to. Signals are the program's: connections are drained while the listener still answers.</summary>
internal sealed class ToldLifetime : IHostLifetime
{
    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
