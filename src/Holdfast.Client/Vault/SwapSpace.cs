using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>Whether the system may write memory to a disk at all.</summary>
internal static class SwapSpace
{
    private const string List = "/proc/swaps";   // a line of headings, then one for each space

    /// <summary>What that protects, asked anew each time: swap can be switched on at any time.</summary>
    internal static Protections Protections
    {
        get
        {
            try { return OperatingSystem.IsLinux() && File.ReadLines(List).Skip(1).All(string.IsNullOrWhiteSpace) ? Protections.NoSwap : Protections.None; }
            catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException) { return Protections.None; }
        }
    }
}
