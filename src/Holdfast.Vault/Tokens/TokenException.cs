using System.Globalization;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>What went wrong with a token, beyond what its host says of itself (<see cref="TokenError"/>).</summary>
internal enum TokenFault
{
    /// <summary>The host could not reach its module or device.</summary>
    Unreachable,

    /// <summary>The token is not there.</summary>
    NoToken,

    /// <summary>The token PIN is wrong.</summary>
    TokenPinWrong,

    /// <summary>The token takes no more tries.</summary>
    TokenPinLocked,

    /// <summary>We take no more tries.</summary>
    TriesUsedUp,

    /// <summary>The key is not there.</summary>
    NoKey,

    /// <summary>The token cannot do it.</summary>
    Unsupported,

    /// <summary>The token or its module failed.</summary>
    DeviceFailed,

    /// <summary>The host ended, or was ended because it took too long.</summary>
    HostEnded,

    /// <summary>An answer was not true, or not one.</summary>
    Lied,

    /// <summary>The key is one that could leave the token, or that it did not make.</summary>
    WeakKey,

    /// <summary>The module's file is another than at enrolment.</summary>
    ModuleChanged,

    /// <summary>The record is damaged, or of another profile or token.</summary>
    BadRecord,
}

/// <summary>A token did not do what it should. Whatever was begun is undone: nobody has half a secret.</summary>
internal sealed class TokenException(TokenFault fault, string reason) : Exception(reason)
{
    internal TokenException(TokenFault fault)
        : this(fault, Say(fault))
    {
    }

    internal TokenFault Fault => fault;

    /// <summary>What a host said of itself, in words.</summary>
    internal static TokenException Of(TokenFailed failed)
    {
        var fault = failed.Error switch
        {
            TokenError.Unreachable => TokenFault.Unreachable,
            TokenError.NoToken => TokenFault.NoToken,
            TokenError.TokenPinWrong => TokenFault.TokenPinWrong,
            TokenError.TokenPinLocked => TokenFault.TokenPinLocked,
            TokenError.NoKey => TokenFault.NoKey,
            TokenError.Unsupported => TokenFault.Unsupported,
            _ => TokenFault.DeviceFailed,
        };
        string code = failed.Code == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" (It said 0x{failed.Code:x}.)");
        return new TokenException(fault, Say(fault) + code);
    }

    private static string Say(TokenFault fault) => fault switch
    {
        TokenFault.Unreachable => "The token's module or device cannot be opened. Is its path right, and its software installed?",
        TokenFault.NoToken => "The token is not there. Put it in and try again.",
        TokenFault.TokenPinWrong => "The token PIN is wrong.",
        TokenFault.TokenPinLocked => "The token has locked itself after too many wrong token PINs. Whoever issued it can unlock it; a TPM unlocks itself after a time.",
        TokenFault.TriesUsedUp => "Too many wrong token PINs were given: wait an hour before the next try.",
        TokenFault.NoKey => "The token has no such key: it is another token, or the key was deleted.",
        TokenFault.Unsupported => "The token cannot do this with a P-256 key.",
        TokenFault.HostEnded => "The token, or its module, did not answer and was ended. Nothing was changed.",
        TokenFault.Lied => "The token gave an answer that is not true, so nothing it says is used. It may be broken, or not what it claims to be.",
        TokenFault.WeakKey => "The token's key could leave the token, so it protects nothing.",
        TokenFault.ModuleChanged => "The token's module is another than the one this profile was set up with. If you have updated it, say so: holdfast token update.",
        TokenFault.BadRecord => "The record of the token is damaged, or belongs to another profile.",
        _ => "The token failed.",
    };
}
