using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>What stands in the history in the place of an entry that was not followed: why, and what happens or can be done.</summary>
internal static class QuarantineReason
{
    internal const string Unreadable = "This entry could not be read.";

    internal const string CannotFollow =
        "A change to this conversation was made in a way this device cannot follow. It asks to be added again.";

    internal const string AwayTooLong =
        "This device was away for longer than the log keeps what is posted, and has missed a change to this conversation. " +
        "It asks to be added again.";

    internal const string Behind =
        "This device has sent what it knows nothing of: its profile was copied, or put back to an earlier state. It sends nothing here until a " +
        "member has added it again, with fresh keys. If you have not put it back yourself, somebody may have a copy.";

    /// <summary>The log goes another way than the Welcome of <paramref name="adder"/>.</summary>
    internal static string AnotherCourse(string adder) =>
        $"{adder} sent this device a welcome that does not fit the change it names: what {adder} shows is not what the others have. " +
        "Speak to another member to be added.";

    /// <summary>By a change of <paramref name="committer"/> somebody would have another identity key than the one that was pinned.</summary>
    internal static string AnotherIdentity(Pin pin, string committer) =>
        $"A change to this conversation, made by {committer}, names {pin} with another identity key than the one you know them by: the others " +
        "may follow it, this device does not. Speak to them before you go on.";

    /// <summary>A conversation that we began ourselves came to be with somebody who is not who we have met since.</summary>
    internal static string BegunWithAnother(Pin pin) =>
        $"This conversation was begun with {pin} under another identity key than the one you know them by now: whoever has that key is in it, " +
        "this device is not. Speak to them, and begin another.";

    /// <summary>What was said in a group that somebody is in under a false key.</summary>
    internal static string SaidByAnother(Pin pin) =>
        $"This was written in the name of {pin}, with another identity key than the one you know them by.";
}
