using System.Collections.Frozen;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>In which states of the vault a call may be made: every call has a row, and what has none is refused.</summary>
internal static class CallTable
{
    private static readonly FrozenDictionary<Type, VaultState[]> Rows = new Dictionary<Type, VaultState[]>
    {
        [typeof(GetStatus)] = [VaultState.Empty, VaultState.Locked, VaultState.Unlocked],
        [typeof(CreateProfile)] = [VaultState.Empty],
        [typeof(Unlock)] = [VaultState.Locked, VaultState.Unlocked],   // open, it says whether the passcode is right
        [typeof(ChangeAccess)] = [VaultState.Locked, VaultState.Unlocked],
        [typeof(TokenAnswered)] = [VaultState.Unlocking],   // any other call ends the wait first, and is then judged as without it
        [typeof(EndVault)] = [VaultState.Empty, VaultState.Locked, VaultState.Unlocked],
        [typeof(BeginRegistration)] = [VaultState.Unlocked],
        [typeof(CompleteRegistration)] = [VaultState.Unlocked],
        [typeof(MakeKeyPackages)] = [VaultState.Unlocked],
        [typeof(SignLogin)] = [VaultState.Locked, VaultState.Unlocked],   // locked, by the delivery key and to read, if its owner has it so
        [typeof(ReportLogin)] = [VaultState.Unlocked],
        [typeof(SignSubscriptions)] = [VaultState.Locked, VaultState.Unlocked],   // locked, what was signed before
        [typeof(MakeInvite)] = [VaultState.Unlocked],
        [typeof(ListAll)] = [VaultState.Unlocked],
        [typeof(ReadHistory)] = [VaultState.Unlocked],
        [typeof(AddContact)] = [VaultState.Unlocked],
        [typeof(CreateConversation)] = [VaultState.Unlocked],
        [typeof(AddMembers)] = [VaultState.Unlocked],
        [typeof(RemoveMember)] = [VaultState.Unlocked],
        [typeof(SealTexts)] = [VaultState.Unlocked],
        [typeof(NewAttachment)] = [VaultState.Unlocked],
        [typeof(SealAttachment)] = [VaultState.Unlocked],
        [typeof(FindAttachment)] = [VaultState.Unlocked],
        [typeof(GetOutbox)] = [VaultState.Unlocked],
        [typeof(Reseal)] = [VaultState.Unlocked],
        [typeof(LeaveOutbox)] = [VaultState.Unlocked],
        [typeof(OpenEntries)] = [VaultState.Unlocked],
        [typeof(OpenInbox)] = [VaultState.Unlocked],
        [typeof(PerformDue)] = [VaultState.Unlocked],
    }.ToFrozenDictionary();

    /// <summary>Whether the call fits the state.</summary>
    internal static bool Allows(VaultCall call, VaultState state) => Rows.TryGetValue(call.GetType(), out var states) && states.Contains(state);

    /// <exception cref="VaultException">The call does not fit the state.</exception>
    internal static void Require(VaultCall call, VaultState state)
    {
        if (Allows(call, state)) return;
        throw new VaultException(VaultError.WrongState, state switch
        {
            _ when call is TokenAnswered => "No token was asked anything.",
            VaultState.Empty => "There is no profile yet: join with an invite.",
            VaultState.Locked when call is CreateProfile => "There is a profile in this folder already.",
            VaultState.Locked => "The vault is locked.",
            _ => "There is a profile in this folder already.",
        });
    }
}
