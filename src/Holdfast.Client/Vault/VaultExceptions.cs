using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>The vault refused a call; nothing was changed.</summary>
internal sealed class VaultRefusedException(VaultError error, string reason) : Exception(reason)
{
    internal VaultError Error => error;

    /// <summary>Whether the same call may succeed later without anybody doing anything.</summary>
    internal bool MayPass => error is VaultError.StoreFailed or VaultError.Outdated;
}

/// <summary>The vault's process has ended: whoever needs it ends too.</summary>
internal sealed class VaultEndedException() : Exception("the vault has ended");
