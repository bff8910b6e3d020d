using System.Text.Json;

namespace Holdfast.Scenarios.FirstConversation;

/// <summary>What one person has of one conversation, as <c>read --json</c> printed it.</summary>
internal sealed class History
{
    /// <summary>Fields that are the reader's own view: what they call the conversation, and whether they or others sent it.</summary>
    private static readonly string[] OwnView = ["conversation_name", "status"];

    private readonly Person _reader;

    /// <summary>Reads the lines.</summary>
    public History(Person reader, IReadOnlyList<string> lines)
    {
        _reader = reader;
        All = [.. lines.Select(Json.Parse)];
        Words = [.. All.Where(static line => line.Text("kind") is "text" or "attachment")];
        Comparable = [.. Words.Select(Shared)];
    }

    /// <summary>Every line, also of who came and went.</summary>
    public IReadOnlyList<JsonElement> All { get; }

    /// <summary>What people said: texts and files.</summary>
    public IReadOnlyList<JsonElement> Words { get; }

    /// <summary>What people said, byte for byte as printed, without the reader's own view.</summary>
    public IReadOnlyList<string> Comparable { get; }

    /// <summary>The markers in texts, and the names of files.</summary>
    public HashSet<string> Signs() => [.. Words.Select(SignOf)];

    /// <summary>How this history differs from another that should be the same, or null.</summary>
    public string? DifferenceFrom(History other) => Difference(Comparable, other.Comparable, $"{_reader.Name} and {other._reader.Name}");

    /// <summary>How this history is not the beginning of another, or null.</summary>
    public string? NotTheBeginningOf(History whole) => Difference(Comparable, [.. whole.Comparable.Take(Comparable.Count)], $"the beginning, {_reader.Name} has it");

    /// <summary>How this history is not the end of another, or null.</summary>
    public string? NotTheEndOf(History whole) => Difference(Comparable, [.. whole.Comparable.TakeLast(Comparable.Count)], $"the end, {_reader.Name} has it");

    /// <summary>What is lost, doubled, altered, misplaced or unreadable in a history that should have just these messages.</summary>
    public IEnumerable<string> Faults(IReadOnlyList<Message> expected)
    {
        var bySign = Words.ToLookup(SignOf);
        foreach (var message in expected)
        {
            var found = bySign[message.Sign].ToList();
            if (found.Count != 1) yield return $"{_reader.Name} has {Show(message)} {found.Count} times";
            else if (Fault(message, found[0]) is { } fault) yield return $"{_reader.Name} has {Show(message)} with {fault}";
        }
        var known = expected.Select(static message => message.Sign).ToHashSet();
        foreach (var line in Words.Where(line => !known.Contains(SignOf(line)))) yield return $"{_reader.Name} has what nobody sent: {line}";
        foreach (var line in All.Where(static line => line.Text("kind") == "unreadable")) yield return $"{_reader.Name} cannot read {line}";
        foreach (var (before, after) in Words.Zip(Words.Skip(1)))
            if (PositionOf(before) >= PositionOf(after)) yield return $"{_reader.Name} has position {PositionOf(after)} behind {PositionOf(before)}";
        foreach (string fault in OutOfOrder(expected)) yield return fault;
    }

    /// <summary>The attachment's id by which it is saved.</summary>
    public string IdOf(SpecimenFile file) => Words.Single(line => SignOf(line) == file.Name).Text("id");

    /// <summary>The marker is 32 digits at either end of the text.</summary>
    private static string SignOf(JsonElement line)
    {
        const int Digits = 32;
        if (line.Text("kind") == "attachment") return line.Text("file_name");
        string text = line.Text("text");
        if (text.Length <= Digits) return text;
        // A naughty string may itself begin with as many digits, but then no space follows the thirty-second.
        bool isFirst = text[Digits] == ' ' && text[..Digits].All(char.IsAsciiHexDigitLower);
        return isFirst ? text[..Digits] : text[^Digits..];
    }

    private static string? Fault(Message message, JsonElement line)
    {
        if (line.Text("from") != message.From.Pin) return $"the sender {line.Text("from")}";
        if (line.Text("device") != message.From.Device) return $"the device {line.Text("device")}";
        if (message.File is null && line.Text("text") != message.Text) return $"another text: {line.Text("text")}";
        if (line.Text("status") == "pending") return "the state pending";
        if (message.Id is null) return null;
        if (line.Text("id") != message.Id) return $"the id {line.Text("id")}, acknowledged as {message.Id}";
        return PositionOf(line) == message.Position ? null : $"the position {PositionOf(line)}, acknowledged at {message.Position}";
    }

    /// <summary>Each sender's texts stand in the order in which they were typed.</summary>
    private IEnumerable<string> OutOfOrder(IReadOnlyList<Message> expected)
    {
        var places = Words.Select(static (line, place) => (Sign: SignOf(line), place)).DistinctBy(static pair => pair.Sign)
            .ToDictionary(static pair => pair.Sign, static pair => pair.place);
        foreach (var ofOne in expected.Where(static message => message.File is null).GroupBy(static message => message.From))
        {
            foreach (var (before, after) in ofOne.Zip(ofOne.Skip(1)))
                if (places.GetValueOrDefault(before.Sign) > places.GetValueOrDefault(after.Sign)) yield return $"{Show(after)} stands before {Show(before)}";
        }
    }

    private static string Shared(JsonElement line) => string.Join(',', line.EnumerateObject()
        .Where(static member => !OwnView.Contains(member.Name)).Select(static member => $"\"{member.Name}\":{member.Value.GetRawText()}"));

    private static string? Difference(IReadOnlyList<string> left, IReadOnlyList<string> right, string who)
    {
        for (int i = 0; i < Math.Min(left.Count, right.Count); i++)
            if (left[i] != right[i]) return $"{who} differ at line {i}:\n{left[i]}\n{right[i]}";
        return left.Count == right.Count ? null : $"{who} differ in length: {left.Count} and {right.Count} lines";
    }

    private static ulong PositionOf(JsonElement line) => line.GetProperty("position").GetUInt64();

    private static string Show(Message message) => $"{message.From.Name}'s \"{message.File?.Name ?? message.Text}\"";
}
