using Holdfast.Cryptography;

namespace Holdfast.Vault;

/// <summary>A passcode that is being tried.</summary>
/// <param name="Stretched">What it was stretched to; owned.</param>
/// <param name="Header">What the file says in the clear.</param>
/// <param name="Slot">What it is to open.</param>
/// <param name="DuressSlot">The other slot's bytes.</param>
/// <param name="IsDuress">Whether it opened that one.</param>
internal sealed record PasscodeTry(Secret Stretched, KeyHeader Header, byte[] Slot, byte[] DuressSlot, bool IsDuress) : IDisposable
{
    public void Dispose() => Stretched.Dispose();

    /// <summary>The kind of thing, never what is in it.</summary>
    public override string ToString() => nameof(PasscodeTry);
}

/// <summary>What a passcode opens, and a token with it where one guards the profile.</summary>
/// <param name="StoreKey">The key of the store; owned.</param>
/// <param name="Header">What the file says in the clear.</param>
/// <param name="HasDuress">Whether a duress passcode was chosen.</param>
/// <param name="DuressSlot">The other slot's bytes.</param>
/// <param name="TokenSecret">What the token brought back; owned.</param>
internal sealed record OpenedKey(Secret StoreKey, KeyHeader Header, bool HasDuress, byte[] DuressSlot, Secret? TokenSecret) : IDisposable
{
    public void Dispose()
    {
        StoreKey.Dispose();
        TokenSecret?.Dispose();
    }

    /// <summary>The kind of thing, never what is in it.</summary>
    public override string ToString() => nameof(OpenedKey);
}
