namespace Holdfast.Protocol;

/// <summary>draft-ietf-mimi-content §4.4: what a part is meant for. Unknown values are kept and mean <see cref="Render"/> (§9.1).</summary>
public enum Disposition : byte
{
    /// <summary>No hint.</summary>
    Unspecified = 0,

    /// <summary>Show it as local policy says.</summary>
    Render = 1,

    /// <summary>A reaction to another message.</summary>
    Reaction = 2,

    /// <summary>The profile of a person or a room.</summary>
    Profile = 3,

    /// <summary>Shown within the conversation.</summary>
    Inline = 4,

    /// <summary>An icon, such as an avatar.</summary>
    Icon = 5,

    /// <summary>To be downloaded, not shown at once.</summary>
    Attachment = 6,

    /// <summary>A multimedia session, or a URI to join one.</summary>
    Session = 7,

    /// <summary>A preview that the sender made.</summary>
    Preview = 8,
}
