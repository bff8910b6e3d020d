namespace Holdfast.Protocol;

/// <summary>draft-ietf-mimi-content §4.3: a number other than zero, or a name. Negative numbers and names are for private use.</summary>
public readonly record struct ExtensionKey
{
    private ExtensionKey(long number, string? name) => (Number, Name) = (number, name);

    /// <summary>The sender's URI.</summary>
    public static ExtensionKey SenderUri { get; } = Numbered(1);

    /// <summary>The room's URI.</summary>
    public static ExtensionKey RoomUri { get; } = Numbered(2);

    /// <summary>Holdfast's own: when it was sent, by the sender's clock, in milliseconds since 1970.</summary>
    public static ExtensionKey SentAt { get; } = Numbered(-1);

    /// <summary>Holdfast's own: what deletes an attachment's blob.</summary>
    public static ExtensionKey DeleteToken { get; } = Numbered(-2);

    /// <summary>Holdfast's own: the size of an attachment's blob, which is encrypted and so larger than the file.</summary>
    public static ExtensionKey BlobSize { get; } = Numbered(-3);

    /// <summary>The number; zero where it is a name.</summary>
    public long Number { get; }

    /// <summary>The name, or null where it is a number.</summary>
    public string? Name { get; }

    /// <summary>A key that is a number.</summary>
    public static ExtensionKey Numbered(long number) => new(number, null);

    /// <summary>A key that is a name.</summary>
    public static ExtensionKey Named(string name) => new(0, name);

    /// <summary>The number; of a name, only that it is one, for a sender may write anything there.</summary>
    public override string ToString() => Name is null ? $"{Number}" : "named";
}
