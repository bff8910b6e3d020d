using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>What is to be said in one conversation and has not been sealed, in the order of asking.</summary>
internal sealed class SealQueue
{
    /// <summary>How many texts are sealed at once, before there is another look at what has arrived.</summary>
    internal const int TextsPerTurn = 64;

    private const int CharactersPerTurn = 512 << 10;

    private readonly Queue<SealRequest> _requests = [];

    internal bool Any => _requests.Count > 0;

    internal void Enqueue(SealRequest request) => _requests.Enqueue(request);

    /// <summary>Puts requests back that had to wait: they are the next again.</summary>
    internal void PutBack(List<SealRequest> requests)
    {
        SealRequest[] later = [.. _requests];
        _requests.Clear();
        foreach (var next in requests.Concat(later)) _requests.Enqueue(next);
    }

    /// <summary>Nothing of this is sealed: whoever waits is told why.</summary>
    internal void Fail(Exception reason)
    {
        while (_requests.TryDequeue(out var request)) request.Result.TrySetException(reason);
    }

    /// <summary>The next request, and where it is a text the texts that follow it.</summary>
    internal List<SealRequest> TakeTurn()
    {
        var requests = new List<SealRequest>();
        for (int characters = 0; requests.Count < TextsPerTurn && _requests.TryPeek(out var next);)
        {
            if (requests.Count > 0 && (next.Call is not SealTexts || requests[0].Call is not SealTexts || characters > CharactersPerTurn)) break;
            _requests.Dequeue();
            if (next.Cancellation.IsCancellationRequested) next.Result.TrySetCanceled(next.Cancellation);
            else requests.Add(next);
            characters += next.Call is SealTexts said ? said.Texts.Sum(static text => text.Length) : 0;
        }
        return requests;
    }

    /// <summary>The one call, and so the one transaction of the vault, that carries out what was taken together.</summary>
    internal static VaultCall CallOf(List<SealRequest> requests) => requests is [var only]
        ? only.Call
        : new SealTexts(((SealTexts)requests[0].Call).Log, [.. requests.SelectMany(static request => ((SealTexts)request.Call).Texts)]);
}
