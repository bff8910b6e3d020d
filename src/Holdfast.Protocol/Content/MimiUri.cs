namespace Holdfast.Protocol;

/// <summary>
/// The URIs inside content. draft-ietf-mimi-content §3.2 leaves the scheme open; no server's address is in them, so that an
/// organisation can move.
/// </summary>
public static class MimiUri
{
    private const string UserPrefix = "mimi://holdfast/u/";
    private const string RoomPrefix = "mimi://holdfast/r/";
    private const string BlobPrefix = "mimi://holdfast/b/";

    /// <summary>The URI of a person; in a link it is a mention.</summary>
    public static string Of(Pin person) => UserPrefix + person;

    /// <summary>The URI of a conversation.</summary>
    public static string Of(LogId conversation) => RoomPrefix + conversation;

    /// <summary>The URI of a stored blob.</summary>
    public static string Of(BlobId blob) => BlobPrefix + blob;

    /// <summary>Whose URI it is, or null.</summary>
    public static Pin? ReadPerson(string uri) =>
        After(UserPrefix, uri) is { } text && Pin.TryParse(text, out var pin, out _) && pin.ToString() == text ? pin : null;

    /// <summary>Which conversation's URI it is, or null.</summary>
    public static LogId? ReadConversation(string uri) =>
        After(RoomPrefix, uri) is { } text && LogId.Parse(text) is { } log && log.ToString() == text ? log : null;

    /// <summary>Which blob's URI it is, or null.</summary>
    public static BlobId? ReadBlob(string uri) =>
        After(BlobPrefix, uri) is { } text && BlobId.Parse(text) is { } blob && blob.ToString() == text ? blob : null;

    private static string? After(string prefix, string uri) => uri.StartsWith(prefix, StringComparison.Ordinal) ? uri[prefix.Length..] : null;
}
