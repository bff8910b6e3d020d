using System.Threading.Channels;

namespace Holdfast.Client;

/// <summary>Texts on their way to the agent: a frame carries all that are there, and waits for none.</summary>
internal static class TextBatches
{
    private const int MostTexts = 64, MostCharacters = 256 << 10;

    internal static async Task WriteAsync(
        IAsyncEnumerable<string> texts, Func<TextLines, ValueTask> write, CancellationToken cancellationToken)
    {
        var queue = Channel.CreateBounded<string>(2 * MostTexts);
        var reading = ReadAsync(texts, queue.Writer, cancellationToken);
        while (await queue.Reader.WaitToReadAsync(cancellationToken)) await write(new TextLines(Take(queue.Reader), Last: false));
        await reading;
        await write(new TextLines([], Last: true));
    }

    private static List<string> Take(ChannelReader<string> queue)
    {
        var batch = new List<string>();
        int characters = 0;
        while (batch.Count < MostTexts && characters < MostCharacters && queue.TryRead(out string? text))
        {
            batch.Add(text);
            characters += text.Length;
        }
        return batch;
    }

    private static async Task ReadAsync(IAsyncEnumerable<string> texts, ChannelWriter<string> queue, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (string text in texts.WithCancellation(cancellationToken)) await queue.WriteAsync(text, cancellationToken);
        }
        finally
        {
            queue.Complete();
        }
    }
}
