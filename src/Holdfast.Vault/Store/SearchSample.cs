namespace Holdfast.Vault;

/// <summary>
/// Some texts, by which it is estimated how many have what. Of all parts of what somebody searches for, the index is asked for the rarest ones
/// alone: the list of each part that it is asked for is gone through, however long, and each text that has all of them is looked at.
/// Which parts are chosen changes what a search costs, and never what it finds.
/// </summary>
internal sealed class SearchSample
{
    /// <summary>So many texts are enough to tell frequent from rare.</summary>
    internal const int Size = 256;

    /// <summary>Longer ones, in bytes, are not looked into: that would cost more than it saves.</summary>
    internal const int LongestText = 2048;

    /// <summary>While one text is looked at, so many entries of a list are gone through.</summary>
    private const double Look = 200;

    private readonly List<(string Token, string Text)> _texts = [];

    internal void Add(byte[] log, string text) => _texts.Add((SearchText.Token(log), text));

    /// <summary>The parts to ask for: another one as long as the texts that it spares are more trouble than its list.</summary>
    /// <param name="token">A conversation's, which is asked for in any case; or null.</param>
    /// <param name="parts">Different ones, at least one.</param>
    internal List<string> Choose(string? token, string[] parts)
    {
        var chosen = new List<string>();
        double left = 1;   // of all texts, those that have everything chosen so far
        if (token is not null)
        {
            chosen.Add(token);
            left = Share(text => text.Token == token);
        }
        foreach (var (part, share) in parts.Select(part => (part, Share(text => text.Text.Contains(part, StringComparison.Ordinal)))).OrderBy(static item => item.Item2))
        {
            if (chosen.Count > 0 && left * (1 - share) * Look < share) break;
            chosen.Add(part);
            left *= share;
        }
        return chosen;
    }

    /// <summary>Never none: what is not in the sample may be elsewhere.</summary>
    private double Share(Func<(string Token, string Text), bool> has) => (_texts.Count(has) + 0.5) / (_texts.Count + 1);
}
