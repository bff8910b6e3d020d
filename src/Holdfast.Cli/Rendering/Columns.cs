using System.Text;

namespace Holdfast.Cli.Rendering;

/// <summary>Rows whose columns line up; every cell is made visible first.</summary>
internal static class Columns
{
    private const string Gap = "  ";

    public static IEnumerable<string> Of(IEnumerable<string[]> rows)
    {
        string[][] visible = [.. rows.Select(row => row.Select(VisibleText.Line).ToArray())];
        if (visible.Length == 0) yield break;
        int[] widths = [.. Enumerable.Range(0, visible[0].Length).Select(column => visible.Max(row => Width(row[column])))];
        foreach (string[] row in visible) yield return Row(row, widths);
    }

    private static string Row(string[] cells, int[] widths)
    {
        var line = new StringBuilder();
        for (int i = 0; i < cells.Length; i++)
        {
            line.Append(cells[i]);
            if (i + 1 < cells.Length) line.Append(' ', widths[i] - Width(cells[i])).Append(Gap);
        }
        return line.ToString().TrimEnd();
    }

    private static int Width(string text) => TerminalWidth.Of(text);
}
