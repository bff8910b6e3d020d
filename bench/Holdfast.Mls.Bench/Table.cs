using System.Globalization;

namespace Holdfast.Mls.Bench;

/// <summary>The figures for people.</summary>
internal static class Table
{
    internal static string Head =>
        $"{"op",-21} {"suite",5} {"n",6} {"mode",-4} {"thr",3} {"ms",11} {"bytes",9} {"alloc",10} {"V",10} {"floor",9} {"ratio",6} {"peer",9} {"bar",8}  verdict";

    internal static string Line(Row row) => string.Create(
        CultureInfo.InvariantCulture,
        $"{row.Op,-21} {row.Suite,5} {row.N,6} {row.Mode,-4} {row.Threads,3} {row.Ms,11:0.0000} {row.Bytes,9} {row.Allocated,10} {row.V,10:0.00} {row.FloorV,9:0.00} {row.Ratio,6:0.00} {row.PeerV,9:0.0} {row.Bar,8:0.##}  {row.Verdict}");
}
