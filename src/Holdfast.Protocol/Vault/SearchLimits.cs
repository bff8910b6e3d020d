using System.Text;

namespace Holdfast.Protocol;

/// <summary>What can be searched for.</summary>
public static class SearchLimits
{
    /// <summary>What is wrong with it, in a sentence, or null.</summary>
    public static string? Problem(string words)
    {
        if (Encoding.UTF8.GetByteCount(words) > ProtocolLimits.SearchBytes)
            return $"That is too long to be searched for: a search takes up to {ProtocolLimits.SearchBytes} bytes.";
        int count = words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
        return count > ProtocolLimits.SearchWords ? $"A search takes up to {ProtocolLimits.SearchWords} words, and these are {count}." : null;
    }
}
