using Holdfast.Protocol;
using Holdfast.Server.Storage;

namespace Holdfast.Server.Connections;

/// <summary>
/// Ends all connections in order, within a time: wave after wave, so that not everybody comes back at once. In a wave nothing more is
/// begun, all that was queued is written and answered, the peers are told, and have a moment in which what they still send is
/// refused. So of a post that was sent before it heard of the end its sender hears: it is on disk, or it was refused.
/// </summary>
internal sealed class Drain(Hub hub, Writer writer)
{
    private const int MostWaves = 50;
    private static readonly TimeSpan TimePerConnection = TimeSpan.FromMilliseconds(5);

    /// <summary>Lets in no new connection and ends those there are.</summary>
    /// <param name="time">The most it takes. Half of it is for the waves, a twentieth for the moment in which peers hear of the end.</param>
    public async Task RunAsync(TimeSpan time)
    {
        var open = hub.CloseDoors();
        if (open.Length == 0) return;
        var spread = TimeSpan.FromTicks(Math.Min(open.Length * TimePerConnection.Ticks, time.Ticks / 2));
        int waves = Math.Min(open.Length, MostWaves);
        var ending = new List<Task>();
        foreach (var wave in open.Chunk((open.Length + waves - 1) / waves))
        {
            ending.Add(EndAsync(wave, time / 20));
            await Task.Delay(spread / waves);
        }
        try { await Task.WhenAll(ending).WaitAsync(time - spread); }
        catch (TimeoutException) { hub.EndAll(); }   // the disk does not answer, or a request does not end
    }

    private async Task EndAsync(Connection[] wave, TimeSpan moment)
    {
        await Task.WhenAll(wave.Select(static connection => connection.StopRequestsAsync()));
        await AnsweredAsync();
        foreach (var connection in wave) connection.Announce(RefusalCode.ShuttingDown);
        await Task.WhenAny(Task.WhenAll(wave.Select(static connection => connection.ReadToItsEnd)), Task.Delay(moment));
        foreach (var connection in wave) connection.Finish();
    }

    /// <summary>Work is answered in the order in which it was queued: all that was before this is.</summary>
    private async Task AnsweredAsync()
    {
        try { await writer.RunAsync(static _ => true, CancellationToken.None); }
        catch (RefusalException) { return; }   // nothing can be stored: what was queued has been refused, too
    }
}
