namespace Holdfast.Bench;

/// <summary>Looks often at every process of a household and keeps the highest peak of each kind, also of those that end.</summary>
internal sealed class PeakWatch : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly string _folder;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    public PeakWatch(string folder)
    {
        _folder = folder;
        _watching = WatchAsync();
    }

    public Dictionary<string, double> Peaks { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        Note();
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            Note();
            await Task.Delay(Look, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Note()
    {
        foreach (var (id, kind) in ProcessMemory.Of(_folder))
            if (ProcessMemory.Peak(id) is { } peak) Peaks[kind] = Math.Max(peak, Peaks.GetValueOrDefault(kind));
    }
}
