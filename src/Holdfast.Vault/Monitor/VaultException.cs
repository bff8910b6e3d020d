using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>A call cannot be carried out. Thrown deep inside, answered once, by the monitor, as <see cref="Failed"/>.</summary>
/// <param name="error">Which kind.</param>
/// <param name="reason">Why and what to do, in a sentence without secrets.</param>
internal sealed class VaultException(VaultError error, string reason) : Exception(reason)
{
    internal VaultError Error => error;
}
