namespace Holdfast.Protocol;

/// <summary>Whether the vault's store exists and is open.</summary>
public enum VaultState : byte
{
    /// <summary>There is no profile in the folder yet.</summary>
    Empty = 0,

    /// <summary>There is one, and no key to it in memory.</summary>
    Locked = 1,

    /// <summary>The store is open.</summary>
    Unlocked = 2,

    /// <summary>A passcode was given, and a token is being asked for its part: only its answer is a call that fits.</summary>
    Unlocking = 3,
}

/// <summary>Why the vault refused: stable numbers.</summary>
public enum VaultError : byte
{
    /// <summary>The bytes are not a call.</summary>
    Malformed = 1,

    /// <summary>The call does not fit the state: unlock first, or the profile exists already.</summary>
    WrongState = 2,

    /// <summary>The passcode is wrong.</summary>
    WrongPasscode = 3,

    /// <summary>No such conversation, member, contact, message or attachment.</summary>
    NotFound = 4,

    /// <summary>The call cannot be carried out as things are; the text says why and what to do.</summary>
    Refused = 5,

    /// <summary>This profile is a copy of one that went on elsewhere: it sends nothing until its owner has decided for it.</summary>
    Cloned = 6,

    /// <summary>The store could not be written or read (full, damaged, not ours).</summary>
    StoreFailed = 7,

    /// <summary>Members have proposed a change, which must be committed before anything is said (RFC 9420 §12.4).</summary>
    CommitFirst = 8,

    /// <summary>A passcode comes too early after wrong ones; the text says how long to wait.</summary>
    TooManyTries = 9,

    /// <summary>So many old messages are not read back in so short a time without the passcode.</summary>
    QuotaReached = 10,

    /// <summary>The token PIN is wrong or missing, or no more are taken now; the text says what to do.</summary>
    WrongTokenPin = 11,

    /// <summary>The token is not there, failed, did not answer or is not fit; the text says which.</summary>
    TokenFailed = 12,

    /// <summary>
    /// This may be, or is, an older state of the profile than the last: nothing is sealed with its keys until the server has accepted a
    /// login, and, where it is older, until a member has added this device anew.
    /// </summary>
    Outdated = 13,
}

/// <summary>What of the way in is to change.</summary>
public enum AccessChange : byte
{
    /// <summary>The passcode.</summary>
    Passcode = 1,

    /// <summary>The passcode that wipes.</summary>
    Duress = 2,

    /// <summary>After how many wrong passcodes the profile is wiped.</summary>
    WipeAfter = 3,

    /// <summary>After how many minutes without a command the profile locks itself.</summary>
    AutoLock = 4,

    /// <summary>The token: another in its place, a first one, or none.</summary>
    Token = 5,

    /// <summary>How the token is found, and the module in front of it.</summary>
    TokenWay = 6,

    /// <summary>That an open profile which is a copy goes on in the place of the other: with fresh keys in every conversation.</summary>
    Recover = 7,

    /// <summary>Whether the device goes on fetching sealed entries while it is locked.</summary>
    Delivery = 8,
}

/// <summary>Which token the vault asks.</summary>
public enum TokenRole : byte
{
    /// <summary>The one that guards the profile.</summary>
    Enrolled = 1,

    /// <summary>The one that is to guard it from now on.</summary>
    New = 2,
}

/// <summary>What the server has said of a login.</summary>
public enum LoginOutcome : byte
{
    /// <summary>It is the latest: this profile may seal.</summary>
    Accepted = 1,

    /// <summary>Its counter has been seen: this profile is a copy, or was put back.</summary>
    Cloned = 2,
}

/// <summary>What <see cref="ListAll"/> lists.</summary>
public enum Listed : byte
{
    /// <summary>The conversations.</summary>
    Conversations = 1,

    /// <summary>The contacts.</summary>
    Contacts = 2,

    /// <summary>The members of one conversation.</summary>
    Members = 3,

    /// <summary>What is to be done without anybody asking.</summary>
    Due = 4,

    /// <summary>What was asked of the vault that its owner may want to know of.</summary>
    Trail = 5,
}

/// <summary>What a conversation is to us now.</summary>
public enum ConversationState : byte
{
    /// <summary>We are a member.</summary>
    Active = 0,

    /// <summary>We have asked to leave and wait for a member to carry it out.</summary>
    Leaving = 1,

    /// <summary>We are no longer a member.</summary>
    Left = 2,

    /// <summary>We could not follow a change and have asked to be added again.</summary>
    Stranded = 3,
}

/// <summary>What a history item is.</summary>
public enum HistoryKind : byte
{
    /// <summary>A text message.</summary>
    Text = 1,

    /// <summary>An attachment.</summary>
    Attachment = 2,

    /// <summary>Members came or went; the text says who.</summary>
    Members = 3,

    /// <summary>An entry that could not be read; the text says why.</summary>
    Unreadable = 4,
}

/// <summary>How far one of our own messages has come.</summary>
public enum HistoryStatus : byte
{
    /// <summary>Someone else's message.</summary>
    Received = 0,

    /// <summary>Not acknowledged by the server yet.</summary>
    Pending = 1,

    /// <summary>On the server's disk, at its position.</summary>
    Sent = 2,

    /// <summary>It was not sent and will not be; the line says why.</summary>
    Failed = 3,
}

/// <summary>How a contact came to be.</summary>
public enum ContactState : byte
{
    /// <summary>Both sides know each other.</summary>
    Known = 0,

    /// <summary>We asked and wait.</summary>
    Asked = 1,

    /// <summary>They ask; adding them answers.</summary>
    Asks = 2,
}

/// <summary>What is due in a conversation.</summary>
public enum DueKind : byte
{
    /// <summary>A fresh key of ours (within a day of joining, then weekly), or proposals of others to be committed.</summary>
    Commit = 1,

    /// <summary>A stranded member asks to be added again.</summary>
    Readmit = 2,

    /// <summary>We are stranded and ask to be added again.</summary>
    AskToRejoin = 3,
}
