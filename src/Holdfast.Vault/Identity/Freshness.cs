using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// Whether the state that the vault has is the latest there was: a profile's files can be copied, or put back, and a key that the lost state
/// has used must not be used again. Nothing is sealed before the server has accepted a login of this process, whose counter shows what was put
/// back to before the last login. What was put back to after it, the log shows, which Client reads to its end before it has anything sealed
/// (<see cref="OpeningRun"/>): then the conversation is <see cref="Conversation.IsBehind"/>. And what the lost state has sealed and the server
/// has not taken is passed over (<see cref="LoadToSeal"/>).
/// </summary>
internal sealed class Freshness(OpenVault vault)
{
    /// <summary>How many texts Client lets wait in a conversation without the server's acknowledgement; so many keys may be used that no log shows.</summary>
    internal const int Unseen = ProtocolLimits.UnacknowledgedPosts;

    /// <summary>The same for commits and proposals, of which there is one at a time.</summary>
    private const int UnseenHandshakes = 4;

    /// <summary>What a recovery adds to the login counter: more than the other will have logged in since.</summary>
    private const ulong Leap = 1 << 20;

    private readonly bool _wasClosed = vault.Profile.IsClosed;
    private readonly HashSet<LogId> _passed = [], _passedNow = [];   // since the vault began; by the call that is under way
    private bool _asked, _accepted;

    /// <summary>Whether anything may be sealed.</summary>
    internal bool IsProved => _accepted && !vault.Profile.Cloned;

    /// <summary>Whether no login has been signed since the owner chose to go on with this profile: what comes now is about one from before.</summary>
    internal bool IsJustRecovered { get; private set; }

    /// <summary>A login is on its way to the server.</summary>
    internal void Ask() => (_asked, _accepted, IsJustRecovered) = (true, false, false);

    /// <summary>It was accepted: no later state has logged in, and none can without our falling behind in turn.</summary>
    internal void Accept()
    {
        if (!_asked) throw new VaultException(VaultError.WrongState, "No login was signed that could have been accepted.");
        _accepted = true;
    }

    /// <summary>Whether the conversation's keys may be used to send.</summary>
    /// <exception cref="VaultException">They may not.</exception>
    internal void Require(Conversation conversation)
    {
        vault.RequireNotCloned();
        if (!_accepted)
            throw new VaultException(VaultError.Outdated, "The server has not confirmed yet that this is the latest state of the profile: nothing is sealed before it has.");
        if (conversation.IsBehind)
        {
            throw new VaultException(
                VaultError.Outdated,
                "This device's profile was copied, or put back to an earlier state. It has asked to be added to this conversation again, with fresh keys, " +
                "and sends nothing here until a member has done so. Try again in a moment.");
        }
    }

    /// <summary>
    /// The group to seal from. After a vault that did not end in order it begins without the keys that a lost state may have used for what the
    /// server never took, and no log shows. One that did end in order and was put back is behind in its counter, if anything was sealed since.
    /// </summary>
    internal Group LoadToSeal(Conversation conversation)
    {
        Require(conversation);
        var group = vault.Groups.Load(conversation.Log);
        if (_wasClosed || _passed.Contains(conversation.Log) || !_passedNow.Add(conversation.Log)) return group;
        vault.Groups.Save(conversation.Log, group.PassOver(Unseen, UnseenHandshakes));
        return vault.Groups.Load(conversation.Log);
    }

    /// <summary>No other state can have sealed in a conversation that this one is making.</summary>
    internal void Begin(LogId log) => _passedNow.Add(log);

    /// <summary>A call has succeeded: what it passed over is stored.</summary>
    internal void Keep()
    {
        _passed.UnionWith(_passedNow);
        _passedNow.Clear();
    }

    /// <summary>
    /// A failed call has taken back what it passed over, and nothing else: whoever passed over more with each would soon be where no receiver
    /// follows (<see cref="RatchetLimits.MaxForward"/>).
    /// </summary>
    internal void Forget() => _passedNow.Clear();

    /// <summary>
    /// The owner wants to go on with a profile that is behind: the other one falls behind in turn, and no key that it may have used is used
    /// here. Everything is read on; each conversation is sent to again once a member has put a fresh leaf of ours into it.
    /// </summary>
    internal void Recover()
    {
        vault.Profile.LoginCounter = Math.Max(vault.Profile.LoginCounter + Leap, vault.Now);   // the time: more than any recovery of before
        vault.Profile.Cloned = false;
        vault.Profile.Save(vault.Store);
        (_asked, _accepted, IsJustRecovered) = (false, false, true);
        foreach (var conversation in vault.Conversations.All().ToList())
            if (conversation.State is ConversationState.Active or ConversationState.Leaving) vault.Conversations.Save(FallBehind(conversation));
    }

    /// <summary>The conversation as one of which an older state is here than there was.</summary>
    internal Conversation FallBehind(Conversation conversation) => conversation.IsBehind
        ? conversation
        : conversation with
        {
            IsBehind = true,
            Place = conversation.Place ?? RejoinPlace.Of(vault.Groups.Load(conversation.Log)),
            CommitDueAt = vault.Now,
        };
}
