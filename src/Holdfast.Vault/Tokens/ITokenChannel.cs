namespace Holdfast.Vault;

/// <summary>
/// Carries frames to a token host and back. The vault starts no process: whoever is on the other side does, and ends the host when an answer
/// takes longer than <see cref="Protocol.TokenLimits.AnswerSeconds"/>.
/// </summary>
internal interface ITokenChannel
{
    /// <summary>Carries one frame there, and the answer's body, without its header, back.</summary>
    /// <returns>Null where no answer came: the host has ended, or was ended. It is then gone for good.</returns>
    byte[]? Exchange(ReadOnlySpan<byte> frame);
}
