using Holdfast.Protocol;

namespace Holdfast.TokenHost;

/// <summary>A question cannot be answered. Thrown deep inside, answered once, by <see cref="HostLoop"/>, as <see cref="TokenFailed"/>.</summary>
/// <param name="error">Why.</param>
/// <param name="code">What the token said: a CK_RV or a TPM_RC; 0 where it was not asked.</param>
internal sealed class TokenHostException(TokenError error, uint code = 0) : Exception($"{error} ({code:x})")
{
    internal TokenError Error => error;

    internal uint Code => code;
}
