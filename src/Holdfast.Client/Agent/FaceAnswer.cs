using System.Text.Json.Serialization;

namespace Holdfast.Client;

/// <summary>What the agent answers: any number of items, then <see cref="DoneAnswer"/> or <see cref="FailedAnswer"/>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(DoneAnswer), "done")]
[JsonDerivedType(typeof(FailedAnswer), "failed")]
[JsonDerivedType(typeof(StatusAnswer), "status")]
[JsonDerivedType(typeof(InviteAnswer), "invite")]
[JsonDerivedType(typeof(ContactAnswer), "contact")]
[JsonDerivedType(typeof(DeviceAnswer), "device")]
[JsonDerivedType(typeof(TrailAnswer), "trail")]
[JsonDerivedType(typeof(ConversationAnswer), "conversation")]
[JsonDerivedType(typeof(MemberAnswer), "member")]
[JsonDerivedType(typeof(MessageAnswer), "message")]
[JsonDerivedType(typeof(CaughtUpAnswer), "caught-up")]
[JsonDerivedType(typeof(SentAnswer), "sent")]
[JsonDerivedType(typeof(ProgressAnswer), "progress")]
[JsonDerivedType(typeof(SavedAnswer), "saved")]
public abstract record FaceAnswer
{
    /// <summary>The kind of answer and nothing of what is in it: answers carry invites and words.</summary>
    public sealed override string ToString() => GetType().Name;
}

/// <summary>The command is done; nothing more follows.</summary>
public sealed record DoneAnswer : FaceAnswer;

/// <summary>The command was not carried out, or not to its end; nothing more follows.</summary>
/// <param name="Exit">The exit code.</param>
/// <param name="Code">A stable word, one of <see cref="FaceCode"/>.</param>
/// <param name="Message">Why and what to do, in a sentence.</param>
public sealed record FailedAnswer(ExitCode Exit, string Code, string Message) : FaceAnswer;

/// <summary>How the profile stands.</summary>
/// <param name="State">Whether it exists and is open: <c>empty</c>, <c>locked</c>, <c>unlocked</c>.</param>
/// <param name="Pin">The account; null while locked or not joined.</param>
/// <param name="Name">The display name; null while locked.</param>
/// <param name="Device">This device, in hexadecimal; null while locked.</param>
/// <param name="Server">The server's address; null while locked or not joined.</param>
/// <param name="IdentityKey">The user identity's public key in hexadecimal; null while locked.</param>
/// <param name="Connected">Whether the server is connected now.</param>
/// <param name="Cloned">Whether this profile is a copy that may not send.</param>
public sealed record StatusAnswer(
    string State, string? Pin, string? Name, string? Device, string? Server, string? IdentityKey, bool Connected, bool Cloned) : FaceAnswer
{
    /// <summary>What protects the vault's process and what does not; empty where none runs.</summary>
    public IReadOnlyList<ProtectionAnswer> Protections { get; init; } = [];

    /// <summary>The token that guards the profile; null where the passcode alone opens it.</summary>
    public TokenAnswer? Token { get; init; }

    /// <summary>After how many minutes without a command it locks itself, once unlocked; 0 for never.</summary>
    public ushort AutoLock { get; init; }

    /// <summary>How the device fetches while it is locked; null where it does not.</summary>
    public DeliveryAnswer? Delivery { get; init; }
}

/// <summary>How a device fetches while it is locked.</summary>
/// <param name="Waiting">How many conversations have sealed news waiting, while it is locked.</param>
/// <param name="IsFull">Whether there is no room for more: what comes stays at the server for as long as that keeps it.</param>
/// <param name="IsDamaged">Whether what it fetches with is damaged, so that it fetches nothing until it was unlocked and locked.</param>
public sealed record DeliveryAnswer(int Waiting, bool IsFull, bool IsDamaged);

/// <summary>The token that guards a profile.</summary>
/// <param name="Label">What it called itself when it was enrolled.</param>
/// <param name="Model">Its model, likewise.</param>
/// <param name="IsTpm">Whether it is a TPM, and not behind a PKCS#11 module.</param>
/// <param name="Path">The module's file, or the TPM's device.</param>
/// <param name="Walls">What stands around the process that speaks to it; empty where that was not asked, or does not answer.</param>
public sealed record TokenAnswer(string Label, string Model, bool IsTpm, string Path, IReadOnlyList<ProtectionAnswer> Walls);

/// <summary>One protection of the vault's process.</summary>
/// <param name="Name">A stable word.</param>
/// <param name="InForce">Whether it was tried and holds.</param>
/// <param name="Text">What that means, in plain words.</param>
public sealed record ProtectionAnswer(string Name, bool InForce, string Text);

/// <summary>One invite.</summary>
/// <param name="Link">The line to hand over.</param>
public sealed record InviteAnswer(string Link) : FaceAnswer;

/// <summary>One contact.</summary>
/// <param name="Pin">Their PIN.</param>
/// <param name="Name">Their name, or the PIN until it is known.</param>
/// <param name="State"><c>known</c>, <c>asked</c> or <c>asks</c>.</param>
/// <param name="IdentityKey">Their user identity's public key in hexadecimal.</param>
public sealed record ContactAnswer(string Pin, string Name, string State, string IdentityKey) : FaceAnswer;

/// <summary>One of our devices. An account has one for now: this.</summary>
/// <param name="Id">The device, in hexadecimal.</param>
/// <param name="IsSelf">Whether it is this one.</param>
public sealed record DeviceAnswer(string Id, bool IsSelf) : FaceAnswer;

/// <summary>Something that was asked of the vault.</summary>
/// <param name="At">When.</param>
/// <param name="Event">A stable word.</param>
/// <param name="Count">How often in that minute, or how many messages.</param>
/// <param name="Text">What that means, in plain words.</param>
public sealed record TrailAnswer(DateTimeOffset At, string Event, uint Count, string Text) : FaceAnswer;

/// <summary>One conversation.</summary>
/// <param name="Id">Its log, in hexadecimal.</param>
/// <param name="Name">Its title, or the other person's name.</param>
/// <param name="IsGroup">False for a conversation of two.</param>
/// <param name="State"><c>active</c>, <c>leaving</c>, <c>left</c> or <c>stranded</c>.</param>
/// <param name="Position">The last position that was processed.</param>
/// <param name="Members">How many people.</param>
/// <param name="Suite">The name of its group's cipher suite; empty where we are not a member.</param>
public sealed record ConversationAnswer(string Id, string Name, bool IsGroup, string State, ulong Position, uint Members, string Suite) : FaceAnswer;

/// <summary>One device in a conversation.</summary>
/// <param name="Pin">Whose.</param>
/// <param name="Name">Their name, or the PIN until it is known.</param>
/// <param name="Device">The device, in hexadecimal.</param>
/// <param name="IsSelf">Whether it is this one.</param>
/// <param name="Suite">The name of the group's cipher suite.</param>
public sealed record MemberAnswer(string Pin, string Name, string Device, bool IsSelf, string Suite) : FaceAnswer;

/// <summary>One line of history.</summary>
/// <param name="Conversation">Its log, in hexadecimal.</param>
/// <param name="ConversationName">Its title, or the other person's name.</param>
/// <param name="Position">Its place in the order; 0 while it is pending. What is no entry of the log has the place it stands behind.</param>
/// <param name="Id">The message's id in hexadecimal; an attachment is saved by it.</param>
/// <param name="From">The sender's PIN.</param>
/// <param name="FromName">The sender's name, or the PIN until it is known.</param>
/// <param name="Device">The sender's device, in hexadecimal.</param>
/// <param name="SentAt">When, by the sender's clock.</param>
/// <param name="Kind"><c>text</c>, <c>attachment</c>, <c>members</c> or <c>unreadable</c>.</param>
/// <param name="Status"><c>received</c>, <c>pending</c>, <c>sent</c> or <c>failed</c>.</param>
/// <param name="Text">The words, or what happened.</param>
/// <param name="File">The file, where it is an attachment.</param>
/// <param name="Reason">Why it was not sent, where it was not.</param>
public sealed record MessageAnswer(
    string Conversation, string ConversationName, ulong Position, string Id, string From, string FromName, string Device,
    DateTimeOffset SentAt, string Kind, string Status, string Text, FileAnswer? File, string? Reason = null) : FaceAnswer;

/// <summary>What is said of a file.</summary>
/// <param name="Name">The file's name as its sender gave it.</param>
/// <param name="MediaType">Its media type.</param>
/// <param name="Size">Its size in bytes.</param>
public sealed record FileAnswer(string Name, string MediaType, ulong Size);

/// <summary>History up to what the server had when the command came is out; what follows is new.</summary>
public sealed record CaughtUpAnswer : FaceAnswer;

/// <summary>The server has acknowledged: in order, each message once.</summary>
/// <param name="Conversation">The log, in hexadecimal.</param>
/// <param name="Messages">What was acknowledged since the last of these.</param>
/// <param name="Total">How many messages of this command have been acknowledged so far.</param>
public sealed record SentAnswer(string Conversation, IReadOnlyList<SentMessage> Messages, int Total) : FaceAnswer;

/// <summary>One acknowledged message.</summary>
/// <param name="Id">Its id in hexadecimal.</param>
/// <param name="Position">Its place in the order.</param>
public sealed record SentMessage(string Id, ulong Position);

/// <summary>How far a file has come.</summary>
/// <param name="Bytes">So many of its bytes.</param>
/// <param name="Size">Of so many.</param>
public sealed record ProgressAnswer(ulong Bytes, ulong Size) : FaceAnswer;

/// <summary>The attachment is on disk.</summary>
/// <param name="Path">The file's full path.</param>
/// <param name="Size">Its size in bytes.</param>
public sealed record SavedAnswer(string Path, ulong Size) : FaceAnswer;
