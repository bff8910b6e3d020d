using System.Text;
using System.Threading.Channels;
using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>Commands that send. What was sealed is in the vault's outbox and goes out, whatever becomes of the command.</summary>
internal sealed class SendCommands(SyncEngine engine, FaceConnection face)
{
    /// <summary>How many messages of one command may be unacknowledged.</summary>
    private const int Window = 64;

    internal async Task TextsAsync(SendTextCommand command, CancellationToken cancellationToken)
    {
        var log = await ConversationStart.FindOrStartAsync(engine, command.Conversation, cancellationToken);
        var sealing = Channel.CreateBounded<Task<PendingPost?>>(Window);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = ReadTextsAsync(engine.PumpOf(log), sealing.Writer, stop.Token);
        try { await AcknowledgeAsync(log, sealing.Reader, cancellationToken); }
        finally
        {
            await stop.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
        await reading;
    }

    internal async Task FileAsync(SendFileCommand command, CancellationToken cancellationToken)
    {
        var log = await ConversationStart.FindOrStartAsync(engine, command.Conversation, cancellationToken);
        var sender = new AttachmentSender(engine, (bytes, size) => face.AnswerAsync(new ProgressAnswer(bytes, size)));
        var (info, pointer) = await sender.UploadAsync(command.Path, cancellationToken);
        var sealing = Channel.CreateBounded<Task<PendingPost?>>(1);
        await sealing.Writer.WriteAsync(engine.PumpOf(log).SealAsync(new SealAttachment(log, info, pointer), cancellationToken), cancellationToken);
        sealing.Writer.Complete();
        await AcknowledgeAsync(log, sealing.Reader, cancellationToken);
    }

    private async Task ReadTextsAsync(ConversationPump pump, ChannelWriter<Task<PendingPost?>> sealing, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            while (await face.ReadAsync() is TextLines lines)
            {
                foreach (string text in lines.Texts)
                {
                    await sealing.WaitToWriteAsync(cancellationToken);
                    await sealing.WriteAsync(pump.SealAsync(new SealTexts(pump.Id, [Checked(text)]), cancellationToken), cancellationToken);
                }
                if (lines.Last) return;
            }
            cancellationToken.ThrowIfCancellationRequested();
            throw new FaceException(ExitCode.Usage, FaceCode.Invalid, "Texts were expected.");
        }
        catch (FaceException told) { failure = told; }
        finally { sealing.Complete(failure); }
    }

    /// <summary>Tells the face what the server has acknowledged: all that is there, as soon as something is.</summary>
    private async Task AcknowledgeAsync(LogId log, ChannelReader<Task<PendingPost?>> sealing, CancellationToken cancellationToken)
    {
        int total = 0;
        while (await sealing.WaitToReadAsync(cancellationToken))
        {
            var batch = new List<SentMessage>();
            while (sealing.TryPeek(out var next) && (batch.Count == 0 || IsAcknowledged(next)))
            {
                if (await AcknowledgedAsync(next, cancellationToken) is { } sent) batch.Add(sent);
                sealing.TryRead(out _);
            }
            total += batch.Count;
            if (batch.Count > 0) await face.AnswerAsync(new SentAnswer(log.ToString(), batch, total));
        }
    }

    private static bool IsAcknowledged(Task<PendingPost?> sealing) =>
        sealing is { IsCompletedSuccessfully: true, Result: var post } && (post is null || post.Acknowledged.IsCompletedSuccessfully);

    private async Task<SentMessage?> AcknowledgedAsync(Task<PendingPost?> sealing, CancellationToken cancellationToken)
    {
        await engine.WaitAsync(sealing, cancellationToken);
        if (await sealing is not { } post) return null;
        try { await engine.WaitAsync(post.Acknowledged, cancellationToken); }
        catch (UnreachableException gone) { throw new PostDelayedException(gone); }
        return new SentMessage(post.Id.ToString(), await post.Acknowledged);
    }

    /// <summary>Here, since texts are sealed together and the vault refuses them together.</summary>
    private static string Checked(string text)
    {
        if (string.IsNullOrWhiteSpace(text)) throw new FaceException(ExitCode.Failed, FaceCode.Invalid, "An empty message is not sent.");
        return Encoding.UTF8.GetByteCount(text) <= ProtocolLimits.TextBytes
            ? text
            : throw new FaceException(ExitCode.Failed, FaceCode.Invalid, $"A message has at most {ProtocolLimits.TextBytes >> 10} KiB: send it as a file.");
    }
}
