using System.CommandLine;
using System.Globalization;
using Holdfast.Cli.Rendering;
using Holdfast.Cli.Terminal;
using Holdfast.Client;

namespace Holdfast.Cli.Commands;

/// <summary><c>holdfast send</c>: a text, a file, or a message per line of standard input.</summary>
internal static class SendVerb
{
    private const string StandardInput = "-";

    private static readonly Argument<string> Conversation = new("CONVERSATION")
    {
        Description = "A contact's or group's name, a PIN, or the beginning of a conversation's id.",
    };

    private static readonly Argument<string[]> Text = new("TEXT")
    {
        Description = "The message, in quotes; - reads one message per line from standard input.", Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string?> File = new("--file") { Description = "Send this file instead.", HelpName = "PATH" };

    public static Command Build()
    {
        var command = Verb.Make("send", "Send a message or a file. Returns when the server has it.", RunAsync, Conversation, Text, File);
        command.Validators.Add(typed =>
        {
            bool hasFile = typed.GetResult(File) is not null;
            switch (typed.GetResult(Text)?.Tokens.Count ?? 0)
            {
                case 0 when !hasFile: typed.AddError("There is nothing to send: give a TEXT, --file PATH, or -."); break;
                case > 0 when hasFile: typed.AddError("Send a text or a file, not both at once."); break;
                case > 1: typed.AddError("Put a message of several words in quotes."); break;
            }
        });
        return command;
    }

    private static async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        string? file = invocation.Of(File) is { } named ? Existing(named) : null;
        string text = invocation.Of(Text) is [var only] ? only : "";
        if (file is null && string.IsNullOrWhiteSpace(text)) throw Failure.Usage("An empty message cannot be sent.");
        await using var link = await invocation.OpenAsync(cancellationToken);
        if (file is not null) await SendFileAsync(invocation, link, file, cancellationToken);
        else if (text == StandardInput) await SendLinesAsync(invocation, link, cancellationToken);
        else await SendAsync(invocation, link, Once(text), cancellationToken);
        if (text != StandardInput && StandardStream.ErrorIsTerminal) invocation.Screen.Note("Sent.");
    }

    private static async Task SendFileAsync(Invocation invocation, AgentLink link, string file, CancellationToken cancellationToken)
    {
        using var progress = new Progress(invocation.Screen, "Sending");
        await foreach (var answer in link.AskAsync(new SendFileCommand(invocation.Of(Conversation), file), cancellationToken))
        {
            if (answer is ProgressAnswer step) progress.Show(step);
            else if (answer is SentAnswer sent) Report(invocation.Screen, sent);
        }
    }

    private static async Task SendLinesAsync(Invocation invocation, AgentLink link, CancellationToken cancellationToken)
    {
        var lines = new StoppingLines(Utf8Lines.ReadAsync(StandardStream.OpenInput(), cancellationToken));
        int sent = 0;
        try { sent = await SendAsync(invocation, link, lines.ReadAsync(cancellationToken), cancellationToken, counted => sent = counted); }
        finally
        {
            if (StandardStream.ErrorIsTerminal)
                invocation.Screen.Note(string.Create(CultureInfo.InvariantCulture, $"{sent} {(sent == 1 ? "message" : "messages")} sent."));
        }
        lines.ThrowIfBroken();
    }

    private static async Task<int> SendAsync(
        Invocation invocation, AgentLink link, IAsyncEnumerable<string> texts, CancellationToken cancellationToken, Action<int>? count = null)
    {
        int total = 0;
        await foreach (var sent in link.SendTextsAsync(invocation.Of(Conversation), texts, cancellationToken))
        {
            Report(invocation.Screen, sent);
            count?.Invoke(total = sent.Total);
        }
        return total;
    }

    private static void Report(Screen screen, SentAnswer sent)
    {
        if (!screen.IsJson) return;
        foreach (var message in sent.Messages) screen.Write(AnswerJson.Of(sent.Conversation, message));
    }

    private static string Existing(string file)
    {
        if (file.Length == 0) throw Failure.Usage("The file's path is empty: give --file PATH.");
        if (Directory.Exists(file)) throw Failure.Refused(FaceCode.NotFound, $"{file} is a folder: send its files one by one, or an archive.");
        try { _ = System.IO.File.GetAttributes(file); }
        catch (UnauthorizedAccessException)
        {
            throw Failure.Refused(FaceCode.Refused, $"You may not look into the folder of {file}: its permissions forbid it.");
        }
        catch (IOException) { throw Failure.Refused(FaceCode.NotFound, $"There is no file {file}."); }
        return Path.GetFullPath(file);
    }

    private static async IAsyncEnumerable<string> Once(string text)
    {
        await Task.CompletedTask;
        yield return text;
    }
}
