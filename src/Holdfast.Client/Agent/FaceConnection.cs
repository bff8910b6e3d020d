using System.Net.Sockets;
using System.Threading.Channels;

namespace Holdfast.Client;

/// <summary>One face on the agent's socket: its commands as they come, its answers, and whether it has hung up.</summary>
internal sealed class FaceConnection : IAsyncDisposable
{
    private readonly NetworkStream _stream;
    private readonly Channel<FaceCommand> _commands = Channel.CreateBounded<FaceCommand>(2);
    private readonly CancellationTokenSource _hungUp = new();
    private readonly Task _reading;

    internal FaceConnection(Socket socket)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reading = ReadAllAsync();
    }

    /// <summary>Cancelled when the face has hung up: what it asked for is of no use any more.</summary>
    internal CancellationToken HungUp => _hungUp.Token;

    /// <summary>The next command; null when the face has hung up.</summary>
    internal async Task<FaceCommand?> ReadAsync()
    {
        while (await _commands.Reader.WaitToReadAsync())
            if (_commands.Reader.TryRead(out var command)) return command;
        return null;
    }

    /// <summary>Sends an answer; one that finds nobody is nothing.</summary>
    internal async Task AnswerAsync(FaceAnswer answer)
    {
        try { await FaceFrame.WriteAsync(_stream, answer, FaceJson.Default.FaceAnswer, HungUp); }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException) { await _hungUp.CancelAsync(); }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        await _reading;
        _hungUp.Dispose();
    }

    private async Task ReadAllAsync()
    {
        try
        {
            while (await FaceFrame.ReadAsync(_stream, FaceJson.Default.FaceCommand, CancellationToken.None) is { } command)
                await _commands.Writer.WriteAsync(command, HungUp);
        }
        catch (Exception gone) when (gone is IOException or InvalidDataException or ObjectDisposedException or OperationCanceledException)
        {
            return;   // not one of ours, or gone: either way there is nothing more to read
        }
        finally
        {
            _commands.Writer.TryComplete();
            await _hungUp.CancelAsync();
        }
    }
}
