using System.Globalization;
using Holdfast.Cli.Terminal;
using Holdfast.Client;

namespace Holdfast.Cli.Rendering;

/// <summary>How far a large file has come, on one line of standard error that is wiped at the end. Silent without a terminal.</summary>
internal sealed class Progress(Screen screen, string what) : IDisposable
{
    private const ulong WorthShowing = 1_000_000;
    private const string WipeLine = "\r\e[K";

    private string _shown = "";

    public void Show(ProgressAnswer progress)
    {
        if (!screen.ShowsProgress || progress.Size < WorthShowing) return;
        double percent = Math.Floor(100d * progress.Bytes / progress.Size);
        string line = string.Create(CultureInfo.InvariantCulture, $"{WipeLine}{what} {percent:0} % of {ByteCount.Of(progress.Size)}");
        if (line == _shown) return;
        screen.Say(line);
        _shown = line;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_shown.Length > 0) screen.Say(WipeLine);
    }
}
