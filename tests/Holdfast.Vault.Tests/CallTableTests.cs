using System.Runtime.CompilerServices;
using Holdfast.Protocol;

namespace Holdfast.Vault.Tests;

/// <summary>Every call in every state of the vault: what is not allowed is refused before anything else looks at it.</summary>
public sealed class CallTableTests
{
    private static readonly Type[] Anywhere = [typeof(GetStatus), typeof(EndVault)];
    private static readonly Type[] OnceThere = [typeof(Unlock), typeof(ChangeAccess)];

    /// <summary>Locked, they answer for fetching sealed entries alone, and only where the owner has chosen that: see DeliveryTests.</summary>
    private static readonly Type[] ToFetch = [typeof(SignLogin), typeof(SignSubscriptions)];

    public static TheoryData<string, VaultState> Cells => [.. Calls().SelectMany(call => Enum.GetValues<VaultState>().Select(state => (call.Name, state)))];

    [Theory, MemberData(nameof(Cells))]
    public void OnlyAllowedCellsAreAllowed(string name, VaultState state)
    {
        var type = Calls().Single(call => call.Name == name);
        bool allowed = (Anywhere.Contains(type) && state != VaultState.Unlocking)
            || (type == typeof(CreateProfile) ? state == VaultState.Empty
            : type == typeof(TokenAnswered) ? state == VaultState.Unlocking
            : OnceThere.Contains(type) || ToFetch.Contains(type) ? state is VaultState.Locked or VaultState.Unlocked
            : state == VaultState.Unlocked);
        var call = (VaultCall)RuntimeHelpers.GetUninitializedObject(type);
        if (allowed) CallTable.Require(call, state);
        else Assert.Equal(VaultError.WrongState, Assert.Throws<VaultException>(() => CallTable.Require(call, state)).Error);
    }

    private static IEnumerable<Type> Calls() => typeof(VaultCall).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(VaultCall)));
}
