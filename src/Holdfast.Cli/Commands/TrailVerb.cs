using System.CommandLine;
using System.Globalization;
using Holdfast.Cli.Rendering;
using Holdfast.Client;

namespace Holdfast.Cli.Commands;

/// <summary><c>holdfast trail</c>: what was asked of the vault.</summary>
internal static class TrailVerb
{
    private const ulong Usual = 50;

    private static readonly Option<ulong?> Limit = CommonOptions.Number("--limit", "N", $"At most so many (default {Usual}).", 1, 10_000);

    public static Command Build() => Verb.Make(
        "trail", "Show what was asked of this profile's vault, the latest first: unlocking, reading back, changes of the passcode.", ShowAsync, Limit);

    private static async Task ShowAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        await using var link = await invocation.OpenAsync(cancellationToken);
        var items = await link.AskAllAsync<TrailAnswer>(new TrailCommand((int)(invocation.Of(Limit) ?? Usual)), cancellationToken);
        if (invocation.Screen.IsJson) invocation.Screen.WriteAll(items.Select(AnswerJson.Of));
        else invocation.Screen.WriteAll(Columns.Of(items.Select(static item => new[] { When(item.At), item.Text })));
    }

    private static string When(DateTimeOffset at) => at.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
