using System.Globalization;

namespace Holdfast.Cli.Rendering;

/// <summary>Sizes as people read them.</summary>
internal static class ByteCount
{
    private static readonly string[] Units = ["B", "KB", "MB", "GB", "TB"];

    public static string Of(ulong bytes)
    {
        double value = bytes;
        int unit = 0;
        for (; value >= 999.5 && unit < Units.Length - 1; unit++) value /= 1000;
        string format = unit == 0 || value >= 99.95 ? "0" : "0.0";
        return $"{value.ToString(format, CultureInfo.InvariantCulture)} {Units[unit]}";
    }
}
