using System.Text.Json.Serialization;
using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>What a face asks of the agent: one JSON object per frame, told apart by its <c>type</c>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(StatusCommand), "status")]
[JsonDerivedType(typeof(JoinCommand), "join")]
[JsonDerivedType(typeof(UnlockCommand), "unlock")]
[JsonDerivedType(typeof(LockCommand), "lock")]
[JsonDerivedType(typeof(WipeCommand), "wipe")]
[JsonDerivedType(typeof(ChangePasscodeCommand), "change-passcode")]
[JsonDerivedType(typeof(SetDuressCommand), "set-duress")]
[JsonDerivedType(typeof(SetWipeAfterCommand), "set-wipe-after")]
[JsonDerivedType(typeof(RecoverCommand), "recover")]
[JsonDerivedType(typeof(SetAutoLockCommand), "set-auto-lock")]
[JsonDerivedType(typeof(SetDeliveryCommand), "set-delivery")]
[JsonDerivedType(typeof(TrailCommand), "trail")]
[JsonDerivedType(typeof(AddTokenCommand), "add-token")]
[JsonDerivedType(typeof(UpdateTokenCommand), "update-token")]
[JsonDerivedType(typeof(RemoveTokenCommand), "remove-token")]
[JsonDerivedType(typeof(InviteCommand), "invite")]
[JsonDerivedType(typeof(ContactsCommand), "contacts")]
[JsonDerivedType(typeof(AddContactCommand), "add-contact")]
[JsonDerivedType(typeof(DevicesCommand), "devices")]
[JsonDerivedType(typeof(ConversationsCommand), "conversations")]
[JsonDerivedType(typeof(GroupCreateCommand), "group-create")]
[JsonDerivedType(typeof(GroupAddCommand), "group-add")]
[JsonDerivedType(typeof(GroupRemoveCommand), "group-remove")]
[JsonDerivedType(typeof(GroupLeaveCommand), "group-leave")]
[JsonDerivedType(typeof(GroupMembersCommand), "group-members")]
[JsonDerivedType(typeof(SendTextCommand), "send-text")]
[JsonDerivedType(typeof(TextLines), "text-lines")]
[JsonDerivedType(typeof(SendFileCommand), "send-file")]
[JsonDerivedType(typeof(ReadCommand), "read")]
[JsonDerivedType(typeof(SearchCommand), "search")]
[JsonDerivedType(typeof(SaveCommand), "save")]
public abstract record FaceCommand
{
    /// <summary>The kind of command and nothing of what is in it: commands carry passcodes, invites and words.</summary>
    public sealed override string ToString() => GetType().Name;
}

/// <summary>A command that takes the passcode, and the token PIN with it where a token guards the profile.</summary>
public abstract record UnlockingCommand : FaceCommand
{
    /// <summary>The token PIN; empty where no token guards the profile.</summary>
    [JsonConverter(typeof(PinnedBytesConverter))]
    public byte[] TokenPin { get; init; } = [];
}

/// <summary>Answered by <see cref="StatusAnswer"/> in every state; what <c>whoami</c> shows, too.</summary>
/// <param name="WithTokenHost">Whether a token host is to be started, where a token guards the profile, to say what stands around it.</param>
public sealed record StatusCommand(bool WithTokenHost = false) : FaceCommand;

/// <summary>
/// Makes the profile if there is none and the account on the server; goes on where an interrupted one stopped.
/// Answered by <see cref="StatusAnswer"/>.
/// </summary>
/// <param name="Invite">The invite's line.</param>
/// <param name="Name">The display name.</param>
/// <param name="Passcode">What unlocks the profile from now on.</param>
public sealed record JoinCommand(
    string Invite,
    string Name,
    [property: JsonConverter(typeof(PinnedBytesConverter))] byte[] Passcode) : UnlockingCommand;

/// <summary>Opens the profile. Answered by <see cref="StatusAnswer"/>.</summary>
/// <param name="Passcode">The passcode.</param>
public sealed record UnlockCommand([property: JsonConverter(typeof(PinnedBytesConverter))] byte[] Passcode) : UnlockingCommand
{
    /// <summary>The most bytes of a passcode.</summary>
    public const int MostPasscodeBytes = ProtocolLimits.PasscodeBytes;

    /// <summary>The most bytes of a token PIN.</summary>
    public const int MostTokenPinBytes = TokenLimits.TokenPinBytes;
}

/// <summary>Wipes the keys from memory; the vault and then the agent end.</summary>
public sealed record LockCommand : FaceCommand;

/// <summary>Destroys the profile's keys and files; the vault and then the agent end.</summary>
public sealed record WipeCommand : FaceCommand;

/// <summary>Changes the passcode, be the profile open or not.</summary>
/// <param name="Passcode">The passcode so far.</param>
/// <param name="Replacement">The new one.</param>
public sealed record ChangePasscodeCommand(
    [property: JsonConverter(typeof(PinnedBytesConverter))] byte[] Passcode,
    [property: JsonConverter(typeof(PinnedBytesConverter))] byte[] Replacement) : UnlockingCommand;

/// <summary>Chooses the passcode that destroys the profile's key.</summary>
/// <param name="Passcode">The passcode.</param>
/// <param name="Duress">The other one; empty for none.</param>
public sealed record SetDuressCommand(
    [property: JsonConverter(typeof(PinnedBytesConverter))] byte[] Passcode,
    [property: JsonConverter(typeof(PinnedBytesConverter))] byte[] Duress) : UnlockingCommand;

/// <summary>Chooses after how many wrong passcodes in a row the profile's key is destroyed.</summary>
/// <param name="Passcode">The passcode.</param>
/// <param name="Tries">How many, 5 to 255; 0 for never.</param>
public sealed record SetWipeAfterCommand(
    [property: JsonConverter(typeof(PinnedBytesConverter))] byte[] Passcode,
    byte Tries) : UnlockingCommand;

/// <summary>Puts a token in front of the profile, or another in the place of the one there is.</summary>
/// <param name="Passcode">The passcode.</param>
/// <param name="Settings">How it is found.</param>
/// <param name="Label">Its label; empty for the only one there.</param>
/// <param name="NewTokenPin">Its token PIN. The base's is that of the one there is.</param>
public sealed record AddTokenCommand(
    [property: JsonConverter(typeof(PinnedBytesConverter))] byte[] Passcode,
    TokenHostSettings Settings,
    string Label,
    [property: JsonConverter(typeof(PinnedBytesConverter))] byte[] NewTokenPin) : UnlockingCommand
{
    /// <summary>The id of a key that is on it already, to take that one; empty for one that it makes.</summary>
    public byte[] Key { get; init; } = [];

    /// <summary>The most bytes of a key's id.</summary>
    public const int MostKeyBytes = TokenLimits.KeyHandleBytes;

    /// <summary>The most bytes of a label.</summary>
    public const int MostLabelBytes = TokenLimits.LabelBytes;
}

/// <summary>Takes the module that is in front of the token now, or that it is behind now, for the right one.</summary>
/// <param name="Passcode">The passcode.</param>
/// <param name="Settings">How the token is found from now on; null for as before.</param>
public sealed record UpdateTokenCommand(
    [property: JsonConverter(typeof(PinnedBytesConverter))] byte[] Passcode,
    TokenHostSettings? Settings) : UnlockingCommand;

/// <summary>From now on the passcode alone opens the profile.</summary>
/// <param name="Passcode">The passcode.</param>
public sealed record RemoveTokenCommand([property: JsonConverter(typeof(PinnedBytesConverter))] byte[] Passcode) : UnlockingCommand;

/// <summary>Goes on with an open profile that is a copy, or was put back, in the place of the other. Answered by <see cref="StatusAnswer"/>.</summary>
/// <param name="Passcode">The passcode.</param>
public sealed record RecoverCommand(byte[] Passcode) : UnlockingCommand;

/// <summary>Makes invites and tells the server. Answered by one <see cref="InviteAnswer"/> each.</summary>
/// <param name="Count">How many invites, 1 to <see cref="MostInvites"/>.</param>
/// <param name="Days">After how many days they expire, 1 to <see cref="MostDays"/>.</param>
public sealed record InviteCommand(int Count, int Days) : FaceCommand
{
    /// <summary>The most invites that are made at a time.</summary>
    public const int MostInvites = 100;

    /// <summary>The most days an invite lasts.</summary>
    public const int MostDays = ProtocolLimits.InviteDays;
}

/// <summary>Answered by one <see cref="ContactAnswer"/> each, after looking into the inbox where the server can be reached.</summary>
public sealed record ContactsCommand : FaceCommand;

/// <summary>Makes acquaintance. Answered by <see cref="ContactAnswer"/>.</summary>
/// <param name="Person">A PIN or an invite.</param>
public sealed record AddContactCommand(string Person) : FaceCommand;

/// <summary>Chooses after how many minutes without a command the profile locks itself.</summary>
/// <param name="Passcode">The passcode.</param>
/// <param name="Minutes">So many; 0 for never.</param>
public sealed record SetAutoLockCommand(
    [property: JsonConverter(typeof(PinnedBytesConverter))] byte[] Passcode,
    ushort Minutes) : UnlockingCommand;

/// <summary>Chooses whether the device goes on fetching sealed messages while the profile is locked.</summary>
/// <param name="Passcode">The passcode.</param>
/// <param name="Delivers">Whether it does.</param>
public sealed record SetDeliveryCommand(
    [property: JsonConverter(typeof(PinnedBytesConverter))] byte[] Passcode,
    bool Delivers) : UnlockingCommand;

/// <summary>Answered by one <see cref="TrailAnswer"/> each, the latest first.</summary>
/// <param name="Limit">At most so many.</param>
public sealed record TrailCommand(int Limit) : FaceCommand;

/// <summary>Answered by one <see cref="DeviceAnswer"/> each.</summary>
public sealed record DevicesCommand : FaceCommand;

/// <summary>Answered by one <see cref="ConversationAnswer"/> each, after looking into the inbox where the server can be reached.</summary>
public sealed record ConversationsCommand : FaceCommand;

/// <summary>Answered by <see cref="ConversationAnswer"/> once every member has been invited.</summary>
/// <param name="Name">The title.</param>
/// <param name="Members">Contacts, by name or PIN.</param>
public sealed record GroupCreateCommand(string Name, IReadOnlyList<string> Members) : FaceCommand;

/// <summary>Adds people.</summary>
/// <param name="Conversation">Which.</param>
/// <param name="Members">Contacts, by name or PIN.</param>
public sealed record GroupAddCommand(string Conversation, IReadOnlyList<string> Members) : FaceCommand;

/// <summary>Removes a person with all devices.</summary>
/// <param name="Conversation">Which.</param>
/// <param name="Member">A member, by name or PIN.</param>
public sealed record GroupRemoveCommand(string Conversation, string Member) : FaceCommand;

/// <summary>Asks the others to take us out.</summary>
/// <param name="Conversation">Which.</param>
public sealed record GroupLeaveCommand(string Conversation) : FaceCommand;

/// <summary>Answered by one <see cref="MemberAnswer"/> per device.</summary>
/// <param name="Conversation">Which.</param>
public sealed record GroupMembersCommand(string Conversation) : FaceCommand;

/// <summary>
/// Sends texts to one conversation: <see cref="TextLines"/> follow on the same connection until one says that it is the last.
/// Answered by <see cref="SentAnswer"/> as the server acknowledges.
/// </summary>
/// <param name="Conversation">Which; a contact's name or PIN starts a conversation of two.</param>
public sealed record SendTextCommand(string Conversation) : FaceCommand;

/// <summary>Messages for the running <see cref="SendTextCommand"/>.</summary>
/// <param name="Texts">One message each.</param>
/// <param name="Last">Whether no more follow.</param>
public sealed record TextLines(IReadOnlyList<string> Texts, bool Last) : FaceCommand;

/// <summary>Sends a file. Answered by <see cref="ProgressAnswer"/> on the way and <see cref="SentAnswer"/> at the end.</summary>
/// <param name="Conversation">Which.</param>
/// <param name="Path">The file's full path.</param>
public sealed record SendFileCommand(string Conversation, string Path) : FaceCommand;

/// <summary>Catches up with the server, then answers with history as <see cref="MessageAnswer"/>, oldest first.</summary>
/// <param name="Conversation">Which; null for all.</param>
/// <param name="Follow">Whether to go on with what comes, until the face hangs up; <see cref="CaughtUpAnswer"/> stands between.</param>
/// <param name="Since">Only behind this position.</param>
/// <param name="Limit">At most so many before following: the newest, or with <paramref name="Since"/> the next.</param>
public sealed record ReadCommand(string? Conversation, bool Follow, ulong? Since, uint? Limit) : FaceCommand;

/// <summary>Catches up with the server, then answers with what has all of these words as <see cref="MessageAnswer"/>, newest first.</summary>
/// <param name="Words">What is searched for, separated by spaces.</param>
/// <param name="Conversation">Which; null for all.</param>
/// <param name="Limit">At most so many.</param>
public sealed record SearchCommand(string Words, string? Conversation, uint Limit) : FaceCommand
{
    /// <summary>How many are asked for where nobody says.</summary>
    public const uint UsualLimit = 50;
}

/// <summary>Fetches an attachment. Answered by <see cref="ProgressAnswer"/> on the way and <see cref="SavedAnswer"/> at the end.</summary>
/// <param name="Id">The message's id.</param>
/// <param name="Directory">The folder's full path.</param>
public sealed record SaveCommand(string Id, string Directory) : FaceCommand;
