using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>What the vault's trail says, in plain words.</summary>
internal static class TrailWords
{
    internal static TrailAnswer Of(TrailItem item)
    {
        var (word, text) = item.Event switch
        {
            TrailEvent.Opened => ("opened", "the profile was unlocked"),
            TrailEvent.WrongPasscodes => ("wrong-passcodes", item.Count == 1 ? "1 wrong passcode before the right one" : $"{item.Count} wrong passcodes before the right one"),
            TrailEvent.AccessChanged => ("access-changed", "the passcode or the token, or what they do, was changed"),
            TrailEvent.HistoryRead => ("history-read", item.Count == 1 ? "1 old message was read back" : $"{item.Count} old messages were read back"),
            TrailEvent.QuotaReached => ("quota-reached", "more old messages were asked for than are given in a minute"),
            TrailEvent.InviteMade => ("invite-made", item.Count == 1 ? "an invite was made" : $"{item.Count} invites were made"),
            TrailEvent.StrangeCall => ("strange-call", "a program asked the vault for what Holdfast never asks"),
            TrailEvent.Cloned => ("cloned", "the server said that this profile is a copy"),
            TrailEvent.Recovered => ("recovered", "this copy of the profile took the place of the other (holdfast recover)"),
            _ => ("unknown", "something that this version has no word for"),
        };
        return new TrailAnswer(Words.Moment(item.At), word, item.Count, text);
    }
}
