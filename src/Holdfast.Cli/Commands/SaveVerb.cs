using System.CommandLine;
using Holdfast.Cli.Rendering;
using Holdfast.Client;

namespace Holdfast.Cli.Commands;

/// <summary><c>holdfast save</c>: an attachment becomes a file.</summary>
internal static class SaveVerb
{
    private static readonly Argument<string> Attachment = new("ATTACHMENT") { Description = "The id that read shows beside the file's name." };
    private static readonly Argument<string> Folder = new("DIR") { Description = "Where to put the file. Nothing there is overwritten." };

    public static Command Build() => Verb.Make("save", "Save a file that someone sent.", RunAsync, Attachment, Folder);

    private static async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        Failure.RequireSense(Written.AttachmentProblem(invocation.Of(Attachment)));
        string folder = invocation.Of(Folder);
        if (!Directory.Exists(folder)) throw Failure.Refused(FaceCode.NotFound, $"There is no folder {folder}.");
        await using var link = await invocation.OpenAsync(cancellationToken);
        using var progress = new Progress(invocation.Screen, "Fetching");
        await foreach (var answer in link.AskAsync(new SaveCommand(invocation.Of(Attachment), Path.GetFullPath(folder)), cancellationToken))
        {
            if (answer is ProgressAnswer step) progress.Show(step);
            else if (answer is SavedAnswer saved)
                invocation.Screen.Write(invocation.Screen.IsJson ? AnswerJson.Of(saved) : VisibleText.Line(saved.Path));
        }
    }
}
