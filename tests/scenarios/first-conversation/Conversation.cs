namespace Holdfast.Scenarios.FirstConversation;

/// <summary>One message that someone was told to send, and what the server's acknowledgement said of it.</summary>
internal sealed class Message(Person from, string marker, string text, SpecimenFile? file)
{
    /// <summary>Who sends it.</summary>
    public Person From => from;

    /// <summary>By which it is found: in a text its marker, of a file its name.</summary>
    public string Sign => file?.Name ?? marker;

    /// <summary>The whole text, as it must arrive.</summary>
    public string Text => text;

    /// <summary>The file, where it is one.</summary>
    public SpecimenFile? File => file;

    /// <summary>Its id, once acknowledged; a command that died may leave it unknown.</summary>
    public string? Id { get; private set; }

    /// <summary>Its place in the order, on the same terms.</summary>
    public ulong Position { get; private set; }

    /// <summary>The server has it.</summary>
    public void Acknowledge(string line)
    {
        var acknowledged = Json.Parse(line);
        (Id, Position) = (acknowledged.Text("id"), acknowledged.GetProperty("position").GetUInt64());
    }
}

/// <summary>A conversation as the scenario knows it: what each calls it, and all that was ever given to someone to send.</summary>
internal sealed class Conversation(string title, Person? one = null, Person? other = null)
{
    private readonly List<Message> _messages = [];

    /// <summary>What it is called, for people who read this test.</summary>
    public string Title => title;

    /// <summary>In the order in which each sender was given them.</summary>
    public IReadOnlyList<Message> Messages
    {
        get { lock (_messages) return [.. _messages]; }
    }

    /// <summary>What this person types to mean it: of two, each says the other's name.</summary>
    public string NameFor(Person person) => one is null ? title : person == one ? other!.Name : one.Name;

    /// <summary>
    /// Gives someone a line to say. The marker stands before every other line and behind the rest, so that each end of a naughty
    /// string is once the end of a message.
    /// </summary>
    public Message Say(Person from, Corpus corpus, string line, bool markerFirst)
    {
        string marker = corpus.Marker();
        return Add(new(from, marker, markerFirst ? $"{marker} {line}" : $"{line} {marker}", null));
    }

    /// <summary>Gives someone a file to send.</summary>
    public Message Give(Person from, SpecimenFile file) => Add(new(from, file.Marker, "", file));

    private Message Add(Message message)
    {
        lock (_messages) _messages.Add(message);
        return message;
    }
}
