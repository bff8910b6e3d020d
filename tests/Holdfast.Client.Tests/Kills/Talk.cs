namespace Holdfast.Client.Tests.Kills;

/// <summary>A text where somebody reads it.</summary>
internal sealed record Line(ulong Position, string Id, string Text);

/// <summary>What was said in one conversation, and what must be there of it.</summary>
internal sealed class Talk
{
    private readonly HashSet<string> _tried = [], _landed = [];
    private readonly List<string> _acknowledged = [];
    private readonly List<Line> _lines = [];

    /// <summary>How many were to be sent.</summary>
    public int Tried => _tried.Count;

    /// <summary>How many were acknowledged.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>Up to here it has been looked at.</summary>
    public ulong Position => _lines.Count > 0 ? _lines[^1].Position : 0;

    /// <summary>Everything up to there.</summary>
    public IReadOnlyList<Line> Lines => _lines;

    /// <summary>Somebody is about to send it.</summary>
    public void Try(string text) => Assert.True(_tried.Add(text));

    /// <summary>It was acknowledged.</summary>
    public void Acknowledge(string text)
    {
        _acknowledged.Add(text);
        Acknowledged++;
    }

    /// <summary>
    /// What each of the two reads behind <see cref="Position"/>: the same, each text that was acknowledged since, in that order, no text twice, and
    /// none that nobody has sent.
    /// </summary>
    public void Check(IReadOnlyList<Line> hers, IReadOnlyList<Line> his)
    {
        Assert.True(his.SequenceEqual(hers), $"only Bob has {string.Join(", ", his.Except(hers))}; only Alice has {string.Join(", ", hers.Except(his))}");
        foreach (var line in his)
        {
            Assert.True(line.Position > Position, $"\"{line.Text}\" has no place of its own");
            Assert.True(_tried.Contains(line.Text), $"nobody has sent \"{line.Text}\"");
            Assert.True(_landed.Add(line.Text), $"\"{line.Text}\" is there twice");
            _lines.Add(line);
        }
        var acknowledged = _acknowledged.ToHashSet();
        Assert.Equal(_acknowledged, his.Select(static line => line.Text).Where(acknowledged.Contains));
        _acknowledged.Clear();
    }
}
