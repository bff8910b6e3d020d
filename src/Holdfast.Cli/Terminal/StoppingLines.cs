using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Holdfast.Cli.Terminal;

/// <summary>
/// Lines that end quietly where they break, and tell afterwards: what came before the break is still sent and acknowledged.
/// </summary>
internal sealed class StoppingLines(IAsyncEnumerable<string> lines)
{
    private Exception? _broken;

    public async IAsyncEnumerable<string> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var line = lines.GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(line)) yield return line.Current;
    }

    public void ThrowIfBroken()
    {
        if (_broken is not null) ExceptionDispatchInfo.Throw(_broken);
    }

    private async ValueTask<bool> NextAsync(IAsyncEnumerator<string> line)
    {
        try { return await line.MoveNextAsync(); }
        catch (Exception broken) when (broken is Client.FaceException or IOException)
        {
            _broken = broken;
            return false;
        }
    }
}
