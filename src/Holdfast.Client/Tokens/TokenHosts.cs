using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>
/// The token hosts of one call to the vault: each is started when the vault first asks its token something, and ended with the call. A
/// token is asked by one host at a time, for some speak to one only. Who names the module cannot be known before the profile is open: so none is
/// started for a module that anybody but root could have made.
/// </summary>
/// <param name="program">The host's executable.</param>
/// <param name="enrolled">How the token that guards the profile is found; null where that is not known.</param>
/// <param name="other">How the one is found that is to guard it.</param>
internal sealed class TokenHosts(string program, TokenHostSettings? enrolled, TokenHostSettings? other) : IDisposable
{
    private TokenHostProcess? _host;
    private TokenRole _role;

    /// <summary>Why a token was not asked, in a sentence; null where none was kept back.</summary>
    internal string? Refusal { get; private set; }

    /// <summary>Has the token asked, and wipes the question.</summary>
    /// <returns>What the vault is to be told.</returns>
    internal TokenAnswered Answer(AskToken ask)
    {
        try { return new TokenAnswered(Reach(ask.Role)?.Exchange(ask.Frame) ?? []); }
        finally { CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(ask.Frame).Span); }   // a token PIN may be in it
    }

    /// <summary>What stands around a host of the token that guards the profile, as it says itself. Its module is not loaded for that.</summary>
    internal HostWalls? Walls()
    {
        byte[] body = Answer(new AskToken(TokenRole.Enrolled, TokenFrame.Wrap<TokenCall>(new DescribeHost()))).Answer.ToArray();
        try { return body.Length > 0 && TokenFrame.Read<TokenReply>(body) is HostDescribed described ? described.Walls : null; }
        catch (Codec.CodecException) { return null; }
    }

    /// <inheritdoc/>
    public void Dispose() => _host?.Dispose();

    private TokenHostProcess? Reach(TokenRole role)
    {
        if (_host is not null && _role == role) return _host;
        _host?.Dispose();
        (_host, _role) = (null, role);
        if ((role == TokenRole.Enrolled ? enrolled : other) is not { } settings) return null;
        if (!settings.IsTpm && !InstalledFiles.IsOfRoot(settings.Path))   // a TPM's path leads to no code
        {
            Refusal = "The token's module can be changed by your own programs, so it is not loaded: install it where only root writes, for example /usr/lib.";
            return null;
        }
        try { return _host = TokenHostProcess.Start(program, settings); }
        catch (Win32Exception) { return null; }   // it is not there; the vault says that nobody answers
    }
}
